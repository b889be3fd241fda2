/** How the content side answers: a strong ETag over the bytes sent, who may keep them, and 304. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What a content route shows. */
export type Shown<T> = {
  /** Surrogate keys: everything whose change changes this answer (see content/keys.ts). */
  keys: string[]
  /** The language it is in. */
  locale?: string | null
  /** Seconds it may be kept at most, when it changes with the time of day. */
  maxAge?: number
} & (
  | { data: T }
  /** Made already: JSON, or what `type` says. */
  | { text: string; type?: string }
  /** 301: it has another address. */
  | { movedTo: string }
)

export type Answer = <T>(
  request: FastifyRequest,
  reply: FastifyReply,
  make: () => Promise<Shown<T>>
) => Promise<T>

export const answer: Answer = async (request, reply, make) => {
  const shown = await make()
  reply.header('cache-control', request.headers.authorization ? 'private, no-store' : 'public, no-cache')
  if (shown.locale) reply.header('content-language', shown.locale)
  if ('movedTo' in shown) return reply.code(301).header('location', shown.movedTo).send(undefined) as never
  const text = 'text' in shown ? shown.text : (reply.serialize(shown.data as object) as string)
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
  reply.header('etag', etag)
  const known = request.headers['if-none-match']
  const has = known?.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
  if (has) return reply.code(304).send(undefined) as never
  const type = ('text' in shown && shown.type) || 'application/json; charset=utf-8'
  return reply.type(type).send(text) as never
}
