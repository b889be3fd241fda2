/** Rows as records and records as rows, from one list of columns each. */
import type { Session } from '../database/database.ts'

/** By the member of the record: the column and its type, such as `disabled_at timestamptz`. */
export type Columns = Record<string, string>

const parts = (column: string) => {
  const [name = '', type = ''] = column.split(' ')
  return { name, type }
}

/** The columns as a list for SELECT, in their order. What Node would read as text is made a number. */
export const selected = (alias: string, columns: Columns) =>
  Object.entries(columns)
    .map(([member, column]) => {
      const { name, type } = parts(column)
      return `${alias}.${name}${type === 'bigint' ? '::float8' : ''} AS "${member}"`
    })
    .join(', ')

/**
 * Longer texts are kept in memory until all of it is looked through: a gigabyte read as texts of 300 kB took three times
 * the memory.
 */
export const PIECE = 60_000

/** Texts put together to pieces of about that length. */
export function inPieces(texts: string[]): string[][] {
  const pieces: string[][] = []
  let room = 0
  for (const text of texts) {
    if (room <= 0) {
      pieces.push([])
      room = PIECE
    }
    pieces.at(-1)?.push(text)
    room -= text.length
  }
  return pieces
}

/** Writes rows, some with each statement. Members that are no columns are left aside. */
export async function insertRows(session: Session, table: string, columns: Columns, rows: object[]) {
  const names = Object.values(columns).map((column) => parts(column).name)
  const members = Object.keys(columns).map((member) => `x."${member}"`)
  const typed = Object.entries(columns).map(([member, column]) => `"${member}" ${parts(column).type}`)
  const statement = `INSERT INTO ${table} (${names.join(', ')}) SELECT ${members.join(', ')}
    FROM json_to_recordset($1::json) AS x (${typed.join(', ')})`
  for (const piece of inPieces(rows.map((row) => JSON.stringify(pick(row, columns)))))
    await session.query(statement, [`[${piece.join(',')}]`])
}

const pick = (row: object, columns: Columns) =>
  Object.fromEntries(Object.entries(row).filter(([member]) => Object.hasOwn(columns, member)))
