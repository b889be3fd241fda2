/** API keys: what a program may in the name of a person, until they end it. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Conflict, Invalid, NotFound } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import { scopes } from '../http/scopes.ts'
import { hashOfToken } from '../secrets.ts'
import type { ApiKey, MadeApiKey, NewApiKey } from './api-key-schema.ts'
import { newKey } from './key-text.ts'

type ApiKeyView = Static<typeof ApiKey>
/** Whose keys, or who may see those of all. */
type Owner = Pick<Caller, 'id' | 'role'>

/** Of one person, neither revoked nor expired. */
const MOST_KEYS = 100

/** Whether a key `k` has neither been revoked nor expired. */
const isLive = '(k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()))'
/** Whether a key `k` of a user `u` is taken. */
export const works = `(${isLive} AND u.disabled_at IS NULL)`

const view = `
  k.id, k.user_id AS "userId", k.name, k.scopes, ${works} AS works, k.created_at AS "createdAt", k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt", k.last_used_from AS "lastUsedFrom"`

const readOne = {
  name: 'get-api-key',
  text: `SELECT ${view} FROM api_keys k JOIN users u ON u.id = k.user_id
    WHERE k.id = $1::uuid AND ($2::boolean OR k.user_id = $3::uuid)`
}

/** Keys of others are there for admins only: NotFound. */
export async function getApiKey(db: Connection, user: Owner, id: string): Promise<ApiKeyView> {
  const [key] = await db.query<ApiKeyView>(readOne, [id, atLeast(user.role, 'admin'), user.id])
  if (!key) throw NotFound('API key')
  return key
}

/** Newest first, also those that work no more: one's own, or those of everybody for admins; `of` one person. */
export async function listApiKeys(db: Database, user: Owner, of: string | undefined, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'k.created_at', type: 'timestamptz' },
      { sql: 'k.id', type: 'uuid' }
    ],
    true,
    values
  )
  const owners = [...(atLeast(user.role, 'admin') ? [] : [user.id]), ...(of === undefined ? [] : [of])]
  const owned = owners.map((owner) => `k.user_id = $${values.push(owner)}::uuid`)
  const text = `SELECT ${view} FROM api_keys k JOIN users u ON u.id = k.user_id
    WHERE ${[where, ...owned].join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<ApiKeyView>({ text }, values), (key) => [key.createdAt, key.id])
}

/**
 * Makes a key. It is in this answer and nowhere else. Throws too_many_api_keys; Invalid for a scope that the person's role
 * can never use, and for an end that is past.
 */
export async function createApiKey(
  db: Database,
  actor: Actor,
  user: Owner,
  input: Static<typeof NewApiKey>
): Promise<Static<typeof MadeApiKey>> {
  for (const [index, scope] of input.scopes.entries()) {
    if (!atLeast(user.role, scopes[scope]))
      throw Invalid(`/scopes/${index}`, `takes the role ${scopes[scope]} or higher`, 'above_role')
  }
  return db.transaction(async (tx) => {
    await refuseTooMany(tx, user)
    const id = uuid()
    const key = newKey(id)
    const made = await tx.prisma.$executeRaw`
      INSERT INTO api_keys (id, user_id, name, key_hash, scopes, expires_at)
      SELECT ${id}::uuid, ${user.id}::uuid, ${input.name}, ${hashOfToken(key)}, ${input.scopes}::text[], e.ends
      FROM (SELECT ${input.expiresAt ?? null}::timestamptz(3) AS ends) e
      WHERE e.ends IS NULL OR e.ends > clock_timestamp()`
    if (made === 0) throw Invalid('/expiresAt', 'is not in the future', 'in_the_past')
    await tell(tx, {
      type: 'api_key.created',
      subjectId: id,
      payload: { id, userId: user.id, scopes: input.scopes },
      surrogateKeys: []
    })
    await note(tx, actor, {
      action: 'api_key.created',
      resource: 'api_key',
      resourceId: id,
      fields: Object.keys(input)
    })
    return { ...(await getApiKey(tx, user, id)), key }
  })
}

/** One after another, by the row of the person: a hundred requests at once must not make two hundred keys. */
async function refuseTooMany(tx: Transaction, user: Owner) {
  await tx.prisma.$queryRaw`SELECT FROM users WHERE id = ${user.id}::uuid FOR NO KEY UPDATE`
  const text = `SELECT count(*)::int AS count FROM api_keys k WHERE k.user_id = $1::uuid AND ${isLive}`
  const [live] = await tx.query<{ count: number }>({ text }, [user.id])
  if (live && live.count >= MOST_KEYS)
    throw Conflict('too_many_api_keys', `You have ${MOST_KEYS} keys. Revoke one that is not used any more.`)
}

export async function renameApiKey(
  db: Database,
  actor: Actor,
  user: Owner,
  id: string,
  name: string
): Promise<ApiKeyView> {
  return db.transaction(async (tx) => {
    const { userId } = await getApiKey(tx, user, id)
    const renamed = await tx.prisma.apiKey.updateMany({
      where: { id, name: { not: name } },
      data: { name }
    })
    if (renamed.count > 0) {
      const payload = { id, userId, fields: ['name'] }
      await tell(tx, { type: 'api_key.updated', subjectId: id, payload, surrogateKeys: [] })
      await note(tx, actor, {
        action: 'api_key.updated',
        resource: 'api_key',
        resourceId: id,
        fields: ['name']
      })
    }
    return getApiKey(tx, user, id)
  })
}

/** Ends a key: it is refused from the next request on. Of one that was, nothing changes. */
export async function revokeApiKey(db: Database, actor: Actor, user: Owner, id: string) {
  await db.transaction(async (tx) => {
    const { userId } = await getApiKey(tx, user, id)
    const ended = await tx.prisma.$executeRaw`
      UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = ${id}::uuid AND revoked_at IS NULL`
    if (ended === 0) return
    await tell(tx, {
      type: 'api_key.revoked',
      subjectId: id,
      payload: { id, userId },
      surrogateKeys: []
    })
    await note(tx, actor, { action: 'api_key.revoked', resource: 'api_key', resourceId: id })
  })
}
