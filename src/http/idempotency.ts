/**
 * `Idempotency-Key`: a POST that creates something may be sent again, and is done once. The answer is written in the
 * transaction of the change, so that there is always both or neither: whoever lost it, because a connection broke or the
 * process died after the commit, asks again with the same key and gets it.
 */
import { createHash, createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Database, within } from '../database/database.ts'
import { deriveKey, seal, unseal } from '../secrets.ts'
import { Invalid, Problem } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What a POST that creates works on: the database, or with an Idempotency-Key a transaction on it. */
    db: Database
  }
}

type Answer = { status: number; headers: Record<string, string>; body: string }
type Stored = { body_hash: Uint8Array; sealed_answer: Uint8Array }

const SHORTEST = 16
const LONGEST = 255
const VISIBLE = /^[!-~]+$/
/** How long an answer is kept. */
const KEPT = `interval '24 hours'`

const header = Type.String({
  minLength: SHORTEST,
  maxLength: LONGEST,
  pattern: VISIBLE.source,
  description:
    'Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.',
  examples: ['7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b']
})

/** Register before the routes. Takes the header where a POST of somebody who is signed in can answer 201. */
export function registerIdempotency(app: FastifyInstance, db: Database) {
  const within = new WeakMap<FastifyRequest, Database>()
  app.decorateRequest('db', {
    getter(this: FastifyRequest) {
      return within.get(this) ?? db
    }
  })

  app.addHook('onRoute', (route) => {
    const { method, config, schema, handler } = route
    const creates = method === 'POST' && config?.access !== 'public' && '201' in Object(schema?.response)
    if (!creates || !schema) return
    const { properties, required } = Object(schema.headers) as { properties?: object; required?: string[] }
    schema.headers = {
      ...Type.Object({ ...properties, 'idempotency-key': Type.Optional(header) }),
      ...(required && { required })
    }
    route.handler = async function (request, reply) {
      const key = request.headers['idempotency-key']
      if (key === undefined) return handler.call(this, request, reply)
      return once(db, request, reply, keyOf(key), async (tx) => {
        within.set(request, tx)
        return handler.call(this, request, reply)
      })
    }
  })
}

function keyOf(given: string | string[]): string {
  const key = String(given)
  if (key.length < SHORTEST || key.length > LONGEST || !VISIBLE.test(key))
    throw Invalid(
      '/header/idempotency-key',
      `must be ${SHORTEST} to ${LONGEST} visible ASCII characters`,
      'format'
    )
  return key
}

/** Does the work and keeps its answer, or gives the one that is kept. */
async function once(
  db: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  key: string,
  work: (db: Database) => Promise<unknown>
) {
  const { method, url, user, body, query } = request
  const path = url.split('?', 1)[0]
  const hash = createHash('sha256').update([user.id, method, path, key].join('\n')).digest()
  const secret = deriveKey(key, 'idempotency')
  const before = new Set(Object.keys(reply.getHeaders()))
  const bodyHash = createHmac('sha256', secret)
    .update(JSON.stringify([body, query]))
    .digest()

  const { answer, replayed } = await db.transaction(async (tx) => {
    const [lock] = await tx.query<{ taken: boolean }>(take, [hash.readBigInt64BE()])
    // Where connections are served one by one the lock is always free: then who comes second has waited already.
    if (!lock?.taken)
      throw new Problem('idempotency_key_in_use', 'It is being done at this moment.', {
        headers: { 'retry-after': '1' }
      })
    const [stored] = await tx.query<Stored>(look, [hash])
    if (stored) return { answer: opened(stored, secret, bodyHash), replayed: true }
    const payload = await work(within(db, tx))
    // Whoever asked was told meanwhile that it took too long: it is undone, and may be sent again.
    if (reply.sent) throw new Problem('unavailable', 'It was not done in time.')
    const answer = {
      status: reply.statusCode,
      headers: Object.fromEntries(
        Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
          before.has(name) ? [] : [[name, String(value)]]
        )
      ),
      body: String(reply.serialize(payload as object))
    }
    await tx.query(keep, [hash, bodyHash, seal(secret, JSON.stringify(answer))])
    return { answer, replayed: false }
  })
  if (replayed) reply.header('idempotent-replayed', 'true')
  for (const [name, value] of Object.entries(answer.headers)) reply.header(name, value)
  return reply.code(answer.status).type('application/json; charset=utf-8').send(answer.body)
}

function opened({ body_hash, sealed_answer }: Stored, secret: Buffer, bodyHash: Buffer): Answer {
  if (!bodyHash.equals(body_hash))
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key came with another request before.', {
      errors: [{ pointer: '/header/idempotency-key', code: 'reused', message: 'belongs to another request' }]
    })
  const answer = unseal(secret, sealed_answer)
  if (answer === null) throw new Error('A kept answer cannot be opened with its own key.')
  return JSON.parse(answer)
}

const take = { text: 'SELECT pg_try_advisory_xact_lock($1::bigint) AS taken' }

const look = {
  text: `
    SELECT body_hash, sealed_answer FROM idempotency_keys
    WHERE hash = $1::bytea AND created_at > clock_timestamp() - ${KEPT}`
}

/** In the place of one that is too old to be given, if it is still there. */
const keep = {
  text: `
    INSERT INTO idempotency_keys (hash, body_hash, sealed_answer) VALUES ($1::bytea, $2::bytea, $3::bytea)
    ON CONFLICT (hash) DO UPDATE SET body_hash = excluded.body_hash, sealed_answer = excluded.sealed_answer,
      created_at = excluded.created_at`
}
