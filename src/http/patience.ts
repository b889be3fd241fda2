/**
 * How long a route may take before its caller is told not to wait. What it asked of the database is bounded too, by the
 * times of statements and transactions (src/database/database.ts), so nothing goes on for ever behind the answer.
 *
 * One sweep over what is under way, in an array, and not Fastify's `handlerTimeout`: that makes a timer and an
 * AbortController for each request, which is what src/database/pool.ts found to fill the memory under load.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Problem } from './errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How long it may take, instead of HANDLER_SECONDS. */
    seconds?: number
  }
  interface FastifyReply {
    /** Where it stands among those under way; -1 when it does not. */
    place: number
    begun: number
  }
}

export const HANDLER_SECONDS = 10
const SWEEP_MS = 500

export function registerPatience(app: FastifyInstance) {
  const underWay: FastifyReply[] = []
  app.decorateReply('place', -1)
  app.decorateReply('begun', 0)

  const leave = (reply: FastifyReply) => {
    if (reply.place < 0) return
    const last = underWay.pop() as FastifyReply
    if (last !== reply) {
      underWay[reply.place] = last
      last.place = reply.place
    }
    reply.place = -1
  }

  // From here on the request has arrived: how long that may take is the server's bound.
  app.addHook('preValidation', (request, reply, done) => {
    const { seconds } = request.route.config
    // The socket would be given up as idle before.
    if (seconds && seconds > HANDLER_SECONDS) request.raw.setTimeout((seconds + 5) * 1_000)
    reply.begun = performance.now()
    reply.place = underWay.push(reply) - 1
    done()
  })
  app.addHook('onResponse', (_request, reply, done) => {
    leave(reply)
    done()
  })

  const sweep = setInterval(() => {
    const now = performance.now()
    for (const reply of [...underWay]) {
      const { seconds = HANDLER_SECONDS } = reply.request.route.config
      const { raw } = reply
      // What has begun to be sent, such as a stream, has bounds of its own.
      if (raw.headersSent || raw.destroyed) leave(reply)
      else if (now - reply.begun > seconds * 1_000) {
        leave(reply)
        reply.send(tooLate(seconds))
      }
    }
  }, SWEEP_MS).unref()
  app.addHook('onClose', async () => clearInterval(sweep))
}

const tooLate = (seconds: number) =>
  new Problem(
    'unavailable',
    `It was not done within ${seconds} s. If it was to change something, look whether it did before you repeat it.`,
    { headers: { 'retry-after': '2' } }
  )
