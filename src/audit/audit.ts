/** Who did what, written in the transaction of the change. Names of fields; values only where they are harmless. */
import { v7 as uuid } from 'uuid'
import type { Transaction } from '../database/database.ts'

/** Who acts, through what, from where. `userId` null: the system itself, or nobody signed in. */
export type Actor = {
  userId: string | null
  sessionId: string | null
  apiKeyId: string | null
  /** The network asked from, such as `203.0.113.0/24`; never a whole address. */
  network: string | null
  requestId: string | null
}

/** Stages, roles, moments, ids and numbers: never text that somebody wrote, addresses or secrets. Whole numbers only. */
export type Details = Record<string, string | number | boolean | null>

export type Deed = {
  action: string
  resource: string
  resourceId: string | null
  fields?: string[]
  details?: Details
}

/** What the service does by itself: seeding, the first admin. */
export const system: Actor = {
  userId: null,
  sessionId: null,
  apiKeyId: null,
  network: null,
  requestId: null
}

export async function note(tx: Transaction, actor: Actor, deed: Deed) {
  await noteAll(tx, actor, [deed])
}

/** The same for many, in this order. */
export async function noteAll(tx: Transaction, actor: Actor, deeds: Deed[]) {
  await tx.prisma.auditEntry.createMany({ data: deeds.map((deed) => ({ id: uuid(), ...actor, ...deed })) })
}

/** The same as a part of a larger statement: one entry, where `from` has a row. `parameter` takes `noted.values`. */
export const noted = Object.assign(
  (parameter: string, from: string) => `
    INSERT INTO audit (id, user_id, session_id, api_key_id, action, resource, resource_id, fields, details, network, request_id)
    SELECT d.* FROM ${from}, json_to_record(${parameter}::json) AS d (id uuid, "userId" uuid, "sessionId" uuid,
      "apiKeyId" uuid, action text, resource text, "resourceId" uuid, fields text[], details jsonb, network text, "requestId" text)`,
  { values: (actor: Actor, deed: Deed) => JSON.stringify({ id: uuid(), ...actor, ...deed }) }
)
