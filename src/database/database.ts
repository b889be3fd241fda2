/** The one door to Postgres: a server named by DATABASE_URL, or the embedded one. Nothing else opens a connection. */
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Address, type EmbeddedServer, findRunning, startEmbedded } from './embedded.ts'
import { endWithin } from './ending.ts'
import { PrismaClient } from './generated/client.ts'
import { migrate } from './migrations.ts'
import { NotReady } from './not-ready.ts'
import { listenOn } from './notices.ts'
import { Pool, type PoolState, SILENT_MS, WAIT_MS } from './pool.ts'
import { onItsOwn, sessionOn } from './session.ts'
import { READING, SESSION, WATCHFUL } from './session-settings.ts'

export type DatabaseSettings =
  | { kind: 'embedded'; folder: string }
  | {
      kind: 'server'
      url: string
      directUrl: string
      prepare: boolean
      connections: number
      /** The same database as a role that may read the reading tables only: see `readers.ts`. */
      readerUrl?: string
    }

/**
 * A statement. With a name (unique to its text, at most 63 characters) it is prepared once per connection, which the
 * hot ones want; the others, whose text varies, go without.
 */
export type Statement = { name?: string; text: string }

/** What both the database and a transaction can do: write through Prisma, read with a statement of our own. */
export type Connection = {
  prisma: Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>
  /**
   * One hand-written statement, for reading and for the counters, prepared where the database can. Values go into `values`, each with a cast at its place in the text (`$1::uuid`), and never into the text.
   */
  query: <Row extends pg.QueryResultRow>(statement: Statement, values: unknown[]) => Promise<Row[]>
}

/** What the content side has of the database. Where a role for it is configured, it can do no more than that role may. */
export type Reader = Pick<Connection, 'query'>

export type Transaction = Connection & {
  /** Surrogate keys of what it changes, for those who hear of it once it is committed. */
  told: string[]
}

/** What a connection of one's own can do. Unnamed statements; all of it fails once the connection is lost. */
export type Session = {
  query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
  /** All of it or nothing. Read committed. */
  transaction: <T>(work: () => Promise<T>) => Promise<T>
}

export type Database = Connection & {
  embedded: boolean
  /** `query` of a statement that changes something, and is a transaction of its own: all of it or nothing. */
  change: Connection['query']
  /** For the content side. Without a role of its own it is `query`. */
  reader: Reader
  /** All of it or nothing. Read committed; `work` may be run again after a deadlock. Ends after `timeout` ms, 10 s if absent. */
  transaction: <T>(work: (tx: Transaction) => Promise<T>, timeout?: number) => Promise<T>
  /** Runs `work` while no other process does (starting, migrating, first-time set-up), on a connection of its own. */
  alone: <T>(work: (client: pg.ClientBase) => Promise<T>) => Promise<T>
  /**
   * `query` on a connection of its own, for what must not wait behind requests when they have taken all the others.
   * Rejects after five seconds.
   */
  aside: Connection['query']
  /** Hears the surrogate keys that each transaction of this process told of, before whoever asked for it is answered. */
  committed: (hear: (keys: string[]) => void) => void
  /**
   * Hears what is notified on a channel, by any process, on a connection of its own. Rejects when it cannot listen;
   * `lost` is called once, when it can no longer. Answers with what ends it.
   */
  listen: (
    channel: string,
    heard: (payload: string) => void,
    lost: () => void
  ) => Promise<() => Promise<void>>
  /**
   * Runs `work` on a connection of its own, past any pooler: what belongs to a session, such as an advisory lock, is held
   * until `work` ends or the connection does. `name` is its application_name.
   */
  session: <T>(name: string, work: (session: Session) => Promise<T>) => Promise<T>
  /** How the connections for requests are used right now. */
  pool: () => PoolState
  /** The same of those the content side has; without a role of its own, of those all have. */
  readerPool: () => PoolState
  /** From now on tells of each statement of a request that took `ms` or longer: its text, which holds no values. */
  watchSlow: (ms: number, tell: (text: string, ms: number) => void) => void
  /**
   * What is under way has five seconds; what is open then is cut off, such as connections that are silently dead.
   * Repeated, it is the same close.
   */
  close: () => Promise<void>
}

