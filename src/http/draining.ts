/**
 * Closing without anybody noticing. The instance says first that it is no longer ready and goes on serving, so that
 * balancers look elsewhere; meanwhile each answer ends its connection, so that none is idle, with a request already on
 * its way, when the listener closes. What is under way then is finished.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether it is about to close. */
    draining: boolean
  }
}

/** A request that is on its way when the listener closes comes within this time. */
const ON_ITS_WAY_MS = 500

/**
 * Connections that nothing was asked on yet, as browsers and balancers keep some in store. Node ends those that are idle
 * with its server, but not these, and would wait for them for ever.
 */
export class SpareConnections {
  readonly #spare = new Set<Socket>()

  watch(server: Server): Server {
    server.on('connection', (socket) => {
      this.#spare.add(socket)
      socket.once('close', () => this.#spare.delete(socket))
    })
    return server.on('request', ({ socket }) => this.#spare.delete(socket))
  }

  /** Ends those on which no request was on its way. */
  end() {
    setTimeout(() => {
      for (const socket of this.#spare) socket.destroy()
    }, ON_ITS_WAY_MS).unref()
  }
}

export function registerDraining(app: FastifyInstance, spare: SpareConnections) {
  app.decorate('draining', false)
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (app.draining) reply.header('connection', 'close')
    done(null, payload)
  })
  // Whoever closes without draining does not wait for a connection that an answer under way would have kept.
  app.addHook('preClose', async () => {
    begin(app)
    spare.end()
  })
}

function begin(app: FastifyInstance) {
  app.draining = true
  // Connections must be told, which Fastify does.
  app.cache.closing = true
}

/** Serves for `seconds` more, then closes the app. */
export async function drain(app: FastifyInstance, seconds: number) {
  begin(app)
  await wait(seconds * 1_000)
  await app.close()
}
