/** Following a short link: one statement finds where it leads and counts the click, committed before the redirect. */
import { live, NOW } from '../content/live.ts'
import type { Database } from '../database/database.ts'

export type Followed = {
  archived: boolean
  expired: boolean
  withdrawn: boolean
  /** Null while the article is not live. */
  slug: string | null
  locale: string | null
  articleUrl: string | null
  utm: Record<string, string | null>
}

const follow = {
  name: 'follow-share-link',
  text: `
    WITH link AS (
      SELECT id, article_id, utm, archived_at IS NOT NULL AS archived, coalesce(expires_at <= now(), false) AS expired
      FROM public_share_links WHERE code = $1::text
    ), live AS (
      SELECT p.locale, p.slug FROM link JOIN publications p ON p.article_id = link.article_id WHERE ${live('p', NOW)}
    ), counted AS (
      SELECT link.id FROM link, live WHERE $2::boolean AND NOT link.archived AND NOT link.expired
    ), click AS (
      INSERT INTO share_link_clicks (share_link_id, hour, clicks)
      SELECT id, date_trunc('hour', now(), 'UTC'), 1 FROM counted
      ON CONFLICT (share_link_id, hour, referrer, country, device, robot) DO UPDATE SET clicks = share_link_clicks.clicks + 1
    ), total AS (
      UPDATE share_link_totals t SET human = t.human + 1, last_clicked_at = greatest(t.last_clicked_at, now()) FROM counted
      WHERE t.share_link_id = counted.id
    )
    SELECT link.archived, link.expired, link.utm,
      EXISTS (SELECT FROM publications w WHERE w.article_id = link.article_id AND w.withdrawn) AS withdrawn, live.slug, live.locale,
      (SELECT s.article_url FROM public_sites s WHERE s.locale = live.locale OR s.is_default
       ORDER BY s.locale = live.locale DESC LIMIT 1) AS "articleUrl"
    FROM link LEFT JOIN live ON true`
}

/** Looks a code up and, with `count`, counts the click if it leads anywhere. Null: nobody was ever given this code. */
export async function followShareLink(db: Database, code: string, count: boolean): Promise<Followed | null> {
  const [row] = await db.query<Followed>(follow, [code.toLowerCase(), count])
  return row ?? null
}
