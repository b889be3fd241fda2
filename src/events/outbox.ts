/** The outbox: a fact, written in the transaction that made it true. What reads it gives it its place in the feed. */
import { v7 as uuid } from 'uuid'
import type { Transaction } from '../database/database.ts'
import type { Prisma } from '../database/generated/client.ts'

export type Fact = {
  /** `<noun>.<past participle>`, such as `article.published`. */
  type: string
  subjectId: string | null
  payload: Prisma.InputJsonObject
  /** What readers are shown of this: see content/keys.ts. */
  surrogateKeys: string[]
}

/** With the key of answers too wide to name what they show. */
export const withAll = (keys: string[]) => (keys.length > 0 ? [...keys, 'all'] : [])

/** Answers with the id of the event. */
export async function tell(tx: Transaction, fact: Fact): Promise<string> {
  const [id] = await tellAll(tx, [fact])
  return id as string
}

/** The same for many, in this order. */
export async function tellAll(tx: Transaction, facts: Fact[]): Promise<string[]> {
  if (facts.length === 0) return []
  const data = facts.map((fact) => ({ id: uuid(), ...fact, surrogateKeys: withAll(fact.surrogateKeys) }))
  for (const { surrogateKeys } of data) tx.told.push(...surrogateKeys)
  await tx.prisma.event.createMany({ data })
  return data.map(({ id }) => id)
}

/** The same as a part of a larger statement: one event, where `from` has a row. `parameter` takes `told.values`. */
export const told = Object.assign(
  (parameter: string, from: string) => `
    INSERT INTO events (id, type, subject_id, payload, surrogate_keys)
    SELECT e.* FROM ${from}, json_to_record(${parameter}::json)
      AS e (id uuid, type text, "subjectId" uuid, payload jsonb, "surrogateKeys" text[])`,
  {
    values: ({ surrogateKeys, ...fact }: Fact) =>
      JSON.stringify({ id: uuid(), ...fact, surrogateKeys: withAll(surrogateKeys) })
  }
)
