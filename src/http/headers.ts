/** Headers every answer has. */
import type { FastifyInstance, FastifyReply } from 'fastify'

/** By name and value, one after the other. */
export const everyAnswer = (requestId: string) => [
  'x-request-id',
  requestId,
  'x-content-type-options',
  'nosniff'
]

export function registerHeaders(app: FastifyInstance) {
  app.addHook('onRequest', async (request, reply) => {
    setHeaders(reply, everyAnswer(request.id))
  })
  // Whatever is not said to be public is nobody's to keep.
  app.addHook('onSend', async (_request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-store')
    return payload
  })
}

/** Sets headers given by name and value, one after the other. */
export function setHeaders(reply: FastifyReply, headers: string[]) {
  for (let index = 0; index < headers.length; index += 2)
    reply.header(headers[index] as string, headers[index + 1] as string)
}
