/** How far the feed and the webhooks are behind what happened, for who runs Dateline. */
import type { Connection, Database } from '../database/database.ts'

/** More are told as so many: counting them all would be one more thing to wait for. */
const MOST = 10_000

export const feedLag = (db: Database) => ({
  names: {
    dateline_feed_unsequenced_events: `Committed events that have no place in the feed yet, ${MOST} at most.`,
    dateline_feed_lag_seconds: 'How long the oldest of them has waited.'
  },
  read: async () => {
    const { waiting, seconds } = await unsequenced(db.aside)
    return { dateline_feed_unsequenced_events: waiting, dateline_feed_lag_seconds: seconds }
  }
})

/** Events that have no place in the feed yet, and how long the oldest of them has waited. */
export async function unsequenced(query: Connection['query']) {
  const [row] = await query<{ waiting: number; seconds: number }>({ text: lag }, [])
  return { waiting: row?.waiting ?? 0, seconds: row?.seconds ?? 0 }
}

const lag = `
  SELECT count(*)::int AS waiting,
    coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(at))), 0)::float8 AS seconds
  FROM (SELECT at FROM events WHERE position IS NULL ORDER BY number LIMIT ${MOST}) e`

export const webhookQueue = (db: Database) => ({
  names: {
    dateline_webhook_deliveries_waiting: `Deliveries that are to be sent, or sent again, ${MOST} at most.`,
    dateline_webhook_overdue_seconds: 'How long the one that should have been sent first is overdue.',
    dateline_webhooks_disabled: 'Webhooks that are disabled, by hand or because all tries were in vain.'
  },
  read: async () => {
    const [row] = await db.aside<{ waiting: number; seconds: number; disabled: number }>({ text: queue }, [])
    return {
      dateline_webhook_deliveries_waiting: row?.waiting ?? 0,
      dateline_webhook_overdue_seconds: row?.seconds ?? 0,
      dateline_webhooks_disabled: row?.disabled ?? 0
    }
  }
})

/** Of each webhook the one that is due first is the first of its part of an index. */
const queue = `
  SELECT
    (SELECT count(*)::int FROM (SELECT FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id AND w.enabled
      WHERE d.due_at IS NOT NULL LIMIT ${MOST}) waiting) AS waiting,
    (SELECT coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(first.due_at))), 0)::float8
      FROM webhooks w CROSS JOIN LATERAL (
        SELECT d.due_at FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.due_at IS NOT NULL ORDER BY d.due_at LIMIT 1
      ) first WHERE w.enabled) AS seconds,
    (SELECT count(*)::int FROM webhooks WHERE NOT enabled) AS disabled`
