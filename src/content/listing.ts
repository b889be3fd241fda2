/**
 * Lists of live articles. Every order is a walk down an index, from the row where the last page ended: what leads is the
 * index of one tag, of one author, or of all articles of a locale, and what is asked for besides is looked up row by row.
 */
import type { Static } from 'typebox'
import type { Reader } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { type Found, type ItemField, itemFields, itemOf, readItems } from './items.ts'
import type { ArticlesQuery } from './listing-schema.ts'
import { live, liveTagged, momentOf, wanted } from './live.ts'

const orders = {
  '-publishedAt': { by: 'published_at', member: 'publishedAt', descending: true },
  publishedAt: { by: 'published_at', member: 'publishedAt', descending: false },
  '-updatedAt': { by: 'updated_at', member: 'updatedAt', descending: true },
  updatedAt: { by: 'updated_at', member: 'updatedAt', descending: false }
} as const

/** The most a page can need: `limit` is 100 at most. Known to the planner, which cannot know a parameter. */
const AT_MOST = 101

/** The members asked for, in the order of the item; undefined for all of them. */
export function fieldsOf({
  fields,
  include
}: {
  fields?: string
  include?: string
}): ItemField[] | undefined {
  if (fields === undefined) return undefined
  const asked = new Set([...fields.split(','), ...(include?.split(',') ?? [])])
  return itemFields.filter((field) => asked.has(field))
}

/**
 * Whether a publication has what answers to a slug. A scalar subselect, which stays one look into a primary key for each
 * row: as EXISTS, all articles of the tag might be read to build a hash table for a page of twenty.
 */
const tagged = (publication: string, slug: string) =>
  `(SELECT true FROM publication_tags x WHERE x.publication_id = ${publication} AND x.tag_id = ${tagBy(slug)})`
const signed = (publication: string, slug: string) =>
  `(SELECT true FROM publication_authors x WHERE x.publication_id = ${publication} AND x.author_id = ${authorBy(slug)})`
const tagBy = (slug: string) => `(SELECT tag_id FROM public_tag_slugs WHERE slug = ${slug}::text)`
const authorBy = (slug: string) => `(SELECT id FROM public_authors WHERE slug = ${slug}::text)`

type Query = Static<typeof ArticlesQuery>

/** Which index is walked, and the condition on it. */
function leadOf({ tag: [first, ...others] = [], tagMode, author }: Query, put: (value: unknown) => string) {
  if (first !== undefined && (others.length === 0 || tagMode === 'all'))
    return { kind: 'tag', from: 'publication_tags lead', where: `lead.tag_id = ${tagBy(put(first))}` }
  if (first !== undefined)
    return { kind: 'tags', from: 'publication_tags lead', where: 'lead.tag_id = one.tag_id' }
  if (author !== undefined)
    return {
      kind: 'author',
      from: 'publication_authors lead',
      where: `lead.author_id = ${authorBy(put(author))}`
    }
  return { kind: 'all', from: 'publications lead', where: 'TRUE' }
}

/** What is asked for besides the lead. */
function restOf(query: Query, kind: string, publication: string, put: (value: unknown) => string): string[] {
  const { tag = [], excludeTag = [], author, source, publishedAfter, publishedBefore } = query
  const rest: string[] = []
  if (kind === 'tag')
    for (const slug of tag.slice(1)) rest.push(`${tagged(publication, put(slug))} IS NOT NULL`)
  for (const slug of excludeTag) rest.push(`${tagged(publication, put(slug))} IS NULL`)
  if (author !== undefined && kind !== 'author') rest.push(`${signed(publication, put(author))} IS NOT NULL`)
  if (source !== undefined) {
    const name = `source ->> 'name' = ${put(source)}::text`
    rest.push(
      kind === 'all' ? `lead.${name}` : `(SELECT o.${name} FROM publications o WHERE o.id = ${publication})`
    )
  }
  if (publishedAfter) rest.push(`lead.published_at >= ${put(publishedAfter)}::timestamptz`)
  if (publishedBefore) rest.push(`lead.published_at < ${put(publishedBefore)}::timestamptz`)
  return rest
}

/** Live articles of one locale: one statement. An unknown tag or author finds nothing. */
export async function listLive(db: Reader, publicUrl: string, query: Query, walk: Walk) {
  const values: unknown[] = [walk.take, query.locale ?? null]
  const put = (value: unknown) => `$${values.push(value)}`
  const { by, member, descending } = orders[query.sort ?? '-publishedAt']
  const fields = fieldsOf(query)
  const lead = leadOf(query, put)
  const keyset = walk.keyset(
    [
      { sql: `lead.${by}`, type: 'timestamptz' },
      { sql: 'lead.article_id', type: 'uuid' }
    ],
    descending,
    values
  )
  const moment = momentOf(query.at, values)
  const publication = lead.kind === 'all' ? 'lead.id' : 'lead.publication_id'
  const isLive = lead.kind === 'all' ? live('lead', moment) : liveTagged('lead', moment)
  const rest = restOf(query, lead.kind, publication, put)
  const walked = (columns: string) => `
    SELECT ${columns} FROM ${lead.from}
    WHERE ${[lead.where, `lead.locale = ${wanted('$2')}`, isLive, keyset.where, ...rest].join(' AND ')}
    ORDER BY ${keyset.orderBy} LIMIT ${AT_MOST}`
  const order = `p.${by} ${keyset.direction}, p.article_id ${keyset.direction}`
  const ids = `${publication} AS id, lead.${by} AS place, lead.article_id`
  const page = (columns: string) => {
    if (lead.kind === 'all')
      return `SELECT * FROM (${walked(columns.replaceAll('p.', 'lead.'))}) walked LIMIT $1::int`
    // With any of several tags, the first of each are enough to know the first of all.
    const found =
      lead.kind === 'tag' || lead.kind === 'author'
        ? walked(ids)
        : `SELECT DISTINCT found.place, found.article_id, found.id
            FROM (SELECT DISTINCT tag_id FROM public_tag_slugs WHERE slug = ANY (${put(query.tag)}::text[])) one
            CROSS JOIN LATERAL (${walked(ids)}) found
            ORDER BY found.place ${keyset.direction}, found.article_id ${keyset.direction} LIMIT ${AT_MOST}`
    return `SELECT ${columns} FROM (SELECT walked.id FROM (${found}) walked LIMIT $1::int) found JOIN publications p ON p.id = found.id`
  }
  const text = readItems(page, order, fields)
  const rows = await db.query<Found>({ name: nameOf(query, lead.kind, rest, keyset.shape), text }, values)
  const { data, page: place } = walk.page(rows, (row) => [row[member], row.id])
  return { rows: data, data: data.map((row) => itemOf(row, publicUrl, fields)), page: place }
}

/**
 * Of the shapes everybody asks for: a dozen in all, because each connection keeps every one it has met. Whoever mixes
 * filters of their own has them planned each time.
 */
function nameOf(query: Query, kind: string, rest: string[], shape: string | null): string | undefined {
  const { sort = '-publishedAt', fields, at } = query
  const common = rest.length === 0 && kind !== 'tags' && sort.startsWith('-') && !fields && !at && shape
  return common ? `content-listing-${kind}${sort}-${shape}` : undefined
}
