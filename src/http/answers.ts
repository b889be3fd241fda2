/**
 * How the content side answers: finished bytes with a strong ETag for each encoding, kept by the cache; 304; and who
 * else may keep them, and how long. What is kept is sent before Fastify is asked: see `serveKept`.
 */
import { hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cache } from '../caching/cache.ts'
import { ticking } from '../caching/freshness.ts'
import type { Encoding, Form, Kept } from '../caching/store.ts'
import { forAnyPage } from './cors.ts'
import { encode, encodingFor, LEAST_BYTES } from './encodings.ts'
import { type HeadersFor, OF_CONTENT, setHeaders } from './headers.ts'
import { nextRequestId } from './request-ids.ts'

/** What a content route shows. */
export type Shown<T> = {
  /** Surrogate keys: everything whose change changes this answer (see content/keys.ts). */
  keys: string[]
  /** The language it is in. */
  locale?: string | null
  /** Seconds it may be kept at most, when it changes with the time of day. */
  maxAge?: number | undefined
} & (
  | { data: T }
  /** Made already: JSON, or what `type` says. */
  | { text: string | Buffer; type?: string }
  /** 301: it has another address. */
  | { movedTo: string }
)

/** Together at most so long may a CDN that is not purged show what is out of date, in seconds. */
const LONGEST = 60
/** What does not fit into a header is told as `all`, which every change tells of too. */
const MOST_KEY_BYTES = 4_096

/** Answers a request of the content side with what `make` shows. */
export async function answer<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  make: () => Promise<Shown<T>>
): Promise<T> {
  const { cache } = request.server
  const isPrivate = request.headers.authorization !== undefined
  const toKeep = cache.keeps && !isPrivate
  const finish = async () => {
    // Seconds that `make` tells are counted from a moment within it.
    const begun = ticking()
    return finished(await make(), begun, (data) => reply.serialize(data as object) as string, toKeep)
  }
  const kept = isPrivate ? await finish() : await cache.get(addressOf(request), finish)
  if (!isPrivate) cache.store.alias(request.raw.url as string, kept)
  const form = isPrivate ? kept.plain : await formFor(cache, kept, request.headers['accept-encoding'])
  const control = isPrivate ? 'private, no-store' : cacheControl(cache, kept, ticking())
  reply.header('cache-control', control)
  setHeaders(reply, form.shared)
  if (knows(request.headers['if-none-match'], form.etag)) {
    for (const name of OF_CONTENT) reply.removeHeader(name)
    return reply.code(304).send(undefined) as never
  }
  if (kept.status === 301) return reply.code(301).send(undefined) as never
  setHeaders(reply, form.own)
  return reply.send(form.content) as never
}

