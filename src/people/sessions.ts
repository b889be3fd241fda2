/** Signing in, staying signed in, signing out. */
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import type { Database, Transaction } from '../database/database.ts'
import type { Caller } from '../http/access.ts'
import { Problem } from '../http/errors.ts'
import { deriveKey, hashOfToken, newToken, seal, unseal } from '../secrets.ts'
import { verifyPassword } from './passwords.ts'
import type { Throttle } from './throttle.ts'
import { normalizeEmail } from './users.ts'

export type Opened = { sessionId: string; userId: string; refreshToken: string }

/** A session ends when it was not refreshed for so long. */
const IDLE_DAYS = 30
/** Two tabs may use the same refresh token; the second gets what the first got. */
const SUCCESSOR_SECONDS = 10

const newRefreshToken = () => newToken('dlr_')
const successorKey = (token: string) => deriveKey(token, 'refresh-successor')

/** Opens a session. Known and unknown addresses are refused alike, in time too. Throws what the throttle refuses. */
export async function signIn(
  db: Database,
  throttle: Throttle,
  { address, ...actor }: Actor & { address: string },
  credentials: Credentials,
  device: string | null
): Promise<Opened> {
  const opened = await throttle.guess(credentials.email, address, () =>
    openFor(db, actor, credentials, device)
  )
  if (!opened) throw new Problem('invalid_credentials', 'E-mail or password is wrong.')
  return opened
}

type Credentials = { email: string; password: string }

async function openFor(
  db: Database,
  actor: Actor,
  { email, password }: Credentials,
  device: string | null
): Promise<Opened | null> {
  const user = await db.prisma.user.findUnique({ where: { email: normalizeEmail(email) } })
  const matches = await verifyPassword(user?.passwordHash ?? null, password)
  const opened = user && matches ? await db.transaction((tx) => open(tx, actor, user, device)) : null
  if (opened) return opened
  await db.transaction((tx) =>
    note(tx, actor, { action: 'session.refused', resource: 'user', resourceId: user?.id ?? null })
  )
  return null
}

/** Null when the person is disabled, or got another password than the one just checked: checking takes its time. */
async function open(
  tx: Transaction,
  actor: Actor,
  user: { id: string; passwordHash: string | null },
  device: string | null
): Promise<Opened | null> {
  const unchanged = await tx.prisma.$queryRaw<object[]>`
    SELECT FROM users WHERE id = ${user.id}::uuid AND password_hash = ${user.passwordHash} AND disabled_at IS NULL FOR SHARE`
  if (unchanged.length === 0) return null
  const sessionId = uuid()
  await tx.prisma.$executeRaw`
    INSERT INTO sessions (id, user_id, expires_at, device, network)
    VALUES (${sessionId}::uuid, ${user.id}::uuid, clock_timestamp() + make_interval(days => ${IDLE_DAYS}), ${device}, ${actor.network})`
  const refreshToken = newRefreshToken()
  await tx.prisma.refreshToken.create({ data: { hash: hashOfToken(refreshToken), sessionId } })
  await note(
    tx,
    { ...actor, userId: user.id, sessionId },
    { action: 'session.opened', resource: 'session', resourceId: sessionId }
  )
  return { sessionId, userId: user.id, refreshToken }
}

type TokenRow = {
  session_id: string
  user_id: string
  open: boolean
  used: boolean
  recent: boolean
  sealed_successor: Uint8Array | null
}

/**
 * Gives the next refresh token for this one. Each is good once; the same one again within ten seconds gives the same
 * successor, later it ends the whole session: somebody has a copy. Throws invalid_refresh_token.
 */
