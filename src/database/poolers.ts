/**
 * A pooler in front of the database (PgBouncer and its like) can take away what Dateline relies on without a word: the
 * settings a connection begins with, statements that were prepared, and locks that belong to a session. Each start
 * looks, and says what to change.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { DatabaseSettings } from './database.ts'
import { hangUp } from './ending.ts'
import { CONNECT_QUERY, READING, SESSION } from './session-settings.ts'

const WAIT_MS = 10_000
const BOUNDS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']
export const UTC = /^(Etc\/)?(UTC|UCT|GMT|Zulu|Universal)$/i

/** PgBouncer to a startup parameter it does not know. */
const PROTOCOL_VIOLATION = '08P01'

export const PASS_SETTINGS = `Behind PgBouncer: ignore_startup_parameters = options, and connect_query = '${CONNECT_QUERY}' for this database (docs/operating.md).`

/** Why the connections configured cannot be used, each with what to do; none if they can. `direct` is one past any pooler. */
export async function poolerFaults(direct: pg.ClientBase, settings: DatabaseSettings): Promise<string[]> {
  if (settings.kind !== 'server') return []
  const { url, directUrl, readerUrl, prepare } = settings
  const faults = await faultsOfDirect(direct, directUrl)
  faults.push(...(await faultsOfPooled('DATABASE_URL', { url, options: SESSION, prepare })))
  if (readerUrl)
    faults.push(
      ...(await faultsOfPooled('DATABASE_READER_URL', { url: readerUrl, options: READING, prepare }))
    )
  return faults
}

async function faultsOfDirect(direct: pg.ClientBase, connectionString: string): Promise<string[]> {
  if (!(await sharesBackend(direct, connectionString))) return []
  return [
    'Migrations, locks and notices would go through a pooler in transaction mode, where they do not work: set DATABASE_DIRECT_URL to the address of Postgres itself.'
  ]
}

/** Two connections that are open at once and meet the same backend share it: its locks are nobody's. */
export async function sharesBackend(direct: pg.ClientBase, connectionString: string): Promise<boolean> {
  const other = open({ connectionString })
  try {
    await other.connect()
    return (await backendOf(direct)) === (await backendOf(other))
  } finally {
    await hangUp(other)
  }
}

async function faultsOfPooled(
  setting: string,
  { url, options, prepare }: { url: string; options: string; prepare: boolean }
): Promise<string[]> {
  const [one, other] = [
    open({ connectionString: url, options }),
    open({ connectionString: url, options })
  ] as const
  try {
    await one.connect()
    const { rows } = await one.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_settings WHERE name = ANY ($1) ORDER BY name DESC',
      [[...BOUNDS, 'TimeZone']]
    )
    const lost = rows.filter(({ name, setting }) =>
      name === 'TimeZone' ? !UTC.test(setting) : setting === '0'
    )
    const faults = lost
      .slice(0, 1)
      .map(
        ({ name, setting: found }) =>
          `${setting} leads through a pooler that does not pass settings on: ${name} is ${found} there. ${PASS_SETTINGS}`
      )
    await other.connect()
    if (prepare && !(await keepsPrepared(one, other)))
      faults.push(
        `${setting} leads through a pooler that cannot keep prepared statements: set DATABASE_PREPARE=false, or let it keep them (PgBouncer 1.21 or newer, max_prepared_statements = 200).`
      )
    return faults
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    // Whatever else is wrong is told by whoever uses it next, in its own words.
    if (code !== PROTOCOL_VIOLATION || !/startup parameter/.test(message)) return []
    return [`${setting} leads through a pooler that refuses settings (${message}). ${PASS_SETTINGS}`]
  } finally {
    await Promise.all([hangUp(one), hangUp(other)])
  }
}

const ROUNDS = 5
/** What was prepared elsewhere is met under this name, or what was prepared here is not. */
const MIXED_UP = ['42P05', '26000']

/**
 * Whether a statement prepared on one connection is a matter of that connection only. A pooler that lends servers out by
 * the transaction, and does not know of prepared statements, mixes them up.
 */
export async function keepsPrepared(one: pg.Client, other: pg.Client): Promise<boolean> {
  const name = `dateline_${randomUUID()}`
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const client of [one, other]) await client.query({ name, text: 'SELECT 1' })
    return true
  } catch (error) {
    if (!MIXED_UP.includes((error as { code?: string }).code ?? '')) throw error
    // What was prepared stays with a server that others get.
    for (const client of [one, other]) await client.query(`DEALLOCATE "${name}"`).catch(() => {})
    return false
  }
}

function open(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: WAIT_MS, query_timeout: WAIT_MS })
  // Whoever queries is told that it broke; without a listener Node would end the process.
  client.on('error', () => {})
  return client
}

async function backendOf(client: pg.ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid
}
