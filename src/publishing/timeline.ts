/**
 * The timeline of an article as a line of rows, and what editors do to it: pure functions, all moments come in, nothing
 * is read or written. Postgres itself forbids two rows that overlap; here is decided which row should be where.
 */
import { Conflict, Invalid } from '../http/errors.ts'

export type Row = {
  id: string
  version: number
  /** Inclusive. */
  from: Date
  /** Exclusive; null = open. */
  until: Date | null
  /** The end its editor asked for; a later row may cut it short, and gives it back when cancelled. */
  planned: Date | null
}

/** Earliest first. No two overlap, none is empty. */
export type Timeline = Row[]

/** `asked`: in this very call, so that it is refused where it cannot be, and not cut short. */
export type End = { planned: Date | null; asked: boolean }

/** A clock that is a little ahead of ours still means now. */
const GRACE_MS = 60_000

export const covers = (row: Row, moment: Date) =>
  row.from <= moment && (row.until === null || row.until > moment)
export const sameMoment = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime()
const earlier = (a: Date | null, b: Date | null) => (a === null ? b : b === null || a <= b ? a : b)

/** The moment asked for; what is at most 60 seconds in the past is now. Throws Invalid at `pointer` for older ones. */
export function momentAsked(asked: Date | undefined, now: Date, pointer: string): Date {
  if (asked === undefined) return now
  if (asked.getTime() < now.getTime() - GRACE_MS)
    throw Invalid(pointer, 'is more than 60 seconds in the past', 'in_the_past')
  return asked < now ? now : asked
}

/**
 * The timeline with one row more, beginning at `from`: the row that covers that moment ends there, and the new one runs
 * to its planned end, or to the next row if that is earlier. Without `end` it keeps that of the row it takes over from.
 * Throws Invalid, timeline_conflict.
 */
export function withRow(
  rows: Timeline,
  { id, version, from }: Omit<Row, 'until' | 'planned'>,
  end?: End
): Timeline {
  const covering = rows.find((row) => covers(row, from))
  if (covering && sameMoment(covering.from, from)) {
    throw Conflict(
      'timeline_conflict',
      'Something else is scheduled at exactly this moment. Change or cancel it, or choose another moment.'
    )
  }
  const { planned, asked } = end ?? { planned: covering?.planned ?? null, asked: false }
  const row = ended({ id, version, from, until: null, planned }, rows, asked)
  const cut = rows.map((one) => (one === covering ? { ...one, until: from } : one))
  return inOrder([...cut, row])
}

/**
 * The timeline without a row: the one before it, which it had cut short, gets the end back that it had asked for, or
 * runs to the next.
 */
export function withoutRow(rows: Timeline, id: string): Timeline {
  const gone = rows.find((row) => row.id === id)
  const left = rows.filter((row) => row !== gone)
  return left.map((row) => (gone && sameMoment(row.until, gone.from) ? ended(row, left) : row))
}

/** The timeline with another end of one row. Throws Invalid, timeline_conflict. */
export function withEnd(rows: Timeline, id: string, planned: Date | null): Timeline {
  return rows.map((row) => (row.id === id ? ended({ ...row, planned }, rows, true) : row))
}

/** The timeline up to `moment`: what covers it ends there for good, what begins there or later is gone. */
export function endedAt(rows: Timeline, moment: Date): Timeline {
  const kept = rows.filter((row) => row.from < moment)
  const last = kept.at(-1)
  return kept.map((row) =>
    row === last && (row.until === null || row.until >= moment)
      ? { ...row, until: moment, planned: moment }
      : row
  )
}

/** A row with its end: the planned one, or the beginning of the next row. */
function ended(row: Row, rows: Timeline, asked = false): Row {
  const next = rows.find((one) => one.from > row.from)
  if (row.planned && row.planned <= row.from)
    throw Invalid(asked ? '/liveUntil' : '/liveFrom', 'would leave the end before the beginning', 'not_later')
  if (asked && next && row.planned && row.planned > next.from) {
    throw Conflict(
      'timeline_conflict',
      `Another publication begins at ${next.from.toISOString()}, before the end asked for.`
    )
  }
  return { ...row, until: earlier(row.planned, next?.from ?? null) }
}

const inOrder = (rows: Timeline) => rows.toSorted((a, b) => a.from.getTime() - b.from.getTime())
