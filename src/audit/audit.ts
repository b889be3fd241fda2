/** Who did what, written in the transaction of the change. Names of fields, never values. */
import { v7 as uuid } from 'uuid'
import type { Transaction } from '../database/database.ts'

/** Who acts, through what, from where. `userId` null: the system itself, or nobody signed in. */
export type Actor = {
  userId: string | null
  sessionId: string | null
  /** The network asked from, such as `203.0.113.0/24`; never a whole address. */
  network: string | null
  requestId: string | null
}

export type Deed = { action: string; resource: string; resourceId: string | null; fields?: string[] }

/** What the service does by itself: seeding, the first admin. */
export const system: Actor = { userId: null, sessionId: null, network: null, requestId: null }

export async function note(tx: Transaction, actor: Actor, deed: Deed) {
  await tx.prisma.auditEntry.createMany({ data: { id: uuid(), ...actor, ...deed } })
}

/** The same as a part of a larger statement: one entry, where `from` has a row. `parameter` takes `noted.values`. */
export const noted = Object.assign(
  (parameter: string, from: string) => `
    INSERT INTO audit (id, user_id, session_id, action, resource, resource_id, fields, network, request_id)
    SELECT d.* FROM ${from}, json_to_record(${parameter}::json) AS d (id uuid, "userId" uuid, "sessionId" uuid,
      action text, resource text, "resourceId" uuid, fields text[], network text, "requestId" text)`,
  { values: (actor: Actor, deed: Deed) => JSON.stringify({ id: uuid(), ...actor, ...deed }) }
)

/** The network of an address: /24 of IPv4, /48 of IPv6. */
export function networkOf(address: string): string | null {
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(address)
  if (v4) return `${v4[1]}.0/24`
  if (!address.includes(':')) return null
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const left = head.split(':').filter(Boolean)
  const filled =
    tail === undefined
      ? left
      : [...left, ...Array(Math.max(0, 8 - left.length - tail.split(':').filter(Boolean).length)).fill('0')]
  return `${filled
    .slice(0, 3)
    .map((part) => Number.parseInt(part || '0', 16).toString(16))
    .join(':')}::/48`
}