export async function refresh(db: Database, actor: Actor, token: string): Promise<Opened> {
  const outcome = await db.transaction(async (tx) => {
    const [row] = await tx.query<TokenRow>(lockToken, [hashOfToken(token)])
    if (!row?.open) return null
    const { session_id: sessionId, user_id: userId } = row
    if (!row.used) {
      const refreshToken = await succeed(tx, sessionId, token)
      await note(
        tx,
        { ...actor, userId, sessionId },
        { action: 'session.refreshed', resource: 'session', resourceId: sessionId }
      )
      return { sessionId, userId, refreshToken }
    }
    const successor =
      row.recent && row.sealed_successor ? unseal(successorKey(token), row.sealed_successor) : null
    if (successor) return { sessionId, userId, refreshToken: successor }
    await end(tx, { ...actor, userId, sessionId }, sessionId, 'session.reuse_detected')
    return null
  })
  // Thrown out here, because ending the session must be committed.
  if (!outcome)
    throw new Problem('invalid_refresh_token', 'The refresh token is unknown, expired, used or ended.')
  // What is not erased because the process ends meanwhile is erased at the next start.
  setTimeout(() => void forgetSuccessors(db).catch(() => {}), SUCCESSOR_SECONDS * 1000 + 100).unref()
  return outcome
}

/** Erases the sealed successors whose ten seconds are over. */
export async function forgetSuccessors(db: Database) {
  await db.query(eraseSuccessors, [])
}

const eraseSuccessors = {
  text: `
    UPDATE refresh_tokens SET sealed_successor = NULL
    WHERE sealed_successor IS NOT NULL AND used_at <= clock_timestamp() - make_interval(secs => ${SUCCESSOR_SECONDS})`
}

// The session's row is locked too, and first, as signing out does: at once, they leave the session ended.
const lockToken = {
  name: 'lock-refresh-token',
  text: `
    SELECT t.session_id, s.user_id, t.sealed_successor,
      s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.disabled_at IS NULL AS open,
      t.used_at IS NOT NULL AS used,
      coalesce(t.used_at > clock_timestamp() - make_interval(secs => ${SUCCESSOR_SECONDS}), false) AS recent
    FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
    WHERE t.hash = $1::bytea
    FOR UPDATE OF s, t`
}

async function succeed(tx: Transaction, sessionId: string, token: string) {
  const next = newRefreshToken()
  const sealed = seal(successorKey(token), next)
  await tx.prisma.$executeRaw`
    UPDATE refresh_tokens SET used_at = clock_timestamp(), sealed_successor = ${sealed} WHERE hash = ${hashOfToken(token)}`
  await tx.prisma.refreshToken.create({ data: { hash: hashOfToken(next), sessionId } })
  await tx.prisma.$executeRaw`
    UPDATE sessions SET last_used_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(days => ${IDLE_DAYS})
    WHERE id = ${sessionId}::uuid`
  return next
}

export async function end(tx: Transaction, actor: Actor, sessionId: string, action: string) {
  const ended = await tx.prisma.$executeRaw`
    UPDATE sessions SET ended_at = clock_timestamp() WHERE id = ${sessionId}::uuid AND ended_at IS NULL`
  await tx.prisma.refreshToken.updateMany({ where: { sessionId }, data: { sealedSuccessor: null } })
  if (ended > 0) await note(tx, actor, { action, resource: 'session', resourceId: sessionId })
}

/** Ends a session: its tokens are refused from the next request on. */
export async function signOut(db: Database, actor: Actor, sessionId: string) {
  await db.transaction((tx) => end(tx, actor, sessionId, 'session.ended'))
}

/** Who a session belongs to; null when it is ended, expired or its user disabled. Asked at every request. */
export async function callerOf(db: Database, sessionId: string, userId: string): Promise<Caller | null> {
  const [caller] = await db.query<Caller>(openSession, [sessionId, userId])
  return caller ?? null
}

const openSession = {
  name: 'open-session',
  text: `
    SELECT u.id, u.email, u.name, u.role, s.id AS "sessionId", NULL AS "apiKeyId", NULL AS scopes, a.id AS "authorId"
    FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN authors a ON a.user_id = u.id
    WHERE s.id = $1::uuid AND s.user_id = $2::uuid
      AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.disabled_at IS NULL`
}
