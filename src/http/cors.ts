/**
 * What pages of other origins may do here (CORS, in the Fetch standard). What anybody may read, any page may read. Where
 * a browser might send along who it is, only the pages of CORS_ORIGINS may.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { setHeaders } from './headers.ts'

const EXPOSED = [
  'access-control-expose-headers',
  'ETag, Location, Content-Language, Retry-After, x-request-id'
]

/** Of what is public to read: headers by name and value, one after the other. */
export const forAnyPage = ['access-control-allow-origin', '*', ...EXPOSED]

const TAKEN = 'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id'
/** How long a browser may remember what a preflight said, in seconds; no browser takes more. */
const MAX_AGE = '7200'

const isReading = (method: string) => method === 'GET' || method === 'HEAD'

/** Register it before the routes. It answers preflights of known addresses; other OPTIONS are left to those who refuse them. */
export function registerCors(app: FastifyInstance, origins: string[]) {
  const trusted = new Set(origins)
  /** By address: its methods, and which of them anybody may call to read. */
  const known = new Map<string, { methods: Set<string>; open: Set<string> }>()
  app.addHook('onRoute', ({ method, url, schema, config }) => {
    if (schema?.hide) return
    const at = known.get(url) ?? { methods: new Set(), open: new Set() }
    for (const name of [method].flat()) {
      at.methods.add(name)
      // A short link is followed by readers, and read by nobody's page.
      if (isReading(name) && config?.access === 'public' && url !== '/s/:code') at.open.add(name)
    }
    known.set(url, at)
  })

  const forTrusted = (origin: string | undefined) => {
    if (trusted.size === 0) return []
    const allowed = origin !== undefined && trusted.has(origin)
    if (!allowed) return ['vary', 'origin']
    return [
      'vary',
      'origin',
      'access-control-allow-origin',
      origin,
      'access-control-allow-credentials',
      'true',
      ...EXPOSED
    ]
  }
  const isOpen = ({ method, is404, routeOptions }: FastifyRequest) =>
    is404 ? isReading(method) : known.get(routeOptions.url ?? '')?.open.has(method)

  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    const wanted = request.headers['access-control-request-method']
    const at = known.get(request.routeOptions.url ?? '')
    if (request.method !== 'OPTIONS' || origin === undefined || wanted === undefined || !at) {
      setHeaders(reply, isOpen(request) ? forAnyPage : forTrusted(origin))
      return
    }
    const open = at.open.has(wanted)
    setHeaders(reply, [
      ...(open ? forAnyPage : forTrusted(origin)),
      'access-control-allow-methods',
      [...(open ? at.open : at.methods)].sort().join(', '),
      'access-control-allow-headers',
      TAKEN,
      'access-control-max-age',
      MAX_AGE
    ])
    return reply.code(204).send()
  })
}
