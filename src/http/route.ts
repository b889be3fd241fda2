/** What hooks want to know of the route a request has found, looked up once. */
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Fastify's `routeOptions`, which makes an object of a dozen members each time it is asked for. */
    route: { url?: string; config: FastifyContextConfig; schema?: FastifySchema }
  }
}

/** Register it before any hook that asks. */
export function registerRoute(app: FastifyInstance) {
  app.decorateRequest('route', null as never)
  app.addHook('onRequest', (request, _reply, done) => {
    request.route = request.routeOptions
    done()
  })
}
