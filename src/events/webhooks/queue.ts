/**
 * The queue of what webhooks are to be sent, in the database. Whoever takes something up has it for a minute; whoever dies
 * with it says nothing, and it is taken up again. So everything is sent at least once, and always under the same id.
 */
import { system } from '../../audit/audit.ts'
import type { Database, Session } from '../../database/database.ts'
import type { Result } from './sending.ts'
import { record } from './webhooks.ts'

/** As much as one webhook is sent at the same time, by one instance. Whoever is slow holds no more than that. */
const SHARE = 4
/** Longer than a try takes with all that belongs to it. */
const LEASE = `interval '60 seconds'`
/** How long is waited before each try, in seconds: 75 hours and a half in all. */
const WAITS = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
/** By how much of itself each wait is longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.1
/** As long as a receiver may ask us to wait, in seconds. */
const LONGEST_WAIT = 86_400
const ATTEMPTS_KEPT = 50

/** An event somebody has taken up to send, with all that is needed for it. */
export type Claimed = {
  webhookId: string
  eventId: string
  lease: string
  tries: number
  url: string
  sealedSecret: Uint8Array
  /** Null when it signs no more. */
  sealedFormer: Uint8Array | null
  type: string
  at: Date
  position: string
  subjectId: string | null
  payload: object
  surrogateKeys: string[]
}

/**
 * Takes up what is due: of each webhook the oldest, up to its share. `busy` says how many of each are under way here.
 * What others are taking up at this moment is left to them.
 */
export async function claim(session: Session, busy: ReadonlyMap<string, number>): Promise<Claimed[]> {
  return session.query<Claimed>(claiming, [JSON.stringify(Object.fromEntries(busy))])
}

// `now()`, which is the same for the whole statement: by another clock no index could be asked what is due. What is taken
// is found by its place in the table, and its event by a LATERAL with a LIMIT: Postgres thinks there is far more of it,
// and would read both tables whole.
const claiming = `
  WITH due AS MATERIALIZED (
    SELECT d.place FROM webhooks w CROSS JOIN LATERAL (
      SELECT x.ctid AS place FROM webhook_deliveries x
      WHERE x.webhook_id = w.id AND x.due_at <= now()
        AND EXISTS (SELECT FROM events e WHERE e.id = x.event_id AND e.position IS NOT NULL)
      ORDER BY x.due_at LIMIT greatest(0, ${SHARE} - coalesce(($1::jsonb ->> w.id::text)::int, 0))
      FOR UPDATE SKIP LOCKED
    ) d WHERE w.enabled
  ), taken AS (
    UPDATE webhook_deliveries SET lease = gen_random_uuid(), due_at = clock_timestamp() + ${LEASE}
    WHERE ctid = ANY (ARRAY(SELECT place FROM due))
    RETURNING webhook_id, event_id, lease, tries
  )
  SELECT t.webhook_id AS "webhookId", t.event_id AS "eventId", t.lease, t.tries, w.url, w.sealed_secret AS "sealedSecret",
    CASE WHEN w.former_until > now() THEN w.sealed_former END AS "sealedFormer", e.*
  FROM taken t JOIN webhooks w ON w.id = t.webhook_id CROSS JOIN LATERAL (
    SELECT type, at, position, subject_id AS "subjectId", payload, surrogate_keys AS "surrogateKeys"
    FROM events WHERE id = t.event_id LIMIT 1
  ) e`

export type Outcome = { claimed: Claimed; result: Result }

/** What an outcome means: whether it arrived, or when it is tried again; `dead` says why it is not. */
export type Verdict =
  | { state: 'delivered' }
  | { state: 'failed'; waitMs: number }
  | { state: 'dead'; reason: 'gone' | 'exhausted' }

/** `random`: from 0 to 1. */
export function verdictOn(tries: number, { status, retryAfterMs }: Result, random = Math.random()): Verdict {
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered' }
  if (status === 410) return { state: 'dead', reason: 'gone' }
  const wait = WAITS[tries + 1]
  if (wait === undefined) return { state: 'dead', reason: 'exhausted' }
  const asked = Math.min((retryAfterMs ?? 0) / 1000, LONGEST_WAIT)
  const own = wait * (1 + JITTER * (2 * random - 1))
  return { state: 'failed', waitMs: Math.round(Math.max(own, asked) * 1000) }
}

export type Judged<V = Verdict> = Outcome & { verdict: V }

/** Writes down what came of these. Throws what the database says; given again, what was written is not written twice. */
export async function settle(session: Session, judged: Judged[]) {
  if (judged.length > 0) await session.query(settling, [JSON.stringify(judged.map(rowOf))])
}

/**
 * It is not tried again, and its webhook is sent nothing any more: one transaction, with the event and the audit row.
 * When this fails, it is tried once more.
 */
export async function bury(db: Database, judged: Judged<Extract<Verdict, { state: 'dead' }>>) {
  const { webhookId, url } = judged.claimed
  const { reason } = judged.verdict
  await db.transaction(async (tx) => {
    const [settled] = await tx.query({ text: settling }, [JSON.stringify([rowOf(judged)])])
    if (!settled) return
    // Whoever named another address meanwhile wants to see what that one says.
    const { count } = await tx.prisma.webhook.updateMany({
      where: { id: webhookId, enabled: true, url },
      data: { enabled: false, disabledReason: reason, version: { increment: 1 } }
    })
    if (count > 0) await record(tx, system, 'webhook.disabled', webhookId, ['enabled'], { reason })
  })
}

function rowOf({ claimed, result, verdict }: Judged) {
  const { webhookId, eventId, lease } = claimed
  const { at, status, durationMs, error } = result
  return {
    ...{ webhookId, eventId, lease, state: verdict.state },
    waitMs: verdict.state === 'failed' ? verdict.waitMs : null,
    attempt: { at, status, durationMs, error }
  }
}

/** Only of those that are still whose they were: others have been given to somebody else, or begun anew. */
const settling = `
  UPDATE webhook_deliveries d SET state = x.state::delivery_state, tries = d.tries + 1, lease = NULL,
    due_at = clock_timestamp() + x."waitMs" * interval '1 millisecond',
    attempts = CASE WHEN jsonb_array_length(d.attempts) < ${ATTEMPTS_KEPT} THEN d.attempts ELSE d.attempts - 0 END || x.attempt
  FROM jsonb_to_recordset($1::jsonb)
    AS x ("webhookId" uuid, "eventId" uuid, lease uuid, state text, "waitMs" float8, attempt jsonb)
  WHERE d.webhook_id = x."webhookId" AND d.event_id = x."eventId" AND d.lease = x.lease
  RETURNING d.event_id`
