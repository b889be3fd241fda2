/** What came from a source before, so that a second run makes no twins. */
import { createHash } from 'node:crypto'
import type { Connection, Transaction } from '../database/database.ts'

export type Kind = 'author' | 'tag' | 'article'

/** Somebody else imports the same at the same time, and was faster. */
export class AlreadyThere extends Error {}

const LONGEST_KEY = 200

/** Keys of theirs that are too long for an index, by their hash. */
const kept = (key: string) =>
  key.length <= LONGEST_KEY && !/[\p{Cc}\p{Cs}]/u.test(key)
    ? key
    : `sha256:${createHash('sha256').update(key).digest('hex')}`

/** What each of these keys became. */
export async function findImported(
  db: Connection,
  source: string,
  kind: Kind,
  keys: string[]
): Promise<Map<string, string>> {
  const names = new Map(keys.map((key) => [kept(key), key]))
  const rows = await db.query<{ key: string; id: string }>(find, [source, kind, [...names.keys()]])
  return new Map(rows.map(({ key, id }) => [names.get(key) as string, id]))
}

const find = {
  text: 'SELECT key, id FROM imported WHERE source = $1::text AND kind = $2::text AND key = ANY ($3::text[])'
}

/** Remembers it, in the transaction that made it. Throws AlreadyThere. */
export async function noteImported(tx: Transaction, source: string, kind: Kind, key: string, id: string) {
  const [row] = await tx.query(write, [source, kind, kept(key), id])
  if (!row) throw new AlreadyThere(key)
}

const write = {
  text: `INSERT INTO imported (source, kind, key, id) VALUES ($1::text, $2::text, $3::text, $4::uuid)
    ON CONFLICT DO NOTHING RETURNING id`
}

/** Whether something here came from this source: then nothing else of it is joined with it. */
export async function isImported(db: Connection, source: string, kind: Kind, id: string): Promise<boolean> {
  const rows = await db.query(
    {
      text: 'SELECT FROM imported WHERE source = $1::text AND kind = $2::text AND id = $3::uuid LIMIT 1'
    },
    [source, kind, id]
  )
  return rows.length > 0
}
