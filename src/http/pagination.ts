/**
 * Keyset pages: a cursor carries where the last page ended, so page 500 costs what page 1 costs, and rows that come
 * and go meanwhile move nothing. Cursors are MACed together with the list and its filters: a forged one, or one of
 * another list, is refused.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Static } from 'typebox'
import { deriveKey } from '../secrets.ts'
import { Problem } from './errors.ts'
import type { Page } from './wire.ts'

type Key = (string | number | Date)[]
type Position = { backwards: boolean; key: (string | number)[] }

export type PageQuery = { limit: number; cursor?: string }

/** One page to fetch: hand `take`, `where` and `orderBy` to a statement and its rows to `page`. */
export type Walk = {
  /** How many rows to fetch: one more than shown tells whether there is more. */
  take: number
  /**
   * The keyset condition (`TRUE` on the first page) and order for these columns, the last of them unique. Pushes its
   * values to `values`, each with its column's type.
   */
  keyset: (
    columns: { sql: string; type: string }[],
    descending: boolean,
    values: unknown[]
  ) => { where: string; orderBy: string }
  page: <Row>(rows: Row[], keyOf: (row: Row) => Key) => { data: Row[]; page: Static<typeof Page> }
}

/** `walk(list, query)`: `list` names the list, all of `query` but `limit` and `cursor` are its filters. */
export type Pager = (list: string, query: PageQuery) => Walk

const MAC_BYTES = 16

export function makePager(secret: string): Pager {
  const macKey = deriveKey(secret, 'cursors')
  const macOf = (scope: string, payload: Buffer) =>
    createHmac('sha256', macKey).update(scope).update('\0').update(payload).digest().subarray(0, MAC_BYTES)

  const write = (scope: string, position: Position) => {
    const payload = Buffer.from(JSON.stringify([position.backwards ? 1 : 0, ...position.key]))
    return Buffer.concat([macOf(scope, payload), payload]).toString('base64url')
  }

  const read = (scope: string, cursor: string): Position => {
    const bytes = Buffer.from(cursor, 'base64url')
    const payload = bytes.subarray(MAC_BYTES)
    const genuine =
      bytes.length > MAC_BYTES && timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(scope, payload))
    if (!genuine || bytes.toString('base64url') !== cursor) {
      throw new Problem('invalid_cursor', 'The cursor is not one of this list with these filters.', {
        errors: [
          {
            pointer: '/query/cursor',
            code: 'invalid_cursor',
            message: 'is not one of this list with these filters'
          }
        ]
      })
    }
    const [backwards, ...key] = JSON.parse(payload.toString()) as (string | number)[]
    return { backwards: backwards === 1, key }
  }

  return (list, { limit, cursor, ...filters }) => {
    const scope = `${list} ${JSON.stringify(Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1)))}`
    const from = cursor === undefined ? null : read(scope, cursor)
    const backwards = from?.backwards ?? false
    return {
      take: limit + 1,
      keyset(columns, descending, values) {
        const down = descending !== backwards
        const orderBy = columns.map(({ sql }) => `${sql} ${down ? 'DESC' : 'ASC'}`).join(', ')
        if (!from) return { where: 'TRUE', orderBy }
        const places = columns.map(({ type }, index) => `$${values.push(from.key[index])}::${type}`)
        const names = columns.map(({ sql }) => sql)
        return { where: `(${names.join(', ')}) ${down ? '<' : '>'} (${places.join(', ')})`, orderBy }
      },
      page(rows, keyOf) {
        const hasMore = rows.length > limit
        const data = rows.slice(0, limit)
        if (backwards) data.reverse()
        const cursorAt = (row: (typeof rows)[number] | undefined, back: boolean) =>
          row === undefined
            ? null
            : write(scope, {
                backwards: back,
                key: keyOf(row).map((part) => (part instanceof Date ? part.toISOString() : part))
              })
        const next = backwards || hasMore ? cursorAt(data.at(-1), false) : null
        const prev = backwards ? hasMore : from !== null
        return { data, page: { limit, hasMore, next, prev: prev ? cursorAt(data[0], true) : null } }
      }
    }
  }
}
