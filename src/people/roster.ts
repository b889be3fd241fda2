/** People and keys as an operator lists them: all at once, with what tells whether somebody still comes. */
import type { Connection, Database } from '../database/database.ts'
import type { Role } from '../database/generated/enums.ts'
import { Conflict, NotFound } from '../http/errors.ts'
import { works } from './api-keys.ts'
import { normalizeEmail } from './users.ts'

export type Listed = {
  id: string
  email: string
  name: string
  role: Role
  disabled: boolean
  createdAt: Date
  /** Of the newest session of ours; null for who never signed in with a password. */
  lastSignInAt: Date | null
}

/** By address. `role` and `disabled` leave out all others. */
export const everybody = (db: Connection, { role, disabled }: { role?: Role; disabled?: boolean }) =>
  db.query<Listed>({ text: roster }, [role ?? null, disabled ?? null])

const roster = `
  SELECT u.id, u.email, u.name, u.role, u.disabled_at IS NOT NULL AS disabled, u.created_at AS "createdAt",
    (SELECT max(s.created_at) FROM sessions s WHERE s.user_id = u.id) AS "lastSignInAt"
  FROM users u
  WHERE ($1::text IS NULL OR u.role::text = $1::text) AND ($2::boolean IS NULL OR (u.disabled_at IS NOT NULL) = $2::boolean)
  ORDER BY u.email`

/** Whoever has this address. Throws not_found. */
export async function personWith(db: Database, email: string) {
  const user = await db.prisma.user.findUnique({ where: { email: normalizeEmail(email) } })
  if (!user) throw NotFound('user')
  return user
}

/** Who is to have a key. Throws not_found, and user_disabled for somebody whose key would not be taken. */
export async function futureOwner(db: Database, email: string) {
  const { id, role, disabledAt } = await personWith(db, email)
  if (disabledAt) throw Conflict('user_disabled', 'Enable the person first.')
  return { id, role }
}

export type ListedKey = {
  id: string
  email: string
  name: string
  scopes: string[]
  works: boolean
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

/** The newest first. `userId`: of this person; without `all`, those that are taken now. */
export const everyKey = (db: Connection, { userId, all }: { userId?: string; all?: boolean }) =>
  db.query<ListedKey>({ text: keys }, [userId ?? null, all ?? false])

const keys = `
  SELECT k.id, u.email, k.name, k.scopes, ${works} AS works, k.created_at AS "createdAt", k.expires_at AS "expiresAt",
    k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt"
  FROM api_keys k JOIN users u ON u.id = k.user_id
  WHERE ($1::uuid IS NULL OR k.user_id = $1::uuid) AND ($2::boolean OR ${works})
  ORDER BY k.created_at DESC, k.id DESC`
