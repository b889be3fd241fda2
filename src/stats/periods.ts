/** Hours, days and weeks as they begin and end on the clocks of a time zone, also where those are set back or forward. */
import { Invalid } from '../http/errors.ts'

export type Period = 'hour' | 'day' | 'week'
export type Range = { from?: string; to?: string; period: Period; timeZone: string }

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MOST = 1_000
/** Nothing was counted before, and clocks then went by rules that are not told in minutes. */
const EARLIEST = Date.UTC(2000, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

/**
 * The beginnings of all periods of a range, and the end of the last. `from` goes back to the beginning of its period, `to`
 * on to the end of its own. Throws Invalid for a range that is empty, not of our times, or has too many periods.
 */
export function edgesOf({ from, to, period, timeZone }: Range, now: Date): Date[] {
  const begin = from === undefined ? undefined : momentOf(from, '/query/from')
  const end = to === undefined ? now.getTime() : momentOf(to, '/query/to')
  if (begin !== undefined && begin >= end)
    throw Invalid(to === undefined ? '/query/from' : '/query/to', 'must be later than the beginning', 'range')
  if (period === 'hour') {
    const last = Math.floor((end - 1) / HOUR)
    const first = begin === undefined ? last - 167 : Math.floor(begin / HOUR)
    return countedFrom(first, last, 1).map((hour) => new Date(hour * HOUR))
  }
  const clock = clockOf(timeZone)
  const last = dayOf(clock, end - 1)
  const first = begin === undefined ? (period === 'week' ? last : last - 6) : dayOf(clock, begin)
  const days =
    period === 'day' ? countedFrom(first, last, 1) : countedFrom(mondayOf(first), mondayOf(last), 7)
  const starts = days.map((day) => startOfDay(clock, day))
  // A day that a zone left out, to come to the other side of the date line, begins where the next one does.
  return starts.filter((start, index) => start !== starts[index - 1]).map((start) => new Date(start))
}

function momentOf(text: string, pointer: string) {
  const moment = Date.parse(text)
  if (moment >= EARLIEST && moment <= LATEST) return moment
  throw Invalid(pointer, 'must lie between the years 2000 and 2100', 'range')
}

/** `first` to `last` by `step`, and one more. */
function countedFrom(first: number, last: number, step: number) {
  const count = (last - first) / step + 1
  if (count > MOST)
    throw Invalid(
      '/query/from',
      `lies ${count} periods before the end, of ${MOST} at most`,
      'too_many_periods'
    )
  return Array.from({ length: count + 1 }, (_, index) => first + index * step)
}

/** Days are counted from 1970-01-01, a Thursday. */
const mondayOf = (day: number) => day - ((((day + 3) % 7) + 7) % 7)

type Clock = (instant: number) => number

/** What the clocks of a zone show at an instant, in whole seconds, read as if it were UTC. */
export function clockOf(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  })
  return (instant) => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }
}

const dayOf = (clock: Clock, instant: number) => Math.floor(clock(instant) / DAY)

/** The first instant of a day. Midnight may be left out or come twice where clocks are set at midnight. */
function startOfDay(clock: Clock, day: number): number {
  const midnight = day * DAY
  const near = midnight - (clock(midnight) - midnight)
  const guess = near - (clock(near) - midnight)
  if (clock(guess) === midnight && dayOf(clock, guess - 1) < day) return guess
  // No zone is fifteen hours from UTC, and since 2000 all are whole minutes from it.
  let [before, since] = [midnight - 15 * HOUR, midnight + 15 * HOUR]
  while (since - before > 60_000) {
    const middle = before + Math.floor((since - before) / 120_000) * 60_000
    if (dayOf(clock, middle) >= day) since = middle
    else before = middle
  }
  return since
}
