/** What a piece of work left behind in the database: nothing when it was refused, one event and one audit row when not. */
import type { Test } from 'tap'
import type { Newsroom } from '../helper.ts'
import { snapshot } from '../traces.ts'

type Assert = Pick<Test, 'same' | 'equal'>

/** `work` must change no row of any table. */
export async function writesNothing<T>(t: Assert, room: Newsroom, work: () => Promise<T>): Promise<T> {
  const before = await snapshot(room)
  const result = await work()
  t.same(await snapshot(room), before, 'the database is as it was')
  return result
}

/** `work` must leave one more audit row and one more event, of these names; or these, in this order. */
export async function tellsOnce<T>(
  t: Assert,
  room: Newsroom,
  { event, audit = [event].flat().at(-1) }: { event: string | string[]; audit?: string | string[] },
  work: () => Promise<T>
): Promise<T> {
  const before = await snapshot(room)
  const result = await work()
  const after = await snapshot(room)
  const more = (table: string) => (after[table]?.count ?? 0) - (before[table]?.count ?? 0)
  const [events, deeds] = [[event].flat(), [audit].flat()]
  t.same([more('events'), more('audit')], [events.length, deeds.length], 'so many more events and audit rows')
  const last = (column: string, table: string, count: number) =>
    room.db.query<{ name: string }>(
      { text: `SELECT ${column} AS name FROM ${table} ORDER BY at DESC, id DESC LIMIT $1::int` },
      [count]
    )
  const names = (rows: { name: string }[]) => rows.map(({ name }) => name).reverse()
  t.same(names(await last('type', 'events', events.length)), events)
  t.same(names(await last('action', 'audit', deeds.length)), deeds)
  return result
}

/** One value from the database. */
export async function ask<T>({ db }: Newsroom, text: string, ...values: unknown[]): Promise<T> {
  const [row] = await db.query<Record<string, T>>({ text }, values)
  return Object.values(row ?? {})[0] as T
}
