/** A live article as lists show it: the columns of `publications p` and what stands around it. */
import { articleAddress } from './addresses.ts'
import { ArticleItem } from './schema.ts'

/** The site of a publication's own locale: its address template and where its tags' names fall back to. */
export const siteOf = 'LEFT JOIN public_sites s ON s.locale = p.locale'

/** The template of a locale without a site of its own is the default site's. */
export const templateOf = (template: string) =>
  `coalesce(${template}, (SELECT d.article_url FROM public_sites d WHERE d.is_default))`

/** Of tag `t`, what `bestText` gives, but looked for only where the publication's own locale has no name. */
const elsewhere = 'best_locale(t.names, s.fallbacks)'
export const tagName = {
  text: `CASE WHEN t.names ? p.locale THEN t.names ->> p.locale ELSE t.names ->> ${elsewhere} END`,
  locale: `CASE WHEN t.names ? p.locale THEN p.locale ELSE ${elsewhere} END`
}
const tagObject = `json_build_object('id', t.id, 'kind', t.kind, 'slug', t.slug, 'name', ${tagName.text}, 'locale', ${tagName.locale})`
/** With its id, by which an answer is found again when the author changes; it is not shown. */
const authorObject = `json_build_object('id', a.id, 'slug', a.slug, 'name', a.name)`

const authors = `
  (SELECT coalesce(json_agg(${authorObject} ORDER BY x.position), '[]')
   FROM publication_authors x JOIN public_authors a ON a.id = x.author_id WHERE x.publication_id = p.id)`

/** Names in the publication's locale, else along its site's chain, else whatever there is; `locale` says which. */
const tags = `
  (SELECT coalesce(json_agg(${tagObject} ORDER BY x.position), '[]')
   FROM publication_tags x JOIN public_tags t ON t.id = x.tag_id WHERE x.publication_id = p.id)`

export const stamp = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** What was put right up to this publication, earliest first. */
export const corrections = `
  (SELECT coalesce(json_agg(json_build_object('at', ${stamp('c.live_from')}, 'text', c.correction) ORDER BY c.live_from), '[]')
   FROM publications c WHERE c.article_id = p.article_id AND c.correction IS NOT NULL AND c.live_from <= p.live_from)`

/** When this publication began; a minor one keeps the time of the last that was not. */
export const updatedAt = 'p.updated_at'

export type ItemRow = {
  id: string
  storyId: string
  locale: string
  slug: string
  articleUrl: string | null
  headline: string
  kicker: string
  standfirst: string
  authors: { id: string; slug: string; name: string }[]
  source: { name: string; url: string } | null
  tags: { id: string; kind: 'topic'; slug: string; name: string; locale: string }[]
  image: object | null
  dateline: string
  breaking: boolean
  accessibleForFree: boolean
  sensitive: boolean
  wordCount: number
  seo: { title: string | null; description: string | null; canonicalUrl: string | null }
  rights: { licence: string | null; notice: string | null } | null
  corrections: { at: string; text: string }[]
  publishedAt: Date
  updatedAt: Date
  /** Seconds until its publication ends; null when nobody has said when. It is not shown. */
  endsIn: number | null
}

/** Members that are a column of their own. */
const columns = {
  id: 'article_id',
  storyId: 'story_id',
  locale: 'locale',
  slug: 'slug',
  headline: 'headline',
  kicker: 'kicker',
  standfirst: 'standfirst',
  source: 'source',
  image: 'image',
  dateline: 'dateline',
  breaking: 'breaking',
  accessibleForFree: 'accessible_for_free',
  sensitive: 'sensitive',
  wordCount: 'word_count',
  seo: 'seo',
  rights: 'rights',
  publishedAt: 'published_at',
  updatedAt: 'updated_at'
} as const

export const endsIn = "date_part('epoch', p.live_until - now())"

/** Needs `siteOf` beside `publications p`. For a few; a page of them is read faster by `readItems`, one by `item-text.ts`. */
export const itemColumns = `
  ${Object.entries(columns).map(([member, column]) => `p.${column} AS "${member}"`)},
  ${templateOf('s.article_url')} AS "articleUrl", ${authors} AS authors, ${tags} AS tags, ${corrections} AS corrections,
  ${endsIn} AS "endsIn"`

/** An item as the API shows it, but for the ids of its authors, which its schema does not have. */
export function shownItem({ articleUrl, endsIn: _, ...row }: ItemRow, publicUrl: string) {
  return { ...row, url: articleAddress(articleUrl, publicUrl, row.locale, row.slug) }
}

