/** Everything a newsroom has, one record a line, in an order in which it can be read in again. docs/moving-data.md. */
import type { Database } from '../database/database.ts'
import { inPieces, selected } from './columns.ts'
import type { Item, Kind } from './kind.ts'
import { kinds } from './order.ts'
import { FORMAT } from './record-schema.ts'

type Query = (text: string, values: unknown[]) => Promise<Item[]>

/** Rows of one statement: as many as make about so many bytes, and never more than so many. */
const BATCH_BYTES = 200_000
const MOST_ROWS = 500
const FIRST_ROWS = 20

/** Takes lines; answers when there is room for more. */
export type Take = (lines: string) => Promise<void>

/**
 * Gives all records to `take`, and answers with how many. On a server they are what one moment held. Embedded, where a
 * transaction would keep all others waiting, each statement is a moment of its own.
 */
export async function exportAll(
  db: Database,
  take: Take,
  onProgress: (records: number) => void = () => {}
): Promise<number> {
  if (db.embedded) return writeAll((text, values) => db.query({ text }, values), take, onProgress)
  return db.session('dateline: export', (session) =>
    session.transaction(async () => {
      await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
      // Whoever takes the lines may be slow.
      await session.query('SET LOCAL idle_in_transaction_session_timeout = 0')
      return writeAll((text, values) => session.query<Item>(text, values), take, onProgress)
    })
  )
}

async function writeAll(query: Query, take: Take, onProgress: (records: number) => void) {
  await take(`${JSON.stringify({ type: 'dateline', format: FORMAT })}\n`)
  let records = 0
  for (const kind of kinds) {
    for await (const lines of linesOf(kind, query)) {
      for (const piece of inPieces(lines)) await take(piece.join(''))
      records += lines.length
      onProgress(records)
    }
  }
  await take(`${JSON.stringify({ type: 'end', records })}\n`)
  return records
}

async function* linesOf(kind: Kind, query: Query): AsyncGenerator<string[]> {
  const batches = kind.order ? inOrderGiven(kind, query) : byKey(kind, query)
  let step = await batches.next(FIRST_ROWS)
  while (!step.done) {
    const lines = step.value.map((row) => `${JSON.stringify({ type: kind.type, ...row })}\n`)
    yield lines
    const bytes = lines.reduce((sum, line) => sum + line.length, 0)
    step = await batches.next(roomFor(bytes / Math.max(1, lines.length)))
  }
}

const roomFor = (bytesEach: number) =>
  Math.max(1, Math.min(MOST_ROWS, Math.floor(BATCH_BYTES / Math.max(1, bytesEach))))

/** The members of a record in their order, as SQL. */
export const membersOf = ({ alias, columns, more = {} }: Kind) =>
  [selected(alias, columns), ...Object.entries(more).map(([member, sql]) => `${sql} AS "${member}"`)].join(
    ', '
  )

type Batches = AsyncGenerator<Item[], void, number>

/** Walks down the key. `next` takes how many rows there should be. */
async function* byKey(kind: Kind, query: Query): Batches {
  const { table, alias, key, where = 'TRUE' } = kind
  const after = `(${key.map(({ sql }) => sql)}) > (${key.map(({ type }, index) => `$${index + 2}::${type}`)})`
  const text = (condition: string) => `
    SELECT ${membersOf(kind)} FROM ${table} ${alias}
    WHERE ${where} AND ${condition} ORDER BY ${key.map(({ sql }) => sql)} LIMIT $1::int`
  let rows = await query(text('TRUE'), [FIRST_ROWS])
  while (rows.length > 0) {
    const last = rows.at(-1) as Item
    const room = yield rows
    rows = await query(text(after), [room, ...key.map(({ member }) => last[member])])
  }
}

/** All ids first, then the rows in their order. */
async function* inOrderGiven(kind: Kind, query: Query): Batches {
  const { table, alias, order = '' } = kind
  const ids = (await query(order, [])).map(({ id }) => id)
  const text = `
    SELECT ${membersOf(kind)} FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, place)
    JOIN ${table} ${alias} ON ${alias}.id = given.id ORDER BY given.place`
  let start = 0
  let room = FIRST_ROWS
  while (start < ids.length) {
    const rows = await query(text, [ids.slice(start, start + room)])
    start += room
    room = yield rows
  }
}
