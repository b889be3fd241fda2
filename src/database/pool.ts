/**
 * Connections that are shared: whoever asks waits for a while and not for ever, for a connection and for an answer.
 *
 * Both bounds are kept without a timer for each statement, as `connectionTimeoutMillis` and `query_timeout` of `pg` set
 * one, and without a Set or Map whose members come and go: under load either kept what was over in memory until all of
 * it was collected at once (290 MB where 180 do, and a third of the processor's time).
 */
import type { Socket } from 'node:net'
import pg from 'pg'
import { socketOf } from './ending.ts'

/** How long a request may wait for a connection before it is told to come back, in ms. */
export const WAIT_MS = 10_000
/** A statement of a request that was not answered by then never will be: its connection is dead without a word. */
export const SILENT_MS = 15_000

type Take = (error: Error | undefined, client: pg.PoolClient | undefined, release: () => void) => void
type Waiting = { since: number; take: Take }

/** Told of statements that took long, once somebody wants to know. */
type Watch = { ms: number; tell: (text: string, ms: number) => void }

export type PoolState = { total: number; idle: number; waiting: number; waitedMs: number }

export class Pool extends pg.Pool {
  /** The longest first. */
  readonly #waiting: Waiting[] = []
  /** Whether somebody has it now. */
  readonly #used = new Map<pg.PoolClient, boolean>()

  readonly #watch: Watch

  readonly #most: number
  /** Connections that somebody has, or is about to get. */
  #busy = 0

  /** `silentMs`: a connection on which nothing moved for so long while somebody had it is dead; absent, it is only slow. */
  constructor(config: pg.PoolConfig & { max: number }, silentMs?: number) {
    const watch: Watch = { ms: Number.POSITIVE_INFINITY, tell: () => {} }
    // One that is idle stays: else each would get a timer each time it comes back.
    super({ ...config, min: config.max, Client: clientTelling(watch) })
    this.#watch = watch
    this.#most = config.max
    // An idle connection that breaks is replaced by the pool; without a listener Node would end the process.
    this.on('error', () => {})
    this.on('acquire', (client) => this.#used.set(client, true))
    this.on('release', (_, client) => {
      this.#used.set(client, false)
      this.#next()
    })
    this.on('remove', (client) => this.#used.delete(client))
    this.on('connect', (client) => {
      if (silentMs === undefined) return
      const socket = socketOf(client)
      socket.setTimeout(silentMs, () => {
        if (this.#used.get(client)) this.#hangUp(socket)
      })
    })
    setInterval(() => this.#giveUp(), WAIT_MS / 20).unref()
  }

  state(): PoolState {
    const first = this.#waiting[0]
    return {
      total: this.totalCount,
      idle: this.idleCount,
      waiting: this.#waiting.length,
      waitedMs: first ? performance.now() - first.since : 0
    }
  }

  /** Tells of each statement that took `ms` or longer, from now on: its text, which holds no values, and how long. */
  watchSlow(ms: number, tell: Watch['tell']) {
    this.#watch.ms = ms
    this.#watch.tell = tell
  }

  override connect(): Promise<pg.PoolClient>
  override connect(take: Take): void
  override connect(take?: Take): Promise<pg.PoolClient> | undefined {
    if (!take)
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error)))
      })
    if (this.#busy < this.#most) this.#start(take)
    else this.#waiting.push({ since: performance.now(), take })
    return undefined
  }

  /** The pool underneath is never asked for more than it has: who waits does so here, and can leave. */
  #start(take: Take) {
    this.#busy++
    super.connect((error, client, release) => {
      // Not at once: one that cannot be had may be said so before this returns, and then all others too.
      if (!client) setImmediate(() => this.#next())
      take(error, client, release)
    })
  }

  #next() {
    this.#busy--
    const first = this.#waiting.shift()
    if (first) this.#start(first.take)
  }

  /** What silenced one (a firewall, a host that is gone) silenced those that are idle, too: nobody is to wait for each in turn. */
  #hangUp(silent: Socket) {
    const idle = [...this.#used].filter(([, used]) => !used).map(([client]) => socketOf(client))
    for (const socket of [...idle, silent]) socket.destroy(new Error('The database did not answer.'))
  }

  #giveUp() {
    const since = performance.now() - WAIT_MS
    while (this.#waiting[0] && this.#waiting[0].since < since)
      this.#waiting
        .shift()
        ?.take(new Error('No connection to the database became free in time.'), undefined, () => {})
  }
}

/**
 * Two looks at the clock for each statement, and nothing made for it: what wraps its callback would keep its rows as
 * long as a timer does.
 */
function clientTelling(watch: Watch) {
  return class Client extends pg.Client {
    #text = ''
    #begun = 0

    constructor(config: pg.ClientConfig = {}) {
      super({ ...config, connectionTimeoutMillis: WAIT_MS })
      this.connection.on('readyForQuery', () => {
        if (this.#begun === 0) return
        const ms = performance.now() - this.#begun
        this.#begun = 0
        if (ms >= watch.ms) watch.tell(this.#text, ms)
      })
    }

    // biome-ignore lint/suspicious/noExplicitAny: pg's query has a dozen overloads, all of them passed on
    override query(...parameters: any[]): any {
      const [statement] = parameters
      this.#text = typeof statement === 'string' ? statement : statement.text
      this.#begun = performance.now()
      // biome-ignore lint/suspicious/noExplicitAny: see above
      return (super.query as any).apply(this, parameters)
    }
  }
}
