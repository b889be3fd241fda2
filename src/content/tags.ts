/** Tags that live articles have. */
import type { Static } from 'typebox'
import type { Reader } from '../database/database.ts'
import type { TagKind } from '../database/generated/enums.ts'
import type { Walk } from '../http/pagination.ts'
import { type Counted, findCounted, listCounted } from './counted.ts'
import { bestText } from './live.ts'
import type { TagsQuery } from './schema.ts'

type TagRow = {
  id: string
  kind: TagKind
  slug: string
  name: string
  description: string | null
  locale: string
  /** Not shown. */
  parentId: string | null
  parent: { slug: string; name: string } | null
  articleCount: number
}

const tags: Counted = {
  name: 'content-tag',
  table: 'public_tags',
  as: 't',
  publications: `FROM publication_tags x WHERE x.tag_id = t.id`,
  bySlug: `SELECT tag_id FROM public_tag_slugs WHERE slug = $1::text`,
  columns: `
    t.id, t.kind, t.slug, n.value AS name, t.descriptions ->> n.key AS description, n.key AS locale, t.parent_id AS "parentId",
    CASE WHEN parent.id IS NOT NULL THEN json_build_object('slug', parent.slug, 'name', pn.value) END AS parent`,
  from: `
    CROSS JOIN ${bestText('t.names', 'asked.chain')} n
    LEFT JOIN public_tags parent ON parent.id = t.parent_id
    LEFT JOIN ${bestText('parent.names', 'asked.chain')} pn ON true`
}

/** By slug, with how many live articles of the locale have each. */
export const listLiveTags = (db: Reader, { kind, ...query }: Static<typeof TagsQuery>, walk: Walk) =>
  listCounted<TagRow>(db, tags, query, walk, (put) => (kind ? `t.kind = ${put(kind)}::tag_kind` : 'TRUE'))

/** The tag that answers to this slug, as its own or an alias; null when no live article of the locale has it. */
export const findLiveTag = (db: Reader, slug: string, query: { locale?: string; at?: string }) =>
  findCounted<TagRow>(db, tags, slug, query)
