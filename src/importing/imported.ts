/** What came from a source before, so that a second run makes no twins. */
import { createHash } from 'node:crypto'
import type { Connection, Transaction } from '../database/database.ts'
import { owned } from './texts.ts'

export type Kind = 'author' | 'tag' | 'article'

/** Somebody else imports the same at the same time, and was faster. */
export class AlreadyThere extends Error {}

const LONGEST_KEY = 200

/** Keys of theirs that are too long for an index, by their hash. */
const kept = (key: string) =>
  key.length <= LONGEST_KEY && !/[\p{Cc}\p{Cs}]/u.test(key)
    ? key
    : `sha256:${createHash('sha256').update(key).digest('hex')}`

/** Whether a file held this key before. What holds it again is told of, and not kept. */
export function isTwice(met: Set<string>, kind: Kind, key: string): boolean {
  const name = owned(`${kind} ${kept(key)}`)
  if (met.has(name)) return true
  met.add(name)
  return false
}

export const TWICE = 'is there twice in the file: the first counts'

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

/** Remembers what these keys became, in the transaction that made it. Throws AlreadyThere. */
export async function noteImported(tx: Transaction, source: string, kind: Kind, ids: [string, string][]) {
  const keys = ids.map(([key]) => kept(key))
  const rows = await tx.query(write, [source, kind, keys, ids.map(([, id]) => id)])
  if (rows.length < ids.length) throw new AlreadyThere()
}

const write = {
  text: `INSERT INTO imported (source, kind, key, id)
    SELECT $1::text, $2::text, g.key, g.id FROM unnest($3::text[], $4::uuid[]) AS g (key, id)
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
