/**
 * Who is who, for a day: a visitor is a hash of address and browser under a random key that lives as long as the day.
 * When the day is over the key goes, then the hashes, and nobody can tell whose they were. Day and key are the
 * database's, so all instances and restarts know a visitor by the same hash.
 */
import { hash, randomBytes } from 'node:crypto'
import { BY_ITSELF } from '../content/moments.ts'
import type { Connection } from '../database/database.ts'
import { subscriberOf } from '../http/subscribers.ts'

/** `key` in hexadecimal digits. */
export type VisitorDay = { day: string; key: string }
/** Kept nowhere: only its hash is. */
export type Visitor = { address: string; agent: string }

const KEY_BYTES = 32
const HASH_BYTES = 16
/** So many hashes are deleted at once that nobody waits for it. */
const AT_ONCE = 5_000

/** The day of the UTC calendar, by the database's clock. */
export const TODAY = `(now() AT TIME ZONE 'UTC')::date`

const readDay = {
  name: 'visitor-day',
  text: `SELECT day::text, encode(key, 'hex') AS key FROM visitor_days WHERE day = ${TODAY}`
}
const makeDay = {
  text: `INSERT INTO visitor_days (day, key) SELECT ${TODAY}, $1::bytea ON CONFLICT (day) DO NOTHING`
}

/** Today and its key, which is made by whoever needs it first. `isNew` when it may have been made here. */
export async function readVisitorDay({ query }: Connection): Promise<VisitorDay & { isNew: boolean }> {
  const read = async () => (await query<VisitorDay>(readDay, []))[0]
  const found = await read()
  if (found) return { ...found, isNew: false }
  await query(makeDay, [randomBytes(KEY_BYTES)])
  // At midnight the day may have changed since: whoever counts is told so, and reads again.
  return { ...((await read()) as VisitorDay), isNew: true }
}

/**
 * Names a visitor on this day: 32 hexadecimal digits. The key comes first and is always as long, and half of the hash is
 * cut off, so that nobody can go on from it as from a whole one: an HMAC would say no more and take four times as long.
 */
export const visitorOf = ({ key }: VisitorDay, { address, agent }: Visitor) =>
  hash('sha256', `${key}${subscriberOf(address)}\n${agent}`, 'hex').slice(0, 2 * HASH_BYTES)

const forgetKeys = { text: `${BY_ITSELF} DELETE FROM visitor_days WHERE day < ${TODAY}` }
// Who forgets at the same time takes other rows.
const forgetVisits = {
  text: `${BY_ITSELF}
    WITH gone AS (
      DELETE FROM visits WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM visits WHERE day < ${TODAY} LIMIT $1::int FOR UPDATE SKIP LOCKED))
      RETURNING 1
    )
    SELECT count(*)::int AS count FROM gone`
}

/** Deletes the keys of days that are over, then all hashes of those days, some at a time. Answers with how many. */
export async function forgetVisitors({ query }: Connection, atOnce = AT_ONCE): Promise<number> {
  await query(forgetKeys, [])
  let forgotten = 0
  for (;;) {
    const [row] = await query<{ count: number }>(forgetVisits, [atOnce])
    const count = row?.count ?? 0
    forgotten += count
    if (count < atOnce) return forgotten
  }
}
