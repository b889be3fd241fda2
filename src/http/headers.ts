/**
 * Headers every answer has. Written here and not by a plugin, because kept answers never reach one, and because each is
 * here for a reason: what answers is data, so nothing in it may run, load or be framed.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'

/** By name and value, one after the other, for the id of a request, which stands in the first. */
export type HeadersFor = (requestId: string) => string[]

const SAFE = [
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  "default-src 'none'; frame-ancestors 'none'",
  // No more than browsers tell by themselves: a short link must not hide from a front end who led there.
  'referrer-policy',
  'strict-origin-when-cross-origin'
]

/**
 * What a 304 does without (RFC 9110, 15.4.5): it has no content to guard or to name the language of, and whoever asked has
 * these with what is kept.
 */
export const OF_CONTENT = [
  'content-language',
  ...SAFE.filter((_, index) => index % 2 === 0),
  'strict-transport-security'
]

/** Two years. Other hosts of the domain, and lists that browsers carry, are not ours to speak for. */
const HTTPS_ONLY = ['strict-transport-security', 'max-age=63072000']

/** Only an address that is https may promise to stay so. */
export function headersAt(publicUrl: string): HeadersFor {
  const fixed = publicUrl.startsWith('https:') ? [...SAFE, ...HTTPS_ONLY] : SAFE
  return (requestId) => ['x-request-id', requestId, ...fixed]
}

export function registerHeaders(app: FastifyInstance, everyAnswer: HeadersFor) {
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(reply, everyAnswer(request.id))
    done()
  })
  // Whatever is not said to be public is nobody's to keep.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-store')
    done(null, payload)
  })
}

/** Sets headers given by name and value, one after the other. */
export function setHeaders(reply: FastifyReply, headers: string[]) {
  for (let index = 0; index < headers.length; index += 2)
    reply.header(headers[index] as string, headers[index + 1] as string)
}
