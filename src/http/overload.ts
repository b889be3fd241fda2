/**
 * Refusing early what could not be served in time anyway. Queues that only grow make everybody wait for answers that
 * nobody waits for any more. Kept answers are sent before this is asked, and health is always told.
 */
import type { FastifyInstance } from 'fastify'
import type { Database } from '../database/database.ts'
import { Problem } from './errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered whatever there is to do. */
    always?: boolean
  }
}

const LOOK_MS = 100
/** A turn of the event loop that takes so long, twice in a row: each request waits for several of them. */
export const MOST_LATE_MS = 1_000
/** Half of what a request may wait for a connection: who came now would wait for the other half in vain. */
export const MOST_WAITED_MS = 5_000
/** Nobody knows how long it takes; soon enough to be of use, late enough not to be the next wave. */
const RETRY_SECONDS = 2

/** Register it after what gives headers to every answer and before anything asks the database. */
export function registerOverload(app: FastifyInstance, db: Database) {
  // One timer and two numbers: nothing is made or kept for a request.
  let [late, lateBefore] = [0, 0]
  let lookedAt = performance.now()
  const timer = setInterval(() => {
    lateBefore = late
    late = performance.now() - lookedAt - LOOK_MS
    lookedAt = performance.now()
  }, LOOK_MS).unref()
  app.addHook('onClose', async () => clearInterval(timer))

  const why = (reads: boolean) => {
    if (Math.min(late, lateBefore) > MOST_LATE_MS) return 'This instance has more to do than it can.'
    const { waitedMs } = reads ? db.readerPool() : db.pool()
    if (waitedMs > MOST_WAITED_MS) return 'The database has more to do than it can.'
  }
  app.addHook('onRequest', (request, _reply, done) => {
    const { config, url } = request.route
    if (config.always) return done()
    // Readers have connections of their own where their role has; a click is counted through the others.
    const reads = config.access === 'public' && request.method !== 'POST' && url !== '/s/:code'
    const reason = why(reads)
    if (reason) throw new Problem('overloaded', reason, { headers: { 'retry-after': String(RETRY_SECONDS) } })
    done()
  })
}
