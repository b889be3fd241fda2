/** Dates of other systems, which come with and without a zone. */
import { clockOf } from '../stats/periods.ts'

/** `2019-05-03 08:15:00`, with `T`, with a fraction, with `Z` or an offset. */
const DATE =
  /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/

/** Null for what is no date, such as WordPress's `0000-00-00 00:00:00`. What has no zone is in `timeZone`. */
export function momentFrom(text: string | null | undefined, timeZone = 'UTC'): Date | null {
  const match = DATE.exec(text?.trim() ?? '')
  if (!match) return null
  const [year, month, day, hour, minute, second, fraction] = match
    .slice(1, 8)
    .map((part) => Number(part ?? 0))
  const thousandths = fraction && match[7] ? Number(match[7].padEnd(3, '0')) : 0
  const wall = Date.UTC(
    year as number,
    (month as number) - 1,
    day as number,
    hour as number,
    minute as number,
    second as number,
    thousandths
  )
  const same = new Date(wall)
  // A year of the first century, the 31st of June, the 25th hour.
  if (same.getUTCFullYear() !== year || same.getUTCMonth() + 1 !== month || same.getUTCDate() !== day)
    return null
  if ((year as number) < 1000) return null
  const zone = match[8]
  if (zone === 'Z') return same
  if (zone) {
    const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})/.exec(zone) as RegExpExecArray
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
    return new Date(wall - ahead)
  }
  if (timeZone === 'UTC') return same
  // The offset at that wall time: looked up twice, because it may change between the two.
  const first = wall - offsetAt(wall, timeZone)
  return new Date(wall - offsetAt(first, timeZone))
}

const clocks = new Map<string, ReturnType<typeof clockOf>>()

function offsetAt(moment: number, timeZone: string): number {
  const clock = clocks.get(timeZone) ?? clockOf(timeZone)
  clocks.set(timeZone, clock)
  return clock(moment) - Math.floor(moment / 1000) * 1000
}
