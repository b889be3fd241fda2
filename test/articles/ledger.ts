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

/** `work` must leave one more event and one more audit row, of these names. */
export async function tellsOnce<T>(
  t: Assert,
  room: Newsroom,
  { event, audit = event }: { event: string; audit?: string },
  work: () => Promise<T>
): Promise<T> {
  const before = await snapshot(room)
  const result = await work()
  const after = await snapshot(room)
  const more = (table: string) => (after[table]?.count ?? 0) - (before[table]?.count ?? 0)
  t.same([more('events'), more('audit')], [1, 1], 'one more event and one more audit row')
  const [last] = await room.db.query<{ event: string; audit: string }>(
    {
      text: `SELECT (SELECT type FROM events ORDER BY at DESC, id DESC LIMIT 1) AS event,
        (SELECT action FROM audit ORDER BY at DESC, id DESC LIMIT 1) AS audit`
    },
    []
  )
  t.same(last, { event, audit })
  return result
}

/** One value from the database. */
export async function ask<T>({ db }: Newsroom, text: string, ...values: unknown[]): Promise<T> {
  const [row] = await db.query<Record<string, T>>({ text }, values)
  return Object.values(row ?? {})[0] as T
}