/** Sends what is kept under the request's address; false when there is nothing, or it takes more than that. */
export function serveKept(
  cache: Cache,
  everyAnswer: HeadersFor,
  request: IncomingMessage,
  response: ServerResponse
): boolean {
  const { method, headers } = request
  if ((method !== 'GET' && method !== 'HEAD') || cache.closing || headers.authorization !== undefined)
    return false
  const now = ticking()
  const kept = cache.find(request.url as string, now)
  if (!kept || headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
    return false
  const encoding = encodingOf(kept, headers['accept-encoding'])
  const form = encoding ? kept.encoded[encoding] : kept.plain
  if (!form) return false
  cache.hits++
  const { heads } = form
  const isKnown = knows(headers['if-none-match'], form.etag)
  if (isKnown) heads.unchanged ??= headOf(everyAnswer, form.shared).filter(guidesCaches)
  else heads.whole ??= headOf(everyAnswer, form.shared, form.own)
  const head = (isKnown ? heads.unchanged : heads.whole) as string[]
  head[REQUEST_ID] = nextRequestId()
  head[CACHE_CONTROL] = cacheControl(cache, kept, now)
  response.writeHead(isKnown ? 304 : kept.status, head)
  response.end(isKnown || method === 'HEAD' ? undefined : form.content)
  return true
}

/** Where in a head stands what each answer has of its own. */
const REQUEST_ID = 1
const CACHE_CONTROL = 3

/** Made once for each form: `writeHead` keeps nothing of what it is given. */
function headOf(everyAnswer: HeadersFor, ...more: string[][]): string[] {
  const [name, , ...others] = everyAnswer('') as [string, string, ...string[]]
  return [name, '', 'cache-control', '', ...others, ...forAnyPage, ...more.flat()]
}

/** Of names and values, one after the other: what a 304 has. */
const guidesCaches = (_: string, index: number, head: string[]) =>
  !OF_CONTENT.includes(head[index & ~1] as string)

/** The address in one way of writing: the route, its parts, its parameters by name. */
function addressOf({ route, params, query }: FastifyRequest): string {
  const parameters = Object.entries(query as object).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${route.url} ${JSON.stringify(params)} ${JSON.stringify(parameters)}`
}

function finished<T>(shown: Shown<T>, begun: number, serialize: (data: T) => string, toKeep: boolean): Kept {
  const keys = [...new Set(shown.keys)]
  const told = keys.join(' ')
  const shared = ['vary', 'accept-encoding', 'surrogate-key', told.length > MOST_KEY_BYTES ? 'all' : told]
  if (shown.locale) shared.push('content-language', shown.locale)
  const until = shown.maxAge === undefined ? Number.POSITIVE_INFINITY : begun + shown.maxAge * 1_000
  if ('movedTo' in shown) {
    const plain = formOf(NOTHING, hashOf(shown.movedTo), [...shared, 'location', shown.movedTo])
    return { keys, status: 301, plain, encoded: {}, until }
  }
  const made = 'text' in shown ? shown.text : serialize(shown.data)
  // Bytes at once: its length, its hash and its way out would each make them anew.
  const bytes = typeof made === 'string' ? Buffer.from(made) : made
  const content = toKeep ? alone(bytes) : bytes
  const type = ('text' in shown && shown.type) || 'application/json; charset=utf-8'
  return {
    keys,
    status: 200,
    plain: formOf(content, hashOf(content), shared, ['content-type', type]),
    encoded: {},
    until
  }
}

const NOTHING = Buffer.alloc(0)
const hashOf = (content: Buffer | string) => hash('sha256', content, 'base64url').slice(0, 27)

/** In a buffer of its own: one that is a small part of a larger one (Node's pool, a chunk of zlib's) would be kept with it. */
function alone(part: Buffer): Buffer {
  if (part.buffer.byteLength === part.length) return part
  const bytes = Buffer.allocUnsafeSlow(part.length)
  part.copy(bytes)
  return bytes
}

function formOf(content: Buffer, hash: string, shared: string[], own: string[] = []): Form {
  const etag = `"${hash}"`
  const bytes = content.length
  return {
    content,
    bytes,
    etag,
    shared: [...shared, 'etag', etag],
    own: [...own, 'content-length', String(bytes)],
    heads: {}
  }
}

const encodingOf = ({ status, plain }: Kept, accept: string | undefined) =>
  status === 200 && plain.bytes >= LEAST_BYTES ? encodingFor(accept) : null

/** What the client takes, made and kept if it was not there yet. */
async function formFor(cache: Cache, kept: Kept, accept: string | undefined): Promise<Form> {
  const encoding = encodingOf(kept, accept)
  if (!encoding) return kept.plain
  const made = kept.encoded[encoding]
  if (made) return made
  const under = making.get(kept) ?? {}
  making.set(kept, under)
  under[encoding] ??= encodedForm(cache, kept, encoding)
  return under[encoding]
}

/** What is being encoded: who asks for the same meanwhile waits for it. */
const making = new WeakMap<Kept, Partial<Record<Encoding, Promise<Form>>>>()

async function encodedForm(cache: Cache, kept: Kept, encoding: Encoding): Promise<Form> {
  const { plain } = kept
  const content = alone(await encode(encoding, plain.content))
  const hash = `${plain.etag.slice(1, -1)}-${encoding}`
  const shared = plain.shared.slice(0, -2)
  const own = [...plain.own.slice(0, -2), 'content-encoding', encoding]
  const form = formOf(content, hash, shared, own)
  cache.store.addEncoding(kept, encoding, form)
  return form
}

/** Whether If-None-Match names this ETag (RFC 9110, 13.1.2); a proxy's `W/` in front of it does not matter. */
function knows(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header === etag) return true
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

/** Told of so many seconds. */
const controls = Array.from({ length: LONGEST + 1 }, (_, seconds) => {
  const fresh = Math.min(LONGEST / 2, seconds)
  return `public, max-age=0, s-maxage=${fresh}, stale-while-revalidate=${seconds - fresh}`
})

/** By what is known now: no cache shows anything past the next moment of the timeline, nor longer than LONGEST. */
function cacheControl(cache: Cache, { until }: Kept, now: number): string {
  const left = Math.max(0, Math.floor((until - now) / 1_000))
  return controls[Math.min(LONGEST, left, cache.freshness.secondsAhead(now))] as string
}
