/** Tags that live articles have. */
import type { Static } from 'typebox'
import type { Database } from '../database/database.ts'
import type { TagKind } from '../database/generated/enums.ts'
import type { Walk } from '../http/pagination.ts'
import { asked, bestText, live, momentOf, NOW } from './live.ts'
import type { TagsQuery } from './schema.ts'

type TagRow = {
  id: string
  kind: TagKind
  slug: string
  name: string
  description: string | null
  locale: string
  parent: { slug: string; name: string } | null
  articleCount: number
}

const columns = `
  t.id, t.kind, t.slug, n.value AS name, t.descriptions ->> n.key AS description, n.key AS locale, counted.articles AS "articleCount",
  CASE WHEN parent.id IS NOT NULL THEN json_build_object('slug', parent.slug, 'name', pn.value) END AS parent`

const around = `
  CROSS JOIN ${bestText('t.names', 'asked.chain')} n
  LEFT JOIN public_tags parent ON parent.id = t.parent_id
  LEFT JOIN ${bestText('parent.names', 'asked.chain')} pn ON true`

const counted = (moment: string, only: string) => `
  SELECT x.tag_id, count(*)::int AS articles FROM asked
  JOIN publication_tags x ON x.locale = asked.locale
  JOIN publications p ON p.id = x.publication_id AND ${live('p', moment)}
  ${only} GROUP BY x.tag_id`

/** By slug, with how many live articles of the locale have each. */
export async function listLiveTags(db: Database, query: Static<typeof TagsQuery>, walk: Walk) {
  const values: unknown[] = [walk.take, query.locale ?? null]
  const { where, orderBy } = walk.keyset([{ sql: 't.slug', type: 'text' }], false, values)
  const kind = query.kind ? `AND t.kind = $${values.push(query.kind)}::tag_kind` : ''
  const text = `
    WITH asked AS (${asked('$2')}), counted AS (${counted(momentOf(query.at, values), '')})
    SELECT ${columns} FROM counted JOIN public_tags t ON t.id = counted.tag_id CROSS JOIN asked ${around}
    WHERE ${where} ${kind} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<TagRow>({ text }, values), (tag) => [tag.slug])
}

const readTag = (moment: string) => `
  WITH asked AS (${asked('$2')}), wanted AS (SELECT tag_id FROM public_tag_slugs WHERE slug = $1::text),
    counted AS (${counted(moment, 'WHERE x.tag_id = (SELECT tag_id FROM wanted)')})
  SELECT ${columns} FROM counted JOIN public_tags t ON t.id = counted.tag_id CROSS JOIN asked ${around}`

const readTagNow = { name: 'content-tag', text: readTag(NOW) }

/** The tag that answers to this slug, as its own or an alias; null when no live article of the locale has it. */
export async function findLiveTag(
  db: Database,
  slug: string,
  { locale, at }: { locale?: string; at?: string }
) {
  const values: unknown[] = [slug, locale ?? null]
  const statement = at === undefined ? readTagNow : { text: readTag(momentOf(at, values)) }
  const [row] = await db.query<TagRow>(statement, values)
  return row ?? null
}
