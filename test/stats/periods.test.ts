/** Periods against what Postgres says of the same time zones. */
import fc from 'fast-check'
import t from 'tap'
import { edgesOf } from '../../src/stats/periods.ts'

const NOW = new Date('2026-11-28T10:30:00Z')
const days = (from: string, to: string, timeZone: string) =>
  edgesOf({ from, to, period: 'day', timeZone }, NOW).map((edge) => edge.toISOString().slice(5, 16))

t.test('days on which clocks are set', async (t) => {
  for (const [what, from, to, timeZone, expected] of [
    [
      'forward at 2',
      '2026-03-29T00:00:00Z',
      '2026-03-29T12:00:00Z',
      'Europe/Berlin',
      ['03-28T23:00', '03-29T22:00']
    ],
    [
      'back at 3',
      '2026-10-25T00:00:00Z',
      '2026-10-25T12:00:00Z',
      'Europe/Berlin',
      ['10-24T22:00', '10-25T23:00']
    ],
    [
      'no midnight',
      '2018-11-04T12:00:00Z',
      '2018-11-04T13:00:00Z',
      'America/Sao_Paulo',
      ['11-04T03:00', '11-05T02:00']
    ],
    [
      'midnight twice',
      '2020-11-01T12:00:00Z',
      '2020-11-01T13:00:00Z',
      'America/Havana',
      ['11-01T04:00', '11-02T05:00']
    ],
    [
      'back at midnight',
      '2018-02-17T12:00:00Z',
      '2018-02-18T13:00:00Z',
      'America/Sao_Paulo',
      ['02-17T02:00', '02-18T03:00', '02-19T03:00']
    ],
    [
      'a day left out',
      '2011-12-29T12:00:00Z',
      '2011-12-31T12:00:00Z',
      'Pacific/Apia',
      ['12-29T10:00', '12-30T10:00', '12-31T10:00', '01-01T10:00']
    ],
    [
      'fourteen hours ahead',
      '2026-05-01T00:00:00Z',
      '2026-05-01T01:00:00Z',
      'Pacific/Kiritimati',
      ['04-30T10:00', '05-01T10:00']
    ],
    [
      'half an hour',
      '2026-05-01T00:00:00Z',
      '2026-05-01T01:00:00Z',
      'Asia/Kathmandu',
      ['04-30T18:15', '05-01T18:15']
    ]
  ] as const)
    t.same(days(from, to, timeZone), expected, what)
})

t.test('without bounds: seven days, and now is in the last one', async (t) => {
  for (const timeZone of ['UTC', 'America/New_York', 'Asia/Tokyo']) {
    for (const [period, count] of [
      ['hour', 168],
      ['day', 7]
    ] as const) {
      const edges = edgesOf({ period, timeZone }, NOW)
      t.equal(edges.length, count + 1, `${period} ${timeZone}`)
      t.ok((edges.at(-2) as Date) <= NOW && NOW < (edges.at(-1) as Date))
    }
    const weeks = edgesOf({ period: 'week', timeZone }, NOW)
    t.equal(weeks.length, 2, `this week ${timeZone}`)
    t.ok((weeks.at(-2) as Date) <= NOW && NOW < (weeks.at(-1) as Date))
  }
})

t.test('any range is covered without gaps, and every edge is where a clock shows a new day', async (t) => {
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Sao_Paulo',
    'America/Havana',
    'Africa/Cairo',
    'Asia/Tehran',
    'Asia/Beirut',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'Pacific/Apia',
    'America/St_Johns',
    'Asia/Gaza'
  )
  const moment = fc.integer({ min: Date.UTC(2000, 0, 3), max: Date.UTC(2060, 0, 1) })
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 1, max: 60 * 86_400_000 }),
      zone,
      fc.constantFrom('day' as const, 'week' as const),
      (from, length, timeZone, period) => {
        const to = from + length
        const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), period, timeZone }
        const edges = edgesOf(range, NOW).map((edge) => edge.getTime())
        const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
        const weekday = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short' })
        t.ok((edges[0] as number) <= from && (edges[1] as number) > from, 'begins with the period of from')
        t.ok((edges.at(-1) as number) >= to && (edges.at(-2) as number) < to, 'ends with the period of to')
        for (const [index, edge] of edges.entries()) {
          if (index > 0 && edge <= (edges[index - 1] as number)) return false
          if (format.format(edge) === format.format(edge - 60_000)) return false
          if (period === 'week' && weekday.format(edge) !== 'Mon') return false
        }
        return true
      }
    ),
    { numRuns: 300, seed: 5 }
  )
})
