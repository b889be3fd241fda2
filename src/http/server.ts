/** The HTTP server: limits of time, and the cache in front of Fastify. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Cache } from '../caching/cache.ts'
import { serveKept } from './answers.ts'
import type { HeadersFor } from './headers.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** For so long may nothing move on a connection while an answer is made or sent. */
export const IDLE_MS = 30_000

/** What the cache can answer never reaches Fastify, unless `counted`: where reading has a limit, every request is counted. */
export function makeServer(cache: Cache, everyAnswer: HeadersFor, counted: boolean, handler: Handler) {
  // How often Node looks for requests that take too long to arrive.
  const server = createServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
    const isAnswered = !counted && serveKept(cache, everyAnswer, request, response)
    // Not `server.setTimeout`: that makes a timer for each request, and nearly all that is kept is sent at once.
    if (!isAnswered || response.writableLength > 0) request.socket.setTimeout(IDLE_MS)
    if (!isAnswered) handler(request, response)
  })
  server.requestTimeout = 15_000
  server.keepAliveTimeout = 72_000
  return server
}

/** The cache hears of changes while the service runs. */
export function watchChanges(app: FastifyInstance) {
  app.cache.deaf = () =>
    app.log.warn(
      'No notice of the database comes through, so no answer is kept and every request asks the database. Behind a pooler such as PgBouncer, set DATABASE_DIRECT_URL to the address of Postgres itself.'
    )
  app.addHook('onReady', async () => app.cache.freshness.start())
  app.addHook('onClose', async () => app.cache.freshness.stop())
}
