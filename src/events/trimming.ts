/**
 * What is older than thirty days goes, but for the last word on each article that is live: whoever begins at the
 * beginning still ends with exactly what is live. A cursor older than what went is refused.
 */
import type { Session } from '../database/database.ts'

const KEPT = `interval '30 days'`
/** Trimmed when something is older than this, so about once a day: whoever walks from the beginning is rarely in between. */
const AT_LATEST = `interval '31 days'`
const EVENTS_AT_ONCE = 10_000
const ANSWERS_AT_ONCE = 10_000

export async function trim(session: Session) {
  await session.transaction(async () => {
    const [feed] = await session.query<{ trimmed: string }>('SELECT trimmed FROM feed FOR UPDATE')
    const [old] = await session.query<{ upTo: string | null }>(
      `SELECT max(position) AS "upTo" FROM changes
       WHERE told_at < clock_timestamp() - ${KEPT} AND EXISTS (
         SELECT FROM changes WHERE position > $1::bigint AND told_at < clock_timestamp() - ${AT_LATEST})`,
      [feed?.trimmed]
    )
    if (old?.upTo && Number(old.upTo) > Number(feed?.trimmed)) {
      await session.query(
        `DELETE FROM changes c WHERE c.position > $1::bigint AND c.position <= $2::bigint AND NOT EXISTS (
           SELECT FROM announced a WHERE a.article_id = c.article_id AND a.change = c.position AND a.publication_id IS NOT NULL)`,
        [feed?.trimmed, old.upTo]
      )
      await session.query('UPDATE feed SET trimmed = $1::bigint', [old.upTo])
    }
    await session.query(
      `DELETE FROM events WHERE id IN (
         SELECT id FROM events WHERE sequenced_at < clock_timestamp() - ${KEPT} LIMIT ${EVENTS_AT_ONCE})`
    )
  }) // Answers to an Idempotency-Key: those too old to be given again (see http/idempotency.ts).
  await session.query(
    `DELETE FROM idempotency_keys WHERE hash IN (
       SELECT hash FROM idempotency_keys WHERE created_at < clock_timestamp() - interval '24 hours' LIMIT ${ANSWERS_AT_ONCE})`
  )
}
