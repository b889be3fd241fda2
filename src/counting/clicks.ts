/**
 * Following short links: one statement for all who follow at the same moment finds where each code leads, decides, and
 * counts. What it told is committed when they are answered.
 */
import { live, NOW } from '../content/live.ts'
import type { Database } from '../database/database.ts'
import type { Device } from './agents.ts'

export type Ask = {
  code: string
  /** False for those who only look: HEAD, and browsers that look ahead. */
  counts: boolean
  robot: boolean
  device: Device
  referrer: string
  country: string
}

/** A link whose article is live: what it takes to lead there or to show a card of it. */
export type Link = {
  code: string
  presentCode: string
  utm: Record<string, string | null>
  redirectStatus: 301 | 302
  expiredUrl: string | null
  card: { title: string | null; description: string | null; image: string | null }
  indexable: boolean
  locale: string
  slug: string
  headline: string
  standfirst: string
  seo: { description: string | null; canonicalUrl: string | null }
  image: { url: string; alt: string; width: number | null; height: number | null } | null
  /** Of the article's own site, else of the default one; null without any. */
  site: { name: string; articleUrl: string } | null
  /** The templates of all sites, where there is an `expiredUrl` to be compared with them. */
  templates: string[] | null
}

/** `unknown`: no such code, or nothing anybody may know of yet. `gone`: taken away. `over`: expired or used up. */
export type Told = { verdict: 'unknown' | 'gone' } | { verdict: 'over' | 'open'; link: Link }

type Row = Link & {
  archived: boolean
  withdrawn: boolean
  /** Not live, or not valid yet. */
  hidden: boolean
  expired: boolean
  /** How many people of those who asked under this code are let through, and were counted. */
  people: number
  usedUp: boolean
}

const HOUR = `date_trunc('hour', ${NOW}, 'UTC')`
/** So many referrers of a link are told apart within an hour; nobody can fill the table with invented ones. */
const MOST_REFERRERS = 200

/** How many of those who asked are let through, by the row as it is once its lock is held. */
const ALLOTTED = 'least(w.people, greatest(0, coalesce(w.max_clicks - t.human, w.people)))'

/**
 * $1 to $6: who asked, in their order, neighbours who are alike under one code being one segment. The arrays stand in
 * SELECTs of their own, so that their lengths are unknown to the planner and one plan serves all.
 *
 * The rows of totals are locked in the order of their ids, so that two instances never wait for one another in a
 * circle. An UPDATE that waited reads its row anew: what it allots is exact over all instances. A link that is used up
 * is not locked or written at all.
 */
