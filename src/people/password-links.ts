/** One-time links to set a password: an invitation for who has none, a reset for others. Whoever asked hands them over. */
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import type { Database, Transaction } from '../database/database.ts'
import type { PasswordLinkPurpose } from '../database/generated/enums.ts'
import { Conflict, NotFound } from '../http/errors.ts'
import { hashOfToken, newToken } from '../secrets.ts'
import { endSessionsOf, revokeLinksOf } from './ending.ts'
import { verifyPassword } from './passwords.ts'
import { personWith } from './roster.ts'
import type { Throttle } from './throttle.ts'
import { checkedHash, recordChange } from './users.ts'

export type MadePasswordLink = { id: string; purpose: PasswordLinkPurpose; token: string; expiresAt: Date }

/** How long a link works, if nothing is said. */
const HOURS: Record<PasswordLinkPurpose, number> = { invitation: 72, reset: 24 }

/**
 * Makes a link, and ends the ones the person had. Its token is in this answer and nowhere else. Throws not_found, and
 * user_disabled for somebody whom it would not let in.
 */
export async function makePasswordLink(
  db: Database,
  actor: Actor,
  userId: string,
  expiresInHours?: number
): Promise<MadePasswordLink> {
  return db.transaction(async (tx) => {
    const [user] = await tx.query<{ hasPassword: boolean; disabled: boolean }>(
      {
        text: `SELECT password_hash IS NOT NULL AS "hasPassword", disabled_at IS NOT NULL AS disabled
          FROM users WHERE id = $1::uuid FOR UPDATE`
      },
      [userId]
    )
    if (!user) throw NotFound('user')
    if (user.disabled) throw Conflict('user_disabled', 'Enable the person first.')
    await revokeLinksOf(tx, userId)
    const id = uuid()
    const token = newToken('dlo_')
    const purpose = user.hasPassword ? 'reset' : 'invitation'
    const [made] = await tx.query<{ expiresAt: Date }>({ text: insertLink }, [
      id,
      userId,
      hashOfToken(token),
      purpose,
      expiresInHours ?? HOURS[purpose]
    ])
    await note(tx, actor, { action: 'password_link.created', resource: 'user', resourceId: userId })
    return { id, purpose, token, expiresAt: (made as { expiresAt: Date }).expiresAt }
  })
}

const insertLink = `
  INSERT INTO password_links (id, user_id, token_hash, purpose, expires_at)
  VALUES ($1::uuid, $2::uuid, $3::bytea, $4::"PasswordLinkPurpose", clock_timestamp() + make_interval(hours => $5::int))
  RETURNING expires_at AS "expiresAt"`

/** For the command line. Throws not_found for an address nobody has. */
export async function makePasswordLinkFor(db: Database, actor: Actor, email: string) {
  return makePasswordLink(db, actor, (await personWith(db, email)).id)
}

/**
 * Sets a password with a link, which is used up by it; ends all sessions of its person. False for a link that does not
 * work, for whatever reason. Throws Invalid for a weak password, and the link stays as it was.
 */
export async function usePasswordLink(
  db: Database,
  actor: Actor,
  { token, password }: { token: string; password: string }
): Promise<boolean> {
  const hash = hashOfToken(token)
  const [person] = await db.query<{ id: string; name: string; email: string }>(
    { text: `SELECT u.id, u.name, u.email FROM ${workingLink}` },
    [hash]
  )
  if (!person) return false
  const passwordHash = await checkedHash(db, password, person)
  return db.transaction(async (tx) => {
    // Whoever comes second waits for the person here, and finds the link used up.
    await tx.query({ text: 'SELECT FROM users WHERE id = $1::uuid FOR UPDATE' }, [person.id])
    const used = await tx.query({ text: useLink }, [hash])
    if (used.length === 0) return false
    await setPassword(tx, { ...actor, userId: person.id }, person.id, passwordHash)
    return true
  })
}

/** A link `l` that can be used, and its person `u`. $1 is the hash of its token. */
const workingLink = `
  password_links l JOIN users u ON u.id = l.user_id
  WHERE l.token_hash = $1::bytea AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > clock_timestamp()
    AND u.disabled_at IS NULL`

const useLink = `
  UPDATE password_links SET used_at = clock_timestamp()
  WHERE id IN (SELECT l.id FROM ${workingLink}) AND used_at IS NULL AND revoked_at IS NULL
  RETURNING id`

/**
 * Changes one's own password and ends all other sessions. False when the current one is wrong, or there is none. Throws
 * Invalid for a weak new one, and what the throttle of sign-ins refuses: a stolen session must not guess either.
 */
export async function changePassword(
  db: Database,
  throttle: Throttle,
  { address, ...actor }: Actor & { address: string },
  caller: { id: string; name: string; email: string; sessionId: string | null },
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string }
): Promise<boolean> {
  const stored = await throttle.guess(caller.email, address, async () => {
    const [row] = await db.query<{ hash: string | null }>(
      { text: 'SELECT password_hash AS hash FROM users WHERE id = $1::uuid' },
      [caller.id]
    )
    return row && (await verifyPassword(row.hash, currentPassword)) ? row : null
  })
  if (!stored) return false
  const passwordHash = await checkedHash(db, newPassword, caller, '/newPassword')
  return db.transaction(async (tx) => {
    // Another one may have been set while this one was checked.
    const same = await tx.query(
      {
        text: 'SELECT FROM users WHERE id = $1::uuid AND password_hash = $2::text AND disabled_at IS NULL FOR UPDATE'
      },
      [caller.id, stored.hash]
    )
    if (same.length === 0) return false
    await setPassword(tx, actor, caller.id, passwordHash, caller.sessionId)
    return true
  })
}

/** As an admin's change does: with its event and audit row. `but` is a session that goes on. */
async function setPassword(
  tx: Transaction,
  actor: Actor,
  id: string,
  passwordHash: string,
  but: string | null = null
) {
  await tx.prisma.user.update({ where: { id }, data: { passwordHash } })
  await endSessionsOf(tx, id, but)
  await revokeLinksOf(tx, id)
  await recordChange(tx, actor, id, ['password'])
}
