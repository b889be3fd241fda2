/**
 * Entries get their places in the chain after they were committed, from the sequencer, so no writer waits for another.
 * The row of `audit_head` is locked first: a step that was cut short left nothing, and two of them take turns.
 */
import type { Session } from '../database/database.ts'
import { type AuditRow, columns, entryOf, hashOf } from './chain.ts'

const AT_ONCE = 500

/** Whether something waits for its place. */
export const UNSEALED = 'EXISTS (SELECT FROM audit WHERE position IS NULL)'

/** Seals what waits, oldest first, and answers whether there may be more. Throws what the database says; then nothing has happened. */
export async function seal(session: Session): Promise<boolean> {
  return session.transaction(async () => {
    const [head] = await session.query<{ position: string; hash: string }>(
      `SELECT position, encode(hash, 'hex') AS hash FROM audit_head FOR UPDATE`
    )
    if (!head) throw new Error('The audit has no head: the row of audit_head is gone.')
    const rows = await session.query<AuditRow>(
      `SELECT ${columns} FROM audit WHERE position IS NULL ORDER BY at, id LIMIT ${AT_ONCE}`
    )
    if (rows.length === 0) return false
    let { hash } = head
    const placed = rows.map((row, index) => {
      const position = Number(head.position) + 1 + index
      hash = hashOf(hash, { ...entryOf(row), position })
      return { id: row.id, position, hash }
    })
    await session.query(
      `UPDATE audit a SET position = x.position, hash = decode(x.hash, 'hex')
       FROM jsonb_to_recordset($1::jsonb) AS x (id uuid, position bigint, hash text) WHERE a.id = x.id`,
      [JSON.stringify(placed)]
    )
    await session.query(`UPDATE audit_head SET position = $1::bigint, hash = decode($2::text, 'hex')`, [
      placed.at(-1)?.position,
      hash
    ])
    return rows.length === AT_ONCE
  })
}
