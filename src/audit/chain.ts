/**
 * The chain of the audit: each entry's hash is over the hash before it and the entry itself, so whatever is altered,
 * left out or moved afterwards shows. How to reckon it is told to outsiders in docs/audit.md and never changes.
 */
import { createHash } from 'node:crypto'

/** An entry as the API shows it: what is hashed is all of it but the hash. */
export type AuditView = {
  id: string
  at: Date
  userId: string | null
  sessionId: string | null
  apiKeyId: string | null
  action: string
  resource: string
  resourceId: string | null
  fields: string[]
  details: Record<string, unknown> | null
  network: string | null
  requestId: string | null
  /** Its place in the chain, from 1; null until it is sealed. */
  position: number | null
  /** In hexadecimal; null until it is sealed. */
  hash: string | null
}

export type Sealed = AuditView & { position: number; hash: string }

/** What the first entry follows. */
export const BEGINNING = '0'.repeat(64)

/** The one list of columns. Rows of it go through `entryOf`. */
export const columns = `
  id, at, user_id AS "userId", session_id AS "sessionId", api_key_id AS "apiKeyId", action, resource,
  resource_id AS "resourceId", fields, details, network, request_id AS "requestId", position, encode(hash, 'hex') AS hash`

export type AuditRow = Omit<AuditView, 'position'> & { position: string | null }

export const entryOf = (row: AuditRow): AuditView => ({
  ...row,
  position: row.position === null ? null : Number(row.position)
})

/** SHA-256, in hexadecimal, over the 32 bytes of the hash before and the entry in the form of RFC 8785. */
export function hashOf(previous: string, { hash: _, ...entry }: AuditView): string {
  return createHash('sha256').update(Buffer.from(previous, 'hex')).update(canonical(entry)).digest('hex')
}

/** RFC 8785: members by name, no white space, strings and numbers as JSON.stringify writes them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object' || value instanceof Date) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(',')}}`
}
