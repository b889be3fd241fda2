/** Headers every answer has. */
import type { FastifyInstance } from 'fastify'

export function registerHeaders(app: FastifyInstance) {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
  })
  // Whatever is not said to be public is nobody's to keep.
  app.addHook('onSend', async (_request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-store')
    return payload
  })
}
