/**
 * How often an address may ask. Said in one place: a route that names its limit has that one, everything else under /v1
 * but the content side is editing, and so is what is not there at all. What is left is reading, which has no limit unless
 * whoever runs the service sets one.
 */
import type { FastifyInstance } from 'fastify'
import { Limit } from './limits.ts'

/** Per minute and address, each told apart. */
export type Limits = { editing: number; search: number; previews: number; refresh: number; reading: number }
export type LimitName = keyof Limits

/**
 * Editing: ten a second from a whole newsroom's address. Search and previews: what readers behind one address do.
 * Refresh: once in ten minutes for each of a thousand people. Reading: 0 is no limit, for a cache in front asks for everybody.
 */
export const LIMITS: Limits = { editing: 600, search: 120, previews: 60, refresh: 120, reading: 0 }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `own`: it counts by itself. */
    limit?: Exclude<LimitName, 'editing' | 'reading'> | 'own'
    /** Found at the start. */
    limited?: LimitName | undefined
  }
}

/** A person may change addresses, and gets no more than twice what one address gets. */
const PERSON_FACTOR = 2

/** Which limit an address of ours has; undefined for what counts by itself. */
export function limitOf(url: string, named: LimitName | 'own' | undefined): LimitName | undefined {
  if (named) return named === 'own' ? undefined : named
  return /^\/v1(\/|$)/.test(url) && !url.startsWith('/v1/content/') ? 'editing' : 'reading'
}

/** Before access is asked for: a wrong token costs a try too. */
export function registerLimits(app: FastifyInstance, most: Limits) {
  const limits = Object.fromEntries(
    Object.entries(most)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => [name, new Limit(name, count, 60)])
  ) as Record<LimitName, Limit | undefined>
  // A balancer that asks from the address of a proxy must not be refused for what readers ask through it.
  const probes = most.reading > 0 ? new Limit('health', most.reading, 60) : undefined
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, limited: limitOf(route.url, route.config?.limit) }
  })
  app.addHook('onRequest', (request, reply, done) => {
    const { config } = request.route
    const elsewhere = request.url.startsWith('/v1/') ? 'editing' : 'reading'
    const name = request.is404 ? elsewhere : config.limited
    const limit = config.always ? probes : name && limits[name]
    if (!limit) return done()
    limit.spend(request.ip).then((headers) => {
      reply.headers(headers)
      done()
    }, done)
  })
}

/** After access was asked for: over all addresses a person uses. */
export function registerPersonLimit(app: FastifyInstance, most: Limits) {
  const limit = new Limit('person', PERSON_FACTOR * most.editing, 60)
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.user) return done()
    limit.spend(request.user.id).then(() => done(), done)
  })
}