/** Of a watchful session, where the host's own keepalives cannot tell (a proxy in between answers them): a little past the server's. */
const BOUNDED = { connectionTimeoutMillis: WAIT_MS, query_timeout: 40_000 }
/** How long what is asked aside may take, with the wait for its connection: one that is silently dead is given up then. */
const ASIDE_MS = 5_000
/** Deadlock, serialization failure: nothing of it was done, for certain, and it may be tried again. */
const UNDONE = ['40P01', '40001']
const TRIES = 3
/** The lock Prisma's own migration engine takes, so that the two exclude each other. */
const START_LOCK = 72707369

/**
 * Opens the database. Nothing is migrated yet: see `alone` and `prepareSchema`.
 * With `join`, an embedded Dateline that already runs on the folder is joined through its socket (for the CLI).
 */
export async function openDatabase(settings: DatabaseSettings, { join = false } = {}): Promise<Database> {
  if (settings.kind === 'server') {
    const base = {
      connectionString: settings.url,
      max: settings.connections,
      options: SESSION,
      keepAlive: true,
      // Idle ones stay open for ever: firewalls that forget what is quiet do so after some minutes.
      keepAliveInitialDelayMillis: 60_000
    }
    const reader = settings.readerUrl && {
      ...base,
      connectionString: settings.readerUrl,
      options: READING
    }
    return connectTo(base, { connectionString: settings.directUrl }, settings.prepare, {
      reader: reader || null
    })
  }
  const running = join ? await findRunning(settings.folder) : null
  const server = running ? null : await startEmbedded(settings.folder)
  const base = {
    ...clientOf(running ?? (server as EmbeddedServer).address),
    user: 'postgres',
    database: 'postgres'
  }
  return connectTo({ ...base, max: 8 }, base, false, { embedded: server ?? 'joined' })
}

export function clientOf(address: Address): pg.ClientConfig {
  if (!('path' in address)) return address
  return { host: address.path.slice(0, address.path.lastIndexOf('/')), port: 5432 }
}

function connectTo(
  poolConfig: pg.PoolConfig & { max: number },
  directConfig: pg.ClientConfig,
  prepare: boolean,
  {
    embedded = null,
    reader = null
  }: { embedded?: EmbeddedServer | 'joined' | null; reader?: (pg.PoolConfig & { max: number }) | null } = {}
): Database {
  // Embedded, silence means that others have their turn, or that there is much to do: no statement has a bound there.
  const silentMs = embedded === null ? SILENT_MS : undefined
  const pool = new Pool(poolConfig, silentMs)
  const readers = reader && new Pool(reader, silentMs)
  const aside = new pg.Pool({
    ...poolConfig,
    max: 1,
    connectionTimeoutMillis: ASIDE_MS,
    query_timeout: ASIDE_MS
  })
  aside.on('error', () => {})
  const queryOn =
    (own: pg.Pool): Connection['query'] =>
    async <Row extends pg.QueryResultRow>({ name, text }: Statement, values: unknown[]) => {
      const { rows } = await own.query<Row>(prepare && name ? { name, text, values } : { text, values })
      return rows
    }
  let client: PrismaClient | undefined
  /** Made when something is first written: what it knows of the schema takes 12 MB, which a process that only reads has no use for. */
  const prisma = () => {
    client ??= new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' })
    return client
  }
  const hearers: ((keys: string[]) => void)[] = []
  const close = async () => {
    // Told at the same time: it undoes what is open, which on a dead connection takes until that is cut off.
    const left = client?.$disconnect().catch(() => {})
    await Promise.all([pool, aside, ...(readers ? [readers] : [])].map((one) => endWithin(one)))
    await left
    if (embedded !== null && embedded !== 'joined') await embedded.stop()
  }
  let closing: Promise<void> | undefined
  return {
    get prisma() {
      return prisma()
    },
    embedded: embedded !== null,
    query: queryOn(pool),
    change: (statement, values) => againWhileUndone(() => queryOn(pool)(statement, values) as never),
    reader: { query: queryOn(readers ?? pool) },
    aside: queryOn(aside),
    async transaction(work, timeout = 10_000) {
      return againWhileUndone(async () => {
        const told: string[] = []
        const done = await prisma().$transaction((tx) => work({ prisma: tx, query: queryWithin(tx), told }), {
          maxWait: embedded ? 30_000 : WAIT_MS,
          timeout
        })
        if (told.length > 0) for (const hear of hearers) hear(told)
        return done
      })
    },
    alone: (work) =>
      onItsOwn(directConfig, async (client) => {
        try {
          await client.query('SELECT pg_advisory_lock($1)', [START_LOCK])
          return await work(client)
        } finally {
          await client.query('SELECT pg_advisory_unlock($1)', [START_LOCK]).catch(() => {})
        }
      }),
    committed: (hear) => void hearers.push(hear),
    listen: (channel, heard, lost) =>
      embedded === null
        ? listenOn(directConfig, channel, heard, lost)
        : Promise.resolve(embedded === 'joined' ? async () => {} : embedded.listen(channel, heard)),
    session(name, work) {
      const more = embedded === null ? { options: WATCHFUL, ...BOUNDED } : {}
      return onItsOwn({ ...directConfig, ...more, application_name: name }, (client) =>
        work(sessionOn(client))
      )
    },
    pool: () => pool.state(),
    readerPool: () => (readers ?? pool).state(),
    watchSlow(ms, tell) {
      pool.watchSlow(ms, tell)
      readers?.watchSlow(ms, tell)
    },
    close() {
      closing ??= close()
      return closing
    }
  }
}

