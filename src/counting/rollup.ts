/**
 * Old counts by the hour become counts by the day of UTC, and visitors of days that are over are forgotten. Each step is
 * one statement of bounded size: cut short it is gone on with, run twice at once the two share the work.
 */
import { againWhileUndone, type Database, type Statement } from '../database/database.ts'
import { forgetVisitors } from './visitor-days.ts'

/** What is read by the hour (trending looks back seven days) must still be there by the hour. */
export const LEAST_DAYS = 8
const STEP = 5_000
/** A link was purged while its counts were moved. */
const PURGED = ['23503']

/** As the partial indexes have it. */
const unrolled = `hour < $1::timestamptz AND (hour AT TIME ZONE 'UTC') <> date_trunc('day', hour AT TIME ZONE 'UTC')`
const day = `date_trunc('day', hour, 'UTC')`

/** $1 until when, $2 how many rows at most. Days are written in one order, so that two who do this never wait in a circle. */
const rollClicks = `
  WITH hours AS MATERIALIZED (
    SELECT share_link_id, hour, referrer, country, device, robot FROM share_link_clicks WHERE ${unrolled}
    ORDER BY hour LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM share_link_clicks c USING hours h WHERE c.share_link_id = h.share_link_id AND c.hour = h.hour
      AND c.referrer = h.referrer AND c.country = h.country AND c.device = h.device AND c.robot = h.robot
    RETURNING c.*
  ), days AS (
    INSERT INTO share_link_clicks (share_link_id, hour, referrer, country, device, robot, clicks)
    SELECT share_link_id, ${day}, referrer, country, device, robot, sum(clicks) FROM gone GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (share_link_id, hour, referrer, country, device, robot) DO UPDATE SET clicks = share_link_clicks.clicks + excluded.clicks
  )
  SELECT count(*)::int AS rows FROM gone`

const rollViews = `
  WITH hours AS MATERIALIZED (
    SELECT article_id, hour FROM article_views WHERE ${unrolled} ORDER BY hour LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM article_views v USING hours h WHERE v.article_id = h.article_id AND v.hour = h.hour RETURNING v.*
  ), days AS (
    INSERT INTO article_views (article_id, hour, locale, views)
    SELECT article_id, ${day}, min(locale), sum(views) FROM gone GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (article_id, hour) DO UPDATE SET views = article_views.views + excluded.views
  )
  SELECT count(*)::int AS rows FROM gone`

export type RolledUp = { clicks: number; views: number; visits: number }

/**
 * Rolls up what is older than `days` days, and answers with how many rows were moved or forgotten. What others hold at
 * the moment is left for the next time.
 */
export async function rollUp(db: Database, days: number, step = STEP): Promise<RolledUp> {
  const [row] = await db.query<{ until: Date }>(
    { text: `SELECT date_trunc('day', now() - $1::int * interval '1 day', 'UTC') AS until` },
    [days]
  )
  const until = row?.until
  const clicks = await repeated(db, { text: rollClicks }, [until, step], step)
  const views = await repeated(db, { text: rollViews }, [until, step], step)
  return { clicks, views, visits: await forgetVisitors(db, step) }
}

/** Until a step finds less than it may take. */
async function repeated(db: Database, statement: Statement, values: unknown[], step: number) {
  let all = 0
  for (let rows = step; rows === step; all += rows) {
    const [row] = await againWhileUndone(() => db.query<{ rows: number }>(statement, values), PURGED)
    rows = row?.rows ?? 0
  }
  return all
}
