/** Ending what a person is signed in with. */
import type { Transaction } from '../database/database.ts'

/**
 * Ends all sessions of a person, but for one if it is named, and has tokens of an issuer refused that were issued until
 * now. The person's row is written first: who is just signing in holds it, and is waited for.
 */
export async function endSessionsOf(tx: Transaction, userId: string, but: string | null = null) {
  await tx.query({ text: 'UPDATE users SET tokens_after = clock_timestamp() WHERE id = $1::uuid' }, [userId])
  const ended = await tx.query<{ id: string }>({ text: endSessions }, [userId, but])
  await tx.query({ text: eraseSuccessors }, [ended.map(({ id }) => id)])
}

const endSessions = `
  UPDATE sessions SET ended_at = clock_timestamp()
  WHERE user_id = $1::uuid AND ended_at IS NULL AND id IS DISTINCT FROM $2::uuid
  RETURNING id`

const eraseSuccessors = `
  UPDATE refresh_tokens SET sealed_successor = NULL
  WHERE session_id = ANY ($1::uuid[]) AND sealed_successor IS NOT NULL`

/** A link to set a password does nothing any more once there is a new one, or its person is disabled. */
export async function revokeLinksOf(tx: Transaction, userId: string) {
  await tx.query({ text: revokeLinks }, [userId])
}

const revokeLinks = `
  UPDATE password_links SET revoked_at = clock_timestamp()
  WHERE user_id = $1::uuid AND used_at IS NULL AND revoked_at IS NULL`
