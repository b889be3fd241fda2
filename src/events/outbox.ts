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

export async function tell(tx: Transaction, fact: Fact) {
  // `all` is for answers too wide to name what they show.
  const surrogateKeys = fact.surrogateKeys.length > 0 ? [...fact.surrogateKeys, 'all'] : []
  tx.told.push(...surrogateKeys)
  await tx.prisma.event.createMany({ data: { id: uuid(), ...fact, surrogateKeys } })
}