const follow = {
  name: 'follow-share-links',
  text: `
    WITH segment AS MATERIALIZED (
      SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::boolean[]),
        (SELECT $6::int[])) WITH ORDINALITY AS s (code, referrer, country, device, robot, clicks, place)
    ), link AS MATERIALIZED (
      SELECT l.*, a.asked, l.archived_at IS NOT NULL AS archived, coalesce(l.valid_from > now(), false) AS early,
        coalesce(l.expires_at <= now(), false) AS expired,
        (SELECT t.human FROM share_link_totals t WHERE t.share_link_id = l.id) AS human
      FROM (SELECT code, sum(clicks) AS asked FROM segment GROUP BY code) a
      CROSS JOIN LATERAL (SELECT * FROM public_share_links l WHERE l.code = a.code LIMIT 1) l
    ), article AS MATERIALIZED (
      SELECT d.article_id, p.locale, p.slug, p.headline, p.standfirst, p.seo, p.image,
        (SELECT true FROM publications w WHERE w.article_id = d.article_id AND w.withdrawn LIMIT 1) IS NOT NULL AS withdrawn,
        (SELECT json_build_object('name', s.document ->> 'name', 'articleUrl', s.article_url) FROM public_sites s
         WHERE s.locale = p.locale OR s.is_default ORDER BY s.locale = p.locale DESC LIMIT 1) AS site
      FROM (SELECT DISTINCT article_id FROM link) d
      LEFT JOIN LATERAL (SELECT * FROM publications p WHERE p.article_id = d.article_id AND ${live('p', NOW)} LIMIT 1) p ON true
    ), placed AS MATERIALIZED (
      SELECT l.id, l.max_clicks, s.*, coalesce(sum(s.clicks) FILTER (WHERE NOT s.robot) OVER (
        PARTITION BY l.id ORDER BY s.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
      FROM segment s JOIN link l ON l.code = s.code JOIN article a ON a.article_id = l.article_id
      WHERE s.clicks > 0 AND a.slug IS NOT NULL AND NOT (a.withdrawn OR l.archived OR l.early OR l.expired)
    ), wanted AS MATERIALIZED (
      SELECT id, max_clicks, coalesce(sum(clicks) FILTER (WHERE NOT robot), 0)::int AS people,
        coalesce(sum(clicks) FILTER (WHERE robot), 0)::int AS robots
      FROM placed GROUP BY id, max_clicks
    ), locked AS MATERIALIZED (
      SELECT w.* FROM wanted w JOIN share_link_totals t ON t.share_link_id = w.id
      WHERE coalesce(t.human < w.max_clicks, true) ORDER BY t.share_link_id FOR UPDATE OF t
    ), total AS (
      UPDATE share_link_totals t SET allotted = ${ALLOTTED}, human = t.human + ${ALLOTTED},
        bots = t.bots + CASE WHEN t.human + ${ALLOTTED} >= w.max_clicks THEN 0 ELSE w.robots END,
        last_clicked_at = greatest(t.last_clicked_at, now())
      FROM locked w WHERE t.share_link_id = w.id
      RETURNING t.share_link_id AS id, t.allotted, coalesce(t.human >= w.max_clicks, false) AS used_up
    ), counted AS MATERIALIZED (
      SELECT p.*, CASE WHEN NOT p.robot THEN greatest(0, least(p.clicks, t.allotted - p.before)) WHEN t.used_up THEN 0 ELSE p.clicks END AS let
      FROM placed p JOIN total t ON t.id = p.id
    ), fresh AS MATERIALIZED (
      SELECT c.id, c.referrer, row_number() OVER (PARTITION BY c.id ORDER BY min(c.place)) AS rank
      FROM counted c WHERE c.let > 0 AND c.referrer <> '' AND (SELECT true FROM share_link_clicks k
        WHERE k.share_link_id = c.id AND k.hour = ${HOUR} AND k.referrer = c.referrer LIMIT 1) IS NULL
      GROUP BY c.id, c.referrer
    ), crowded AS MATERIALIZED (
      SELECT f.id, f.referrer FROM fresh f JOIN (
        SELECT d.id, (
          WITH RECURSIVE host AS (
            SELECT ''::text AS referrer
            UNION ALL
            SELECT (SELECT min(k.referrer) FROM share_link_clicks k
              WHERE k.share_link_id = d.id AND k.hour = ${HOUR} AND k.referrer > host.referrer)
            FROM host WHERE host.referrer IS NOT NULL
          )
          SELECT count(*) FROM (SELECT FROM host WHERE referrer <> '' LIMIT ${MOST_REFERRERS}) known
        ) AS hosts FROM (SELECT DISTINCT id FROM fresh) d
      ) k ON k.id = f.id WHERE k.hosts + f.rank > ${MOST_REFERRERS}
    ), click AS (
      INSERT INTO share_link_clicks (share_link_id, hour, referrer, country, device, robot, clicks)
      SELECT c.id, ${HOUR}, CASE WHEN x.id IS NULL THEN c.referrer ELSE 'other' END, c.country, c.device, c.robot, sum(c.let)
      FROM counted c LEFT JOIN crowded x ON x.id = c.id AND x.referrer = c.referrer WHERE c.let > 0 GROUP BY 1, 2, 3, 4, 5, 6
      ON CONFLICT (share_link_id, hour, referrer, country, device, robot) DO UPDATE SET clicks = share_link_clicks.clicks + excluded.clicks
    )
    SELECT l.code, l.present_code AS "presentCode", l.utm, l.redirect_status AS "redirectStatus", l.expired_url AS "expiredUrl", l.card,
      l.indexable, l.archived, l.expired, a.withdrawn, l.early OR a.slug IS NULL AS hidden, a.locale, a.slug, a.headline, a.standfirst,
      a.seo, a.image, a.site, CASE WHEN l.expired_url IS NOT NULL THEN ARRAY(SELECT s.article_url FROM public_sites s) END AS templates,
      coalesce(c.people, 0)::int AS people,
      CASE WHEN l.max_clicks IS NULL THEN false WHEN l.asked > 0 THEN coalesce(t.used_up, true) ELSE l.human >= l.max_clicks END AS "usedUp"
    FROM link l JOIN article a ON a.article_id = l.article_id LEFT JOIN total t ON t.id = l.id
    LEFT JOIN (SELECT code, sum(let) AS people FROM counted WHERE NOT robot GROUP BY code) c ON c.code = l.code`
}

/** What is told to each, in the order they asked. Whoever is told `open` and counts was counted. */
export async function followShareLinks(db: Database, asked: Ask[]): Promise<Told[]> {
  const rows = await db.query<Row>(follow, columnsOf(asked))
  const byCode = new Map(rows.map((row) => [row.code, row]))
  return asked.map((ask) => verdictOn(ask, byCode.get(ask.code)))
}

/** Reads an ask off what is told of its code. People are let through in the order they asked. */
function verdictOn({ counts, robot }: Ask, row: Row | undefined): Told {
  if (!row) return { verdict: 'unknown' }
  if (row.archived || row.withdrawn) return { verdict: 'gone' }
  if (row.hidden) return { verdict: 'unknown' }
  const open = !row.expired && (counts && !robot ? row.people-- > 0 : !row.usedUp)
  return { verdict: open ? 'open' : 'over', link: row }
}

type Segment = Ask & { clicks: number }

function columnsOf(asked: Ask[]) {
  const segments: Segment[] = []
  const last = new Map<string, Segment>()
  for (const ask of asked) {
    const before = last.get(ask.code)
    if (before && alike(before, ask)) {
      if (ask.counts) before.clicks++
      continue
    }
    const segment = { ...ask, clicks: ask.counts ? 1 : 0 }
    segments.push(segment)
    last.set(ask.code, segment)
  }
  const column = <Name extends keyof Segment>(name: Name) => segments.map((segment) => segment[name])
  return [
    column('code'),
    column('referrer'),
    column('country'),
    column('device'),
    column('robot'),
    column('clicks')
  ]
}

const alike = (one: Ask, other: Ask) =>
  one.robot === other.robot &&
  one.device === other.device &&
  one.referrer === other.referrer &&
  one.country === other.country
