/** The audit as admins read it. */
import type { Static } from 'typebox'
import type { Connection } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { type AuditRow, columns, entryOf } from './chain.ts'
import type { AuditQuery } from './schema.ts'

/** Each has an index that ends as the list is ordered. */
const filters = {
  user: 'user_id = $::uuid',
  session: 'session_id = $::uuid',
  key: 'api_key_id = $::uuid',
  action: 'action = $::text',
  resource: 'resource = $::text',
  resourceId: 'resource_id = $::uuid',
  since: 'at >= $::timestamptz',
  until: 'at < $::timestamptz'
}

/** Entries, newest first. */
export async function listEntries(db: Connection, query: Static<typeof AuditQuery>, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'at', type: 'timestamptz' },
      { sql: 'id', type: 'uuid' }
    ],
    true,
    values
  )
  const conditions = Object.entries(filters).flatMap(([name, condition]) => {
    const value = query[name as keyof typeof filters]
    return value === undefined ? [] : [condition.replace('$', () => `$${values.push(value)}`)]
  })
  const text = `SELECT ${columns} FROM audit WHERE ${[where, ...conditions].join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<AuditRow>({ text }, values)
  return walk.page(rows.map(entryOf), ({ at, id }) => [at, id])
}
