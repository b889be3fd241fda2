/** Curated lists, as readers get them. */
import type { Reader, Statement } from '../database/database.ts'
import { firstEnd, type ItemRow, itemColumns, shownItem, siteOf } from './items.ts'
import { live, momentOf, NOW, wanted } from './live.ts'

/** The newest of a locale that do not stand in the list already, as many as there is room for. */
const newest = (from: string, lead: string, moment: string) => `
  (SELECT p.id FROM ${from} AND ${lead}.locale = list.locale AND ${live('p', moment)}
     AND p.article_id NOT IN (SELECT article_id FROM chosen)
   ORDER BY ${lead}.published_at DESC, ${lead}.article_id DESC LIMIT list.size - (SELECT count(*) FROM chosen))`

/** $1 slug, $2 locale or null. A row for each article, or one without an article; none when there is no such list. */
const readList = (moment: string) => `
  WITH list AS (
    SELECT l.*, w.locale FROM public_lists l CROSS JOIN (SELECT ${wanted('$2')} AS locale) w
    WHERE l.slug = $1::text AND w.locale IS NOT NULL
  ), chosen AS (
    SELECT p.id, p.article_id, i.position, i.pinned_until FROM list
    JOIN public_list_items i ON i.list_id = list.id AND (i.pinned_until IS NULL OR i.pinned_until > ${moment})
    JOIN publications p ON p.story_id = i.story_id AND p.locale = list.locale AND ${live('p', moment)}
    ORDER BY i.position LIMIT (SELECT size FROM list)
  ), tail AS (
    SELECT newest.id FROM list CROSS JOIN LATERAL (
      ${newest('publications p WHERE list.tail AND list.tail_tag_id IS NULL', 'p', moment)}
      UNION ALL
      ${newest('publication_tags lead JOIN publications p ON p.id = lead.publication_id WHERE lead.tag_id = list.tail_tag_id', 'lead', moment)}
    ) newest
  )
  SELECT list.id AS "listId", list.slug AS "listSlug", list.titles ->> list.locale AS title, list.locale AS "listLocale", shown.*
  FROM list LEFT JOIN LATERAL (
    SELECT ${itemColumns}, picked.position, date_part('epoch', picked.pinned_until - now()) AS "pinnedFor"
    FROM (SELECT id, position, pinned_until FROM chosen UNION ALL SELECT id, NULL, NULL FROM tail) picked
    JOIN publications p ON p.id = picked.id ${siteOf}
  ) shown ON true ORDER BY shown.position NULLS LAST, shown."publishedAt" DESC, shown.id DESC`

const readListNow: Statement = { name: 'content-list', text: readList(NOW) }

type Row = { listId: string; listSlug: string; title: string | null; listLocale: string } & (
  | (ItemRow & { position: number | null; pinnedFor: number | null })
  | { id: null }
)

/**
 * The list of this slug with its live articles in one locale, filled up to its size from its tail: one statement. Null
 * when there is no such list, or no locale was named and there is no default site.
 */
export async function readLiveList(
  db: Reader,
  publicUrl: string,
  slug: string,
  { locale, at }: { locale?: string; at?: string }
) {
  const values: unknown[] = [slug, locale ?? null]
  const statement = at === undefined ? readListNow : { text: readList(momentOf(at, values)) }
  const rows = await db.query<Row>(statement, values)
  const [list] = rows
  if (!list) return null
  const items = rows.filter((row) => row.id !== null)
  const data = items.map((row) => shownItem(row, publicUrl))
  const maxAge = firstEnd(items, ...items.map(({ pinnedFor }) => pinnedFor))
  const { listId: id, listSlug, title, listLocale } = list
  return { list: { id, slug: listSlug, title, locale: listLocale, data }, maxAge }
}
