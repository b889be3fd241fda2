/** Looking at a database without changing anything in it, for `doctor`. */
import { randomBytes } from 'node:crypto'
import { setTimeout as rest } from 'node:timers/promises'
import type pg from 'pg'
import { type Connection, clientOf, type DatabaseSettings } from './database.ts'
import { findRunning } from './embedded.ts'
import { listenOn } from './notices.ts'
import { keepsPrepared } from './poolers.ts'
import { onItsOwn } from './session.ts'
import { SESSION } from './session-settings.ts'

type Server = Extract<DatabaseSettings, { kind: 'server' }>

/** For each step: whoever asks a doctor does not want to wait for ever. */
const WAIT_MS = 5_000

export type Look = {
  /** Reads, in a transaction that can do nothing else. */
  query: Connection['query']
  /** For what takes a connection of its own. */
  client: pg.Client
}

/** Does `work` on a connection like those of requests, or past the pooler. Null where an embedded database does not run. */
export async function lookAt<T>(
  settings: DatabaseSettings,
  work: (look: Look) => Promise<T>,
  { direct = false } = {}
): Promise<T | null> {
  if (settings.kind === 'server')
    return withClient(direct ? settings.directUrl : settings.url, (client) => work(lookThrough(client)))
  const running = await findRunning(settings.folder)
  if (!running) return null
  const config = { ...clientOf(running), user: 'postgres', database: 'postgres' }
  return onItsOwn({ ...config, ...bounds }, (client) => work(lookThrough(client)))
}

const bounds = { connectionTimeoutMillis: WAIT_MS, query_timeout: WAIT_MS }

const withClient = <T>(url: string, work: (client: pg.Client) => Promise<T>) =>
  onItsOwn({ connectionString: url, options: SESSION, ...bounds }, work)

function lookThrough(client: pg.Client): Look {
  return {
    client,
    async query({ text }, values) {
      await client.query('BEGIN READ ONLY')
      try {
        return (await client.query(text, values)).rows
      } finally {
        await client.query('COMMIT')
      }
    }
  }
}

/** Whether a pooler stands in between: it greets with a process of its own, not with that of the server. */
export async function isPooled({ query, client }: Look): Promise<boolean> {
  const [row] = await query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' }, [])
  return (client as unknown as { processID: number }).processID !== row?.pid
}

/** As a start finds out, of DATABASE_URL. */
export const keepsStatements = ({ url }: Server): Promise<boolean> =>
  withClient(url, (one) => withClient(url, (other) => keepsPrepared(one, other)))

/** How long a notice takes from DATABASE_URL to who listens at DATABASE_DIRECT_URL, in ms; null when it never came. */
export async function noticeTakes(settings: Server): Promise<number | null> {
  const channel = `dateline_doctor_${randomBytes(8).toString('hex')}`
  let heard: () => void = () => {}
  const notice = new Promise<void>((done) => (heard = done))
  const end = await listenOn(
    { connectionString: settings.directUrl },
    channel,
    () => heard(),
    () => {}
  )
  try {
    const begun = performance.now()
    await withClient(settings.url, (client) => client.query('SELECT pg_notify($1, $2)', [channel, '']))
    const late = new AbortController()
    const came = await Promise.race([notice.then(() => true), rest(WAIT_MS, false, { signal: late.signal })])
    late.abort()
    return came ? Math.round(performance.now() - begun) : null
  } finally {
    await end()
  }
}
