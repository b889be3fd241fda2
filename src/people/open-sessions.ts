/** The sessions a person has open, seen and ended by themselves or by an admin. */
import { type Actor, note } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { NotFound } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import { endSessionsOf } from './ending.ts'
import { end } from './sessions.ts'
import { getUser } from './users.ts'

export type OpenSessionView = {
  id: string
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
  current: boolean
  device: string | null
  network: string | null
}

const isOpen = 'ended_at IS NULL AND expires_at > clock_timestamp()'

/** Newest first. `caller` is who looks: one of the sessions may be theirs. */
export async function listSessions(db: Database, caller: Caller, userId: string, walk: Walk) {
  const values: unknown[] = [walk.take, userId, caller.sessionId]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'created_at', type: 'timestamptz' },
      { sql: 'id', type: 'uuid' }
    ],
    true,
    values
  )
  const text = `
    SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt",
      id IS NOT DISTINCT FROM $3::uuid AS current, device, network
    FROM sessions WHERE user_id = $2::uuid AND ${isOpen} AND ${where}
    ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<OpenSessionView>({ text }, values)
  return walk.page(rows, (session) => [session.createdAt, session.id])
}

/** Of somebody, for an admin. Throws not_found for a person there is not. */
export async function listSessionsOf(db: Database, caller: Caller, userId: string, walk: Walk) {
  await getUser(db, userId)
  return listSessions(db, caller, userId, walk)
}

/** Ends one session, one's own or, for an admin, anybody's. Throws not_found for others' and for what is over. */
export async function endSession(db: Database, actor: Actor, caller: Caller, id: string) {
  await db.transaction(async (tx) => {
    const [session] = await tx.query<{ id: string }>(
      {
        text: `SELECT id FROM sessions WHERE id = $1::uuid AND ${isOpen} AND (user_id = $2::uuid OR $3::boolean) FOR UPDATE`
      },
      [id, caller.id, atLeast(caller.role, 'admin')]
    )
    if (!session) throw NotFound('session')
    await end(tx, actor, id, 'session.ended')
  })
}

/** Ends all sessions of a person and has tokens of an issuer refused that were issued until now. Throws not_found. */
export async function endAllSessions(db: Database, actor: Actor, userId: string) {
  await db.transaction(async (tx) => {
    await getUser(tx, userId)
    await endSessionsOf(tx, userId)
    await note(tx, actor, { action: 'sessions.ended', resource: 'user', resourceId: userId })
  })
}