/** Checks the server and applies the migrations that are missing. Answers with the names applied. */
export async function prepareSchema(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ version: number; standby: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby`
  )
  const { version, standby } = rows[0] as { version: number; standby: boolean }
  if (version < 150000)
    throw new NotReady(`Dateline needs Postgres 15 or newer; this server is ${Math.floor(version / 10000)}.`)
  if (standby) throw new NotReady('DATABASE_URL names a standby, which takes no writes. Name the primary.')
  return migrate(client)
}

/**
 * The database as it looks from within a transaction: what is a transaction of its own elsewhere is a part of this one.
 * It is undone alone when it fails, so that who began it may try again.
 */
export function within(db: Database, tx: Transaction): Database {
  const part = async <T>(work: (tx: Transaction) => Promise<T>) => {
    await tx.prisma.$executeRawUnsafe('SAVEPOINT part')
    try {
      const done = await work(tx)
      await tx.prisma.$executeRawUnsafe('RELEASE part')
      return done
    } catch (error) {
      await tx.prisma.$executeRawUnsafe('ROLLBACK TO part')
      throw error
    }
  }
  return {
    ...db,
    ...tx,
    transaction: part,
    change: (statement, values) => part(({ query }) => query(statement, values) as never)
  }
}

function queryWithin(tx: Connection['prisma']): Connection['query'] {
  return ({ text }, values) => tx.$queryRawUnsafe(text, ...values)
}

/** Begins again, three times in all, what Postgres undid: for UNDONE, and for what the SQLSTATEs in `also` say. */
export async function againWhileUndone<T>(work: () => Promise<T>, also: string[] = []): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= TRIES || ![...UNDONE, ...also].includes(refusalOf(error).state ?? '')) throw error
    }
  }
}

type DriverCause = { originalCode?: string; originalMessage?: string; constraint?: { index?: string } }
type DriverError = {
  code?: string
  constraint?: string
  message?: string
  meta?: { driverAdapterError?: { cause?: DriverCause } }
}

/**
 * What Postgres said of a failed statement, whether it went through Prisma or not: its SQLSTATE and the constraint
 * that refused. Both undefined when the database did not refuse but could not be asked, or it is another error.
 */
export function refusalOf(error: unknown): { state?: string; constraint?: string } {
  if (!(error instanceof Error)) return {}
  const { meta, code, constraint, message } = error as DriverError
  const cause = meta?.driverAdapterError?.cause
  const state = cause?.originalCode ?? code
  if (!state || !/^[0-9A-Z]{5}$/.test(state)) return {}
  const named = /constraint "([^"]+)"/.exec(cause?.originalMessage ?? message ?? '')?.[1]
  return { state, constraint: cause?.constraint?.index ?? constraint ?? named }
}
