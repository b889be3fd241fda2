/** How far the feed is behind what happened, for who runs Dateline. */
import type { Database } from '../database/database.ts'

/** More are told as so many: counting them all would be one more thing to wait for. */
const MOST = 10_000

export const feedLag = (db: Database) => ({
  names: {
    dateline_feed_unsequenced_events: `Committed events that have no place in the feed yet, ${MOST} at most.`,
    dateline_feed_lag_seconds: 'How long the oldest of them has waited.'
  },
  read: async () => {
    const [row] = await db.aside<{ waiting: number; seconds: number }>({ text: lag }, [])
    return {
      dateline_feed_unsequenced_events: row?.waiting ?? 0,
      dateline_feed_lag_seconds: row?.seconds ?? 0
    }
  }
})

const lag = `
  SELECT count(*)::int AS waiting,
    coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(at))), 0)::float8 AS seconds
  FROM (SELECT at FROM events WHERE position IS NULL ORDER BY number LIMIT ${MOST}) e`
