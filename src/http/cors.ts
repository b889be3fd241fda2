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

/**
 * Register it before the routes; `allowOf` tells which methods an address takes, '' when it is none of ours. It answers preflights of
 * known addresses; other OPTIONS are left to those who refuse them.
 */
export function registerCors(app: FastifyInstance, origins: string[], allowOf: (url: string) => string) {
  const trusted = new Set(origins)
  /** By address: with which methods anybody may read it. */
  const open = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ method, url, schema, config }) => {
    // A short link is followed by readers, and read by nobody's page.
    if (schema?.hide || config?.access !== 'public' || url === '/s/:code') return
    open.set(url, new Set([...(open.get(url) ?? []), ...[method].flat().filter(isReading)]))
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
  const isOpen = ({ method, is404, route }: FastifyRequest) =>
    is404 ? isReading(method) : open.get(route.url ?? '')?.has(method)

  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    const wanted = request.headers['access-control-request-method']
    const url = request.route.url ?? ''
    if (request.method !== 'OPTIONS' || origin === undefined || wanted === undefined || allowOf(url) === '') {
      setHeaders(reply, isOpen(request) ? forAnyPage : forTrusted(origin))
      done()
      return
    }
    const readers = open.get(url)
    const isRead = readers?.has(wanted)
    setHeaders(reply, [
      ...(isRead ? forAnyPage : forTrusted(origin)),
      'access-control-allow-methods',
      readers && isRead ? [...readers].sort().join(', ') : allowOf(url),
      'access-control-allow-headers',
      TAKEN,
      'access-control-max-age',
      MAX_AGE
    ])
    reply.code(204).send()
  })
}
