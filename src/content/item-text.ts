/**
 * An item as JSON text that Postgres writes: what is read for one article would otherwise be taken apart, column by
 * column, only to be put together again, which takes longer than all else there is to do.
 */
import { articleAddress } from './addresses.ts'
import { corrections, endsIn, tagName, templateOf } from './items.ts'

const quoted = (sql: string) => `to_json(${sql})`
const orNull = (sql: string) => `coalesce(${sql}::text, 'null')`
/** `concat` and not `json_build_object`: it looks for no types, and writes no spaces. */
const membersOf = (members: [name: string, json: string][]) =>
  members.map(([name, json], place) => `'${place > 0 ? ',' : ''}"${name}":', ${json}`).join(', ')
const listOf = (json: string) => `'[', ${json}, ']'`

/** What stands beside `publications p` and its site: `json` of its tags and authors, without brackets, and surrogate `keys`. */
export const itemTextJoins = `
  LEFT JOIN LATERAL (
    SELECT string_agg(concat('{', ${membersOf([
      ['id', quoted('t.id')],
      ['kind', quoted('t.kind')],
      ['slug', quoted('t.slug')],
      ['name', orNull(`to_json(${tagName.text})`)],
      ['locale', orNull(`to_json(${tagName.locale})`)]
    ])}, '}'), ',' ORDER BY x.position) AS json, string_agg('tag:' || t.id, ' ') AS keys
    FROM publication_tags x JOIN public_tags t ON t.id = x.tag_id WHERE x.publication_id = p.id
  ) tagged ON true
  LEFT JOIN LATERAL (
    SELECT string_agg(concat('{', ${membersOf([
      ['slug', quoted('a.slug')],
      ['name', quoted('a.name')]
    ])}, '}'), ',' ORDER BY x.position) AS json, string_agg('author:' || a.id, ' ') AS keys
    FROM publication_authors x JOIN public_authors a ON a.id = x.author_id WHERE x.publication_id = p.id
  ) signed ON true`

/** Members that need nothing from here, in the order the API shows them. */
const members = membersOf([
  ['headline', quoted('p.headline')],
  ['kicker', quoted('p.kicker')],
  ['standfirst', quoted('p.standfirst')],
  ['authors', listOf('signed.json')],
  ['source', orNull('p.source')],
  ['tags', listOf('tagged.json')],
  ['image', orNull('p.image')],
  ['dateline', quoted('p.dateline')],
  ['breaking', quoted('p.breaking')],
  ['accessibleForFree', quoted('p.accessible_for_free')],
  ['sensitive', quoted('p.sensitive')],
  ['wordCount', 'p.word_count'],
  ['seo', 'p.seo'],
  ['rights', orNull('p.rights')],
  ['corrections', corrections]
])

export type ItemText = {
  id: string
  storyId: string
  locale: string
  slug: string
  articleUrl: string | null
  members: string
  publishedAt: Date
  updatedAt: Date
  /** Surrogate keys of its tags and authors, with spaces between. */
  keys: string
  /** Seconds until its publication ends; null when nobody has said when. */
  endsIn: number | null
}

const columns: Record<keyof ItemText, string> = {
  id: 'p.article_id',
  storyId: 'p.story_id',
  locale: 'p.locale',
  slug: 'p.slug',
  articleUrl: templateOf('s.article_url'),
  members: `concat(${members})`,
  // Moments are written out faster here than by `to_char`.
  publishedAt: 'p.published_at',
  updatedAt: 'p.updated_at',
  keys: `concat_ws(' ', tagged.keys, signed.keys)`,
  endsIn
}

export const itemTextNames = Object.keys(columns)
export const itemText = Object.entries(columns)
  .map(([name, sql]) => `${sql} AS "${name}"`)
  .join(', ')

/** The item as a JSON object without its last brace: a whole one has more members. */
export function openItem(row: ItemText, publicUrl: string): string {
  const { id, storyId, locale, slug, articleUrl, publishedAt, updatedAt } = row
  const url = JSON.stringify(articleAddress(articleUrl, publicUrl, locale, slug))
  return (
    `{"id":"${id}","storyId":"${storyId}","locale":"${locale}","slug":"${slug}","url":${url},${row.members},` +
    `"publishedAt":"${publishedAt.toISOString()}","updatedAt":"${updatedAt.toISOString()}"`
  )
}

/** Surrogate keys of the article with its tags, authors and address. */
export const keysOf = ({ id, keys }: ItemText) =>
  keys === '' ? ['addresses', `article:${id}`] : ['addresses', `article:${id}`, ...keys.split(' ')]
