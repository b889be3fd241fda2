/** Ending connections, also those that are dead without a word: a firewall forgot them, or the host is gone. */
import type { Socket } from 'node:net'
import { setTimeout as rest } from 'node:timers/promises'
import type pg from 'pg'

/** How long what is under way may take when a pool ends, and the server to hear the good-bye, in ms. */
export const ENDING_MS = 5_000
/** For a cut to reach whoever waits for an answer. */
const CUT_MS = 1_000

export const socketOf = (client: pg.ClientBase) =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream

/** Those that somebody has, those that are idle, and those that are being made. */
const clientsOf = (pool: pg.Pool) => (pool as unknown as { _clients: pg.PoolClient[] })._clients

/**
 * Ends a pool and waits until its connections are closed. What is open after `ms` is cut off: the system itself would
 * give up a dead connection after a quarter of an hour, and keep the process for as long.
 */
export async function endWithin(pool: pg.Pool, ms = ENDING_MS) {
  // Who has just asked gets a connection first: one that is idle is handed out a tick later, and by no pool that ends.
  await new Promise((next) => setImmediate(next))
  const clients = [...clientsOf(pool)]
  // Whoever has one is told by what it asks; without a listener Node would end the process.
  for (const client of clients) client.on('error', () => {})
  const closed = clients.map(socketOf).map(whenClosed)
  const patience = setTimeout(() => {
    for (const client of clients) socketOf(client).destroy()
  }, ms)
  // Whoever gives theirs back never keeps nobody.
  const over = new AbortController()
  await Promise.race([
    Promise.all([pool.end(), ...closed]),
    rest(ms + CUT_MS, undefined, { signal: over.signal }).catch(() => {})
  ])
  over.abort()
  clearTimeout(patience)
}

const whenClosed = (socket: Socket) =>
  new Promise<void>((done) => {
    if (socket.destroyed) done()
    else socket.once('close', () => done())
  })

/** Ends one connection, also one that would not answer a good-bye. */
export async function hangUp(client: pg.Client) {
  const patience = setTimeout(() => socketOf(client).destroy(), 500)
  await client.end().catch(() => {})
  clearTimeout(patience)
}
