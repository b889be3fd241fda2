import { Type } from 'typebox'
import { Channel } from '../database/generated/enums.ts'
import { Closed, Moment, ref, Timestamp, withDefault } from '../http/wire.ts'

export const StatsQuery = Closed({
  from: Type.Optional({
    ...Moment,
    description:
      'Counts from the beginning of the period this lies in; without it, seven days; of weeks, this one.'
  }),
  to: Type.Optional({
    ...Moment,
    description: 'Exclusive. Counts up to the end of the period that reaches it; without it, now.'
  }),
  period: withDefault(
    Type.Enum(['hour', 'day', 'week'], {
      description:
        'Days and weeks (from Monday) begin by the clocks of the time zone; hours are those of UTC. At most 1,000 periods.'
    }),
    'day'
  ),
  timeZone: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description:
        'An IANA time zone such as `Asia/Yerevan`; without it, that of the site of the article’s locale, else of the default site, else UTC.',
      examples: ['Asia/Yerevan']
    })
  )
})

const human = Type.Integer({ minimum: 0, description: 'By people.' })
const bots = Type.Integer({
  minimum: 0,
  description: 'By robots: those that preview links, crawlers, programs.'
})
const clicks = { human, bots }

export const ClickCount = Closed(clicks, { $id: 'ClickCount', examples: [{ human: 12, bots: 3 }] })

export const ClickPeriod = Closed(
  { start: Timestamp, ...clicks },
  {
    $id: 'ClickPeriod',
    description: 'One period; it ends where the next begins.',
    examples: [{ start: '2026-11-20T00:00:00.000Z', human: 12, bots: 3 }]
  }
)

const period = Type.Enum(['hour', 'day', 'week'])
const range = {
  from: Type.Unsafe<Date>({ ...Timestamp, description: 'The beginning of the first period.' }),
  to: Type.Unsafe<Date>({ ...Timestamp, description: 'The end of the last period.' }),
  period,
  timeZone: Type.String()
}

const most = { maxItems: 51 }
const numbers = {
  total: ref(ClickCount),
  series: Type.Array(ref(ClickPeriod), {
    maxItems: 1000,
    description: 'Every period, earliest first, those without a click too.'
  }),
  referrers: Type.Array(
    Closed({
      host: Type.String({ description: 'Of the page the link stood on; empty: nobody said.' }),
      ...clicks
    }),
    { ...most, description: 'The 50 with most clicks; `other`: all the rest.' }
  ),
  countries: Type.Array(
    Closed({
      country: Type.String({ description: 'Two letters, as the proxy says; empty: nobody said.' }),
      ...clicks
    }),
    { ...most, description: 'The 50 with most clicks; `other`: all the rest.' }
  ),
  devices: Type.Array(Closed({ device: Type.Enum(['desktop', 'mobile', 'tablet', 'other']), ...clicks }), {
    maxItems: 4
  })
}

const example = {
  total: { human: 12, bots: 3 },
  series: [{ start: '2026-11-20T00:00:00.000Z', human: 12, bots: 3 }],
  referrers: [
    { host: 'reddit.com', human: 10, bots: 0 },
    { host: '', human: 2, bots: 3 }
  ],
  countries: [{ country: 'AM', human: 12, bots: 3 }],
  devices: [
    { device: 'mobile', human: 12, bots: 0 },
    { device: 'other', human: 0, bots: 3 }
  ]
}
const exampleRange = {
  from: '2026-11-20T00:00:00.000Z',
  to: '2026-11-21T00:00:00.000Z',
  period: 'day',
  timeZone: 'UTC'
}

export const ShareLinkStats = Closed(
  { ...range, ...numbers },
  {
    $id: 'ShareLinkStats',
    description: 'The clicks of a link within a range of time, people and robots apart.',
    examples: [{ ...exampleRange, ...example }]
  }
)

const views = Type.Integer({ minimum: 0 })

export const ArticleStats = Closed(
  {
    ...range,
    views: Closed({
      total: views,
      series: Type.Array(Closed({ start: Timestamp, views }), { maxItems: 1000 })
    }),
    clicks: Closed({
      ...numbers,
      channels: Type.Array(Closed({ channel: Type.Enum(Object.values(Channel)), ...clicks }), {
        maxItems: 50,
        description: 'By the channel of the link.'
      })
    })
  },
  {
    $id: 'ArticleStats',
    description:
      'The views of an article and the clicks of all its links, archived ones too, within a range of time.',
    examples: [
      {
        ...exampleRange,
        views: { total: 69, series: [{ start: '2026-11-20T00:00:00.000Z', views: 69 }] },
        clicks: { ...example, channels: [{ channel: 'telegram', human: 12, bots: 3 }] }
      }
    ]
  }
)

export const statsSchemas = [ClickCount, ClickPeriod, ShareLinkStats, ArticleStats]
