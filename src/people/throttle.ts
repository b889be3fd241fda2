/**
 * How often a password may be guessed, over all instances. Each try is counted before the password is looked at, so
 * that tries at the same time are no more than tries one after another, and taken back when it was right. What counts
 * is the account as its e-mail address is looked up, whether there is one or not, and the subscriber's address.
 *
 * From where an account was signed in to within 30 days, it has a count of its own, and only that: whoever guesses
 * from elsewhere cannot lock its owner out.
 */
import { createHmac } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { Problem } from '../http/errors.ts'
import { rateLimit } from '../http/limits.ts'
import { subscriberOf } from '../http/subscribers.ts'
import { deriveKey } from '../secrets.ts'
import { normalizeEmail } from './users.ts'

/** Wrong passwords for one account within the window. At 15 characters and more, 960 a day find nothing. */
export const MOST_PER_ACCOUNT = 10
/** Wrong passwords from one address: a newsroom may share one, and its people mistype. */
export const MOST_PER_ADDRESS = 50
export const WINDOW_SECONDS = 15 * 60
const KNOWN_DAYS = 30
/** Each refusal leaves two rows at most and takes more of the old ones along. */
const TRIMMED_AT_ONCE = 10

export type Throttle = {
  /**
   * Runs `check`, which answers null for a wrong password, unless too many were wrong before: then it throws
   * `too_many_requests`. Answers with what `check` did. A check that throws counts as nothing: the password was not looked
   * at, or was right. How many are left is told only when none are: what is answered to a wrong password says nothing of the account.
   */
  guess: <T extends object>(
    email: string,
    address: string,
    check: () => Promise<T | null>
  ) => Promise<T | null>
}

type Counted = { key: Buffer; failures: number; most: number; until: Date; now: Date }

export function openThrottle(db: Database, secret: string): Throttle {
  const mac = deriveKey(secret, 'sign-in-throttle')
  const keyOf = (...parts: string[]) => createHmac('sha256', mac).update(JSON.stringify(parts)).digest()

  return {
    async guess(email, address, check) {
      const account = normalizeEmail(email)
      const subscriber = subscriberOf(address)
      const own = keyOf('own', account, subscriber)
      const keys = [keyOf('address', subscriber), keyOf('account', account), own]
      const counted = await db.query<Counted>(count, keys)
      const spent = counted.find(({ failures, most }) => failures > most)
      if (spent) throw refusal(spent)
      const tries = [
        counted.map(({ key }) => key),
        counted.map(({ until }) => until),
        counted.map(({ most }) => most)
      ]
      const right = await check().catch(async (error) => {
        await db.query(takeBack, tries)
        throw error
      })
      if (right) {
        await db.query(takeBackAndKnow, [...tries, own])
        return right
      }
      await db.query(trimFailures, [])
      return null
    }
  }
}

function refusal({ most, until, now }: Counted) {
  const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1_000))
  return new Problem(
    'too_many_requests',
    `Too many wrong passwords. Wait ${seconds} s before the next try.`,
    {
      headers: {
        ...rateLimit('sign-in', { most, window: WINDOW_SECONDS, left: 0, seconds }),
        'retry-after': String(seconds)
      }
    }
  )
}

/**
 * A window begins with its first failure and is not made longer by more of them. Counted one past the bound at most:
 * what was refused is not worth counting, and what is taken back then leaves exactly the tries that were let through.
 */
const counting = (most: number) => `
  ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.until <= clock_timestamp() THEN 1 ELSE least(f.failures + 1, ${most + 1}) END,
    until = CASE WHEN f.until <= clock_timestamp() THEN excluded.until ELSE f.until END
  RETURNING key, failures, until`
const windowEnd = `clock_timestamp() + make_interval(secs => ${WINDOW_SECONDS})`

/**
 * $1 the address, $2 the account, $3 the account at this address. An address that is refused takes nothing from the
 * account. Rows are locked in one order, addresses before accounts, so that no two of these wait for one another.
 */
const count = {
  name: 'count-sign-in',
  text: `
    WITH own AS MATERIALIZED (
      SELECT FROM sign_in_networks
      WHERE key = $3::bytea AND seen_at > clock_timestamp() - make_interval(days => ${KNOWN_DAYS})
    ), by_address AS (
      INSERT INTO sign_in_failures AS f (key, failures, until)
      SELECT $1::bytea, 1, ${windowEnd} WHERE NOT EXISTS (SELECT FROM own)
      ${counting(MOST_PER_ADDRESS)}
    ), by_account AS (
      INSERT INTO sign_in_failures AS f (key, failures, until)
      SELECT CASE WHEN EXISTS (SELECT FROM own) THEN $3::bytea ELSE $2::bytea END, 1, ${windowEnd}
      WHERE NOT EXISTS (SELECT FROM by_address WHERE failures > ${MOST_PER_ADDRESS})
      ${counting(MOST_PER_ACCOUNT)}
    )
    SELECT key, failures, until, ${MOST_PER_ADDRESS} AS most, clock_timestamp() AS now FROM by_address
    UNION ALL SELECT key, failures, until, ${MOST_PER_ACCOUNT}, clock_timestamp() FROM by_account`
}

/** $1 to $3 what was counted: only within its window, and in the order it was locked in. */
const given = `
  WITH counted AS MATERIALIZED (
    SELECT f.key, c.most FROM sign_in_failures f
    JOIN unnest($1::bytea[], $2::timestamptz[], $3::int[]) WITH ORDINALITY AS c (key, until, most, place) USING (key, until)
    ORDER BY c.place FOR UPDATE OF f
  ), given AS (
    UPDATE sign_in_failures f SET failures = greatest(0, least(f.failures, counted.most) - 1)
    FROM counted WHERE f.key = counted.key
  )`
const takeBack = { name: 'take-back-sign-in', text: `${given} SELECT` }

/** The same after a right password; $4 the account at this address, where it is at home now. */
const takeBackAndKnow = {
  name: 'take-back-and-know-sign-in',
  text: `
    ${given}, old AS (
      DELETE FROM sign_in_networks WHERE key IN (
        SELECT key FROM sign_in_networks
        WHERE seen_at < clock_timestamp() - make_interval(days => ${KNOWN_DAYS}) AND key <> $4::bytea
        ORDER BY seen_at LIMIT ${TRIMMED_AT_ONCE} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO sign_in_networks (key) VALUES ($4::bytea)
    ON CONFLICT (key) DO UPDATE SET seen_at = clock_timestamp()`
}

const trimFailures = {
  name: 'trim-sign-in-failures',
  text: `
    DELETE FROM sign_in_failures WHERE key IN (
      SELECT key FROM sign_in_failures WHERE until < clock_timestamp()
      ORDER BY until LIMIT ${TRIMMED_AT_ONCE} FOR UPDATE SKIP LOCKED)`
}
