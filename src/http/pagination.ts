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
/** From a row, which `including` says whether it stands on the page itself. */
type Position = { backwards: boolean; including: boolean; key: (string | number)[] }

export type PageQuery = { limit: number; cursor?: string }

/** One page to fetch: hand `take`, `where` and `orderBy` to a statement and its rows to `page`. */
export type Walk = {
  /** How many rows to fetch: one more than shown tells whether there is more. */
  take: number
  /** What the cursor carries: the columns of the row it was written at. Null on the first page. */
  from: (string | number)[] | null
  /**
   * The keyset condition (`TRUE` on the first page) and order for these columns, the last of them unique. Pushes its
   * values to `values`, each with its column's type. `shape` tells apart the conditions one list and order can have;
   * it is null for those few ask for.
   */
  keyset: (
    columns: { sql: string; type: string }[],
    descending: boolean,
    values: unknown[]
  ) => { where: string; orderBy: string; direction: 'ASC' | 'DESC'; shape: 'first' | 'next' | null }
  page: <Row>(rows: Row[], keyOf: (row: Row) => Key) => { data: Row[]; page: Static<typeof Page> }
}

/** `walk(list, query)`: `list` names the list, all of `query` but `limit` and `cursor` are its filters. */
export type Pager = (list: string, query: PageQuery) => Walk

const MAC_BYTES = 16
/** Bits of the number a cursor begins with. */
const [BACKWARDS, INCLUDING] = [1, 2]

/** Writes cursors that nobody else can, and reads them. `scope`: what they are good for. */
function makeSeal(secret: string) {
  const macKey = deriveKey(secret, 'cursors')
  const macOf = (scope: string, payload: Buffer) =>
    createHmac('sha256', macKey).update(scope).update('\0').update(payload).digest().subarray(0, MAC_BYTES)

  return {
    write(scope: string, values: (string | number)[]) {
      const payload = Buffer.from(JSON.stringify(values))
      return Buffer.concat([macOf(scope, payload), payload]).toString('base64url')
    },
    /** Throws invalid_cursor, at `pointer`. */
    read(scope: string, cursor: string, pointer = '/query/cursor'): (string | number)[] {
      const bytes = Buffer.from(cursor, 'base64url')
      const payload = bytes.subarray(MAC_BYTES)
      const genuine =
        bytes.length > MAC_BYTES && timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(scope, payload))
      if (genuine && bytes.toString('base64url') === cursor) return JSON.parse(payload.toString())
      const message = 'is not one of this list with these filters'
      throw new Problem('invalid_cursor', 'The cursor is not one of this list with these filters.', {
        errors: [{ pointer, code: 'invalid_cursor', message }]
      })
    }
  }
}

const scopeOf = (list: string, filters: object) =>
  `${list} ${JSON.stringify(Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1)))}`

/**
 * Cursors of a list that only grows and is read in one direction: whole numbers, of which the first is a position.
 * `follow(list, filters)`: a cursor is good for this list with these filters.
 */
export type Follower = (
  list: string,
  filters: object
) => { write: (...numbers: number[]) => string; read: (cursor: string, pointer?: string) => number[] }

export function makeFollower(secret: string): Follower {
  const seal = makeSeal(secret)
  return (list, filters) => {
    const scope = scopeOf(list, filters)
    return {
      write: (...numbers) => seal.write(scope, numbers),
      read: (cursor, pointer) => seal.read(scope, cursor, pointer) as number[]
    }
  }
}

export function makePager(secret: string): Pager {
  const seal = makeSeal(secret)
  const write = (scope: string, { backwards, including, key }: Position) =>
    seal.write(scope, [(backwards ? BACKWARDS : 0) + (including ? INCLUDING : 0), ...key])
  const read = (scope: string, cursor: string): Position => {
    const [how, ...key] = seal.read(scope, cursor) as [number, ...(string | number)[]]
    return { backwards: (how & BACKWARDS) !== 0, including: (how & INCLUDING) !== 0, key }
  }

  return (list, { limit, cursor, ...filters }) => {
    const scope = scopeOf(list, filters)
    const from = cursor === undefined ? null : read(scope, cursor)
    const backwards = from?.backwards ?? false
    return {
      take: limit + 1,
      from: from?.key ?? null,
      keyset(columns, descending, values) {
        const down = descending !== backwards
        const direction = down ? 'DESC' : 'ASC'
        const orderBy = columns.map(({ sql }) => `${sql} ${direction}`).join(', ')
        if (!from) return { where: 'TRUE', orderBy, direction, shape: 'first' }
        const places = columns.map(({ type }, index) => `$${values.push(from.key[index])}::${type}`)
        const names = columns.map(({ sql }) => sql)
        const comparison = `${down ? '<' : '>'}${from.including ? '=' : ''}`
        return {
          where: `(${names.join(', ')}) ${comparison} (${places.join(', ')})`,
          orderBy,
          direction,
          shape: from.backwards || from.including ? null : 'next'
        }
      },
      page(rows, keyOf) {
        const hasMore = rows.length > limit
        const data = rows.slice(0, limit)
        if (backwards) data.reverse()
        const [first, last] = [data[0], data.at(-1)]
        if (first === undefined || last === undefined) {
          // All that stood here is gone: the way back begins at the row this page was to begin after.
          const back = from && write(scope, { ...from, backwards: !backwards, including: !from.including })
          return {
            data,
            page: { limit, hasMore, next: backwards ? back : null, prev: backwards ? null : back }
          }
        }
        const cursorAt = (row: (typeof rows)[number], back: boolean) => {
          const key = keyOf(row).map((part) => (part instanceof Date ? part.toISOString() : part))
          return write(scope, { backwards: back, including: false, key })
        }
        const next = backwards || hasMore ? cursorAt(last, false) : null
        const prev = (backwards ? hasMore : from !== null) ? cursorAt(first, true) : null
        return { data, page: { limit, hasMore, next, prev } }
      }
    }
  }
}
