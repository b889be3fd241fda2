/**
 * Closing without anybody noticing. The instance says first that it is no longer ready and goes on serving, so that
 * balancers look elsewhere; meanwhile each answer ends its connection, so that none is idle, with a request already on
 * its way, when the listener closes. What is under way then is finished.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether it is about to close. */
    draining: boolean
  }
}

export function registerDraining(app: FastifyInstance) {
  app.decorate('draining', false)
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (app.draining) reply.header('connection', 'close')
    done(null, payload)
  })
}

/** Serves for `seconds` more, then closes the app. */
export async function drain(app: FastifyInstance, seconds: number) {
  app.draining = true
  // Connections must be told, which Fastify does.
  app.cache.closing = true
  await wait(seconds * 1_000)
  await app.close()
}
