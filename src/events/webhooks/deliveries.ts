/** What webhooks are sent: made with the event's place, kept as long as the event. */
import type { Static } from 'typebox'
import type { Actor } from '../../audit/audit.ts'
import type { Connection, Database, Session } from '../../database/database.ts'
import { Conflict, Invalid, NotFound } from '../../http/errors.ts'
import type { Walk } from '../../http/pagination.ts'
import type { faults, WebhookDeliveryQuery, WebhookReplay } from './schema.ts'
import { getWebhook, lockWebhook, record } from './webhooks.ts'

/** As many events as are replayed at once. */
const MOST_REPLAYED = 10_000

export type DeliveryView = {
  eventId: string
  type: string
  state: 'pending' | 'delivered' | 'failed' | 'dead'
  attempts: Attempt[]
  nextAttemptAt: Date | null
  createdAt: Date
}

export type Attempt = { at: string; status: number | null; durationMs: number; error: Fault | null }

export type Fault = (typeof faults)[number]

const view = `d.event_id AS "eventId", d.type, d.state, d.attempts, d.due_at AS "nextAttemptAt", d.created_at AS "createdAt"`

/** Whether webhook `w` wants event `e`. Tests are for the one that was asked for, and made with them. */
const wanted = `w.events && ARRAY['*', e.type, split_part(e.type, '.', 1) || '.*'] AND e.type <> 'webhook.test'`

/**
 * Addresses the events of these places to who wants them: in the transaction that gives the places, so none is left out
 * or addressed twice. A webhook that is being deleted is waited for.
 */
export async function addressEvents(session: Session, after: number, upTo: number) {
  if (upTo <= after) return
  await session.query(
    `WITH w AS MATERIALIZED (SELECT id, events FROM webhooks WHERE enabled FOR KEY SHARE)
     INSERT INTO webhook_deliveries (webhook_id, event_id, type, due_at)
     SELECT w.id, e.id, e.type, now() FROM events e JOIN w ON ${wanted}
     WHERE e.position > $1::bigint AND e.position <= $2::bigint ON CONFLICT DO NOTHING`,
    [after, upTo]
  )
}

/** The deliveries of a webhook, the newest first. */
export async function listDeliveries(
  db: Database,
  id: string,
  { state, type }: Static<typeof WebhookDeliveryQuery>,
  walk: Walk
) {
  await getWebhook(db, id)
  const values: unknown[] = [walk.take, id]
  const columns = [
    { sql: 'd.created_at', type: 'timestamptz' },
    { sql: 'd.event_id', type: 'uuid' }
  ]
  const { where, orderBy } = walk.keyset(columns, true, values)
  const conditions = ['d.webhook_id = $2::uuid', where]
  if (state) conditions.push(`d.state = $${values.push(state)}::delivery_state`)
  if (type) conditions.push(`d.type = $${values.push(type)}::text`)
  const text = `SELECT ${view} FROM webhook_deliveries d WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<DeliveryView>({ text }, values)
  return walk.page(rows, ({ createdAt, eventId }) => [createdAt, eventId])
}

/** Sends the event `webhook.test` to this webhook and no other, whatever events it wants. Throws webhook_disabled. */
export async function sendTest(db: Database, actor: Actor, id: string): Promise<DeliveryView> {
  return db.transaction(async (tx) => {
    refuseDisabled(await lockWebhook(tx, id))
    const eventId = await record(tx, actor, 'webhook.test', id)
    await tx.query(
      {
        text: `INSERT INTO webhook_deliveries (webhook_id, event_id, type, due_at) VALUES ($1::uuid, $2::uuid, 'webhook.test', now())`
      },
      [id, eventId]
    )
    return getDelivery(tx, id, eventId)
  })
}

/** What is sent anew: as if it had never been tried, but for the log. Who is sending it now reports in vain. */
const anew = `state = 'pending', tries = 0, due_at = now(), lease = NULL`

/** Sends one event again, under the same id. Throws webhook_disabled. */
export async function replayDelivery(
  db: Database,
  actor: Actor,
  id: string,
  eventId: string
): Promise<DeliveryView> {
  return db.transaction(async (tx) => {
    const webhook = await lockWebhook(tx, id)
    const text = `UPDATE webhook_deliveries SET ${anew} WHERE webhook_id = $1::uuid AND event_id = $2::uuid RETURNING event_id`
    const [there] = await tx.query({ text }, [id, eventId])
    if (!there) throw NotFound('delivery')
    refuseDisabled(webhook)
    await record(tx, actor, 'webhook.replayed', id, [], { deliveries: 1 })
    return getDelivery(tx, id, eventId)
  })
}

/**
 * Sends the events it wants of a span of time, each under its id: also those that happened while it was disabled, or
 * before it was made. Throws webhook_disabled; Invalid for a span that is none, or holds too many.
 */
export async function replaySpan(
  db: Database,
  actor: Actor,
  id: string,
  { since, until }: Static<typeof WebhookReplay>
) {
  if (until !== undefined && new Date(until) <= new Date(since))
    throw Invalid('/until', 'must be later than since', 'order')
  return db.transaction(async (tx) => {
    refuseDisabled(await lockWebhook(tx, id))
    const values = [id, since, until ?? null, MOST_REPLAYED + 1]
    const [asked] = await tx.query<{ events: number }>(countAsked, values)
    if (asked && asked.events > MOST_REPLAYED)
      throw Invalid('/since', `holds more than ${MOST_REPLAYED} events: replay them in parts`, 'too_many')
    const rows = await tx.query(replaying, values)
    await record(tx, actor, 'webhook.replayed', id, ['since', ...(until ? ['until'] : [])], {
      deliveries: rows.length
    })
    return { deliveries: rows.length }
  })
}

const asked = `
  FROM webhooks w JOIN events e ON ${wanted}
  WHERE w.id = $1::uuid AND e.position IS NOT NULL AND e.at >= $2::timestamptz AND e.at < coalesce($3::timestamptz, 'infinity')`
const countAsked = { text: `SELECT count(*)::int AS events FROM (SELECT ${asked} LIMIT $4::int) e` }

/** $1 the webhook, $2 since, $3 until, $4 how many at most. Events without a place get their deliveries with it. */
const replaying = {
  text: `
    INSERT INTO webhook_deliveries AS d (webhook_id, event_id, type, due_at)
    SELECT w.id, e.id, e.type, now() ${asked}
    ORDER BY e.position LIMIT $4::int
    ON CONFLICT (webhook_id, event_id) DO UPDATE SET ${anew}
    RETURNING d.event_id`
}

async function getDelivery(db: Connection, id: string, eventId: string): Promise<DeliveryView> {
  const text = `SELECT ${view} FROM webhook_deliveries d WHERE d.webhook_id = $1::uuid AND d.event_id = $2::uuid`
  const [delivery] = await db.query<DeliveryView>({ text }, [id, eventId])
  return delivery as DeliveryView
}

function refuseDisabled({ enabled }: { enabled: boolean }) {
  if (!enabled)
    throw Conflict('webhook_disabled', 'It is sent nothing while it is disabled. Enable it first.')
}