// ---- Pages of items ----------------------------------------------------------------------------------------------------

/** In the order the API shows them. */
export const itemFields = Object.keys(ArticleItem.properties) as ItemField[]

export type ItemField = keyof typeof columns | 'url' | 'authors' | 'tags' | 'corrections'

/** What of a row is known whatever was asked for: it makes cursors and surrogate keys. */
export type Found = Partial<ItemRow> & Pick<ItemRow, 'id' | 'locale' | 'publishedAt' | 'updatedAt' | 'endsIn'>

/** What `readItems` calls the publications of the page. */
const PAGE = 'page'

const known: ItemField[] = ['id', 'locale', 'publishedAt', 'updatedAt']

/**
 * A statement that reads items. `page` writes the SELECT of their publications, given the columns of `p` it must have;
 * `order` sorts them in the end. Tags and authors of all of them are gathered in one pass each: one subselect for
 * each item takes a third longer. `before` are WITH queries that `page`, or `columns` besides, are
 * made from.
 */
export function readItems(
  page: (columns: string) => string,
  order: string,
  fields = itemFields,
  { before = '', columns: more = [] as string[] } = {}
): string {
  const has = (field: ItemField) => fields.includes(field)
  const read = new Set<keyof typeof columns>()
  for (const field of [...known, ...fields]) if (field in columns) read.add(field as keyof typeof columns)
  if (has('url')) read.add('slug')
  const inner = [...read].map((member) => `p.${columns[member]}`)
  const outer = [...read].map((member) => `p.${columns[member]} AS "${member}"`).concat(more)
  inner.push('p.live_until')
  outer.push(`${endsIn} AS "endsIn"`)
  const gathered: string[] = []
  const joins: string[] = []
  if (has('url')) outer.push(`${templateOf('s.article_url')} AS "articleUrl"`)
  if (has('url') || has('tags')) joins.push(siteOf)
  if (has('corrections')) {
    inner.push('p.live_from')
    outer.push(
      `CASE WHEN EXISTS (SELECT FROM publications c WHERE c.article_id = p.article_id AND c.correction IS NOT NULL) THEN ${corrections} ELSE '[]' END AS corrections`
    )
  }
  if (has('tags')) {
    gathered.push(`tagged AS MATERIALIZED (SELECT p.id, json_agg(${tagObject} ORDER BY x.position) AS tags
      FROM ${PAGE} p ${siteOf} JOIN publication_tags x ON x.publication_id = p.id JOIN public_tags t ON t.id = x.tag_id GROUP BY p.id)`)
    joins.push('LEFT JOIN tagged ON tagged.id = p.id')
    outer.push(`coalesce(tagged.tags, '[]') AS tags`)
  }
  if (has('authors')) {
    gathered.push(`signed AS MATERIALIZED (SELECT p.id, json_agg(${authorObject} ORDER BY x.position) AS authors
      FROM ${PAGE} p JOIN publication_authors x ON x.publication_id = p.id JOIN public_authors a ON a.id = x.author_id GROUP BY p.id)`)
    joins.push('LEFT JOIN signed ON signed.id = p.id')
    outer.push(`coalesce(signed.authors, '[]') AS authors`)
  }
  const parts = [`${PAGE} AS MATERIALIZED (${page(['p.id', ...inner].join(', '))})`, ...gathered]
  return `WITH ${before} ${parts.join(', ')} SELECT ${outer.join(', ')} FROM ${PAGE} p ${joins.join(' ')} ORDER BY ${order}`
}

/** Of an item, the members asked for, in their order and as the API shows them. Whatever else was read stays here. */
export function itemOf(row: Found, publicUrl: string, fields = itemFields): Record<string, unknown> {
  const item: Record<string, unknown> = {}
  for (const field of fields) {
    if (field === 'url')
      item.url = articleAddress(row.articleUrl as string | null, publicUrl, row.locale, row.slug as string)
    else if (field === 'authors') item.authors = row.authors?.map(({ slug, name }) => ({ slug, name }))
    else item[field] = row[field]
  }
  return item
}

/**
 * Seconds until the first of them ends, or until one of `others`. What was just published elsewhere is read before it is
 * heard of: then the next moment of the timeline that is known here is a later one.
 */
export function firstEnd(rows: Pick<ItemRow, 'endsIn'>[], ...others: (number | null | undefined)[]) {
  const ends = [...rows.map((row) => row.endsIn), ...others].filter(
    (end) => end !== null && end !== undefined
  )
  return ends.length > 0 ? Math.min(...ends) : undefined
}
