/**
 * An item as JSON text that Postgres writes: what is read for one article would otherwise be taken apart, column by
 * column, only to be put together again, which takes longer than all else there is to do.
 */
import { articleAddress } from './addresses.ts'
import { corrections, endsIn, tagName, templateOf } from './items.ts'

const quoted = (sql: string) => `to_json(${sql})`
const orNull = (sql: string) => `coalesce(${sql}::text, 'null')`
/** For `concat`: `json_build_object` costs as much, and would write spaces. */
const membersOf = (members: [name: string, json: string][]) =>
  members.map(([name, json], place) => `'${place > 0 ? ',' : ''}"${name}":', ${json}`).join(', ')

/** Of each line, the first characters are the id. */
const ID = 36
/** In order, a line each: the id, and the object that is shown. JSON has no line ends of its own. */
const linesOf = (id: string, members: [name: string, json: string][], from: string) =>
  `(SELECT string_agg(concat(${id}, '{', ${membersOf(members)}, '}'), E'\\n' ORDER BY x.position) FROM ${from} WHERE x.publication_id = p.id)`

const authors = linesOf(
  'a.id',
  [
    ['slug', quoted('a.slug')],
    ['name', quoted('a.name')]
  ],
  'publication_authors x JOIN public_authors a ON a.id = x.author_id'
)
const tags = linesOf(
  't.id',
  [
    ['id', quoted('t.id')],
    ['kind', quoted('t.kind')],
    ['slug', quoted('t.slug')],
    ['name', orNull(`to_json(${tagName.text})`)],
    ['locale', orNull(`to_json(${tagName.locale})`)]
  ],
  'publication_tags x JOIN public_tags t ON t.id = x.tag_id'
)

/** Members that need nothing from here, in the order the API shows them: what stands before its tags, and after them. */
const upToTags = membersOf([
  ['headline', quoted('p.headline')],
  ['kicker', quoted('p.kicker')],
  ['standfirst', quoted('p.standfirst')]
])
const afterTags = membersOf([
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
  upToTags: string
  authors: string | null
  source: string
  tags: string | null
  afterTags: string
  publishedAt: Date
  updatedAt: Date
  /** Seconds until its publication ends; null when nobody has said when. */
  endsIn: number | null
}

const columns: Record<keyof ItemText, string> = {
  id: 'p.article_id',
  storyId: 'p.story_id',
  locale: 'p.locale',
  slug: 'p.slug',
  articleUrl: templateOf('s.article_url'),
  upToTags: `concat(${upToTags})`,
  authors,
  source: orNull('p.source'),
  tags,
  afterTags: `concat(${afterTags})`,
  // Moments are written out faster here than by `to_char`.
  publishedAt: 'p.published_at',
  updatedAt: 'p.updated_at',
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
    `{"id":"${id}","storyId":"${storyId}","locale":"${locale}","slug":"${slug}","url":${url},${row.upToTags},` +
    `"authors":${listIn(row.authors)},"source":${row.source},"tags":${listIn(row.tags)},${row.afterTags},` +
    `"publishedAt":"${publishedAt.toISOString()}","updatedAt":"${updatedAt.toISOString()}"`
  )
}

const lines = (text: string | null) => (text === null ? [] : text.split('\n'))
const listIn = (text: string | null) => `[${lines(text).map((line) => line.slice(ID))}]`

/** Surrogate keys of the article with its tags, authors and address. */
export function keysOf({ id, tags, authors }: ItemText): string[] {
  const keys = ['addresses', `article:${id}`]
  for (const line of lines(tags)) keys.push(`tag:${line.slice(0, ID)}`)
  for (const line of lines(authors)) keys.push(`author:${line.slice(0, ID)}`)
  return keys
}
