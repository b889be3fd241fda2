/**
 * The sequencer: of all instances the one that holds an advisory lock gives events and due moments their places, and the
 * entries of the audit theirs. It works on the connection that holds the lock, so whoever loses one has lost both; and
 * each step locks the row it counts with, so that even two of them would only take turns.
 */
import { seal, UNSEALED } from '../audit/sealing.ts'
import type { Database, Session } from '../database/database.ts'
import { sequence } from './sequencing.ts'
import { stand } from './standing.ts'
import { trim } from './trimming.ts'

const LOCK = 72707370
const TRIM_MS = 3_600_000
/** Events do not wait for a fault of the audit, which may be there for long. */
const SEAL_AGAIN_MS = 10_000
/** So many steps in a row an article may be left for later because somebody is writing it; then it is waited for. */
const PATIENCE = 3

export type Sequencer = { stop: () => Promise<void> }

/**
 * Begins at once and goes on until stopped: faults are told, and it tries again. Looks every `pollMs` milliseconds, and
 * at the next due moment.
 */
export function startSequencer(db: Database, told: (error: Error) => void, { pollMs = 500 } = {}): Sequencer {
  const stopping = new AbortController()
  const { signal } = stopping

  const rest = (milliseconds: number) =>
    new Promise<void>((done) => {
      const timer = setTimeout(end, milliseconds)
      function end() {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        done()
      }
      signal.addEventListener('abort', end)
      if (signal.aborted) end()
    })

  const work = async (session: Session, ok: () => void) => {
    const isOurs = async () => {
      const [row] = await session.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1) AS ours', [LOCK])
      return row?.ours
    }
    while (!signal.aborted && !(await isOurs())) {
      ok()
      await rest(pollMs)
    }
    let trimAt = 0
    let busySteps = 0
    let sealAt = 0
    const sealNext = async () => {
      try {
        return await seal(session)
      } catch (error) {
        told(error as Error)
        sealAt = Date.now() + SEAL_AGAIN_MS
        return false
      }
    }
    while (!signal.aborted) {
      const { wait, unsealed } = await lookAhead(session, pollMs)
      const moreToSeal = unsealed && Date.now() >= sealAt && (await sealNext())
      if (wait > 0) {
        if (!moreToSeal) await rest(wait)
        continue
      }
      const { more, busy } = await sequence(session, { patient: busySteps >= PATIENCE })
      ok()
      busySteps = busy > 0 ? busySteps + 1 : 0
      if (Date.now() >= trimAt) {
        await trim(session)
        trimAt = Date.now() + TRIM_MS
      }
      if (!more && busy > 0) await rest(Math.min(pollMs, 50))
    }
  }

  const running = stand(db, 'dateline: sequencer', work, { signal, rest, told })
  return {
    async stop() {
      stopping.abort()
      await running
    }
  }
}

/** Milliseconds until events or moments want a place; 0 when some do already, at most `longest`. And whether entries do. */
async function lookAhead(session: Session, longest: number) {
  const [row] = await session.query<{ waiting: boolean; unsealed: boolean; until: number | null }>(
    `SELECT EXISTS (SELECT FROM events WHERE position IS NULL) AS waiting, ${UNSEALED} AS unsealed,
       (SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float8 * 1000 FROM announced WHERE next_at IS NOT NULL) AS until`
  )
  const wait = row?.waiting ? 0 : Math.min(longest, Math.max(0, Math.ceil(row?.until ?? longest)))
  return { wait, unsealed: row?.unsealed ?? false }
}
