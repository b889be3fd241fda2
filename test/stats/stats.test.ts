/** Clicks and views by period and origin, for editors. */
import t from 'tap'
import { linksOf } from '../counting/links.ts'
import { BROWSER, draft, everyone, newsroom } from '../helper.ts'

const room = await newsroom(t, { trustProxy: 1 })
const { api } = room
const { made, follow, from, clicked, viewed, story } = linksOf(room)
const NOBODY = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
// biome-ignore lint/suspicious/noExplicitAny: stats as the API shows them
type Stats = any

const stats = async ({ id }: { id: string }, query = '', kind = 'share-links'): Promise<Stats> =>
  (await api(`GET /v1/${kind}/${id}/stats${query && `?${query}`}`, { as: 'author', expect: 200 })).body
const filled = (series: { start: string; human: number; bots: number }[]) =>
  series.filter(({ human, bots }) => human + bots > 0)

t.test('who may read them', async (t) => {
  const article = await story()
  const link = await made(article)
  for (const path of [`share-links/${link.id}`, `articles/${article.id}`])
    for (const who of everyone) {
      const expected = who === 'nobody' ? 401 : who === 'contributor' ? 403 : 200
      const { status, headers } = await api(`GET /v1/${path}/stats`, { as: who })
      t.equal(status, expected, `${path} as ${who}`)
      if (status === 200) t.equal(headers.get('cache-control'), 'private, no-store')
    }
  for (const kind of ['share-links', 'articles'])
    await api(`GET /v1/${kind}/${NOBODY}/stats`, { as: 'admin', expect: 404 })
  const never = await draft(room)
  t.match(await stats(never, '', 'articles'), {
    views: { total: 0 },
    clicks: { total: { human: 0, bots: 0 } }
  })
})

t.test('what was clicked just now is in the last period', async (t) => {
  const link = await made(await story())
  await follow(link, {
    headers: { referer: 'https://t.co/x', 'cf-ipcountry': 'AM', 'x-forwarded-for': '192.0.2.1' }
  })
  await follow(link, from('192.0.2.1', BROWSER))
  await follow(link, from('192.0.2.1', 'Twitterbot/1.0'))
  for (const [query, periods] of [
    ['', 7],
    ['period=hour', 168],
    ['period=day&timeZone=Pacific/Kiritimati', 7]
  ] as const) {
    const body = await stats(link, query)
    t.equal(body.series.length, periods, query)
    t.match(body.series.at(-1), { human: 2, bots: 1 }, query)
    t.match(body, {
      total: { human: 2, bots: 1 },
      referrers: [
        { host: '', human: 1, bots: 1 },
        { host: 't.co', human: 1, bots: 0 }
      ],
      countries: [
        { country: '', human: 1, bots: 1 },
        { country: 'AM', human: 1, bots: 0 }
      ],
      devices: [
        { device: 'desktop', human: 2, bots: 0 },
        { device: 'other', human: 0, bots: 1 }
      ]
    })
    t.ok(body.to > new Date().toISOString())
  }
})

t.test('periods of a time zone, also where its clocks are set', async (t) => {
  const link = await made(await story())
  for (const [hour, clicks] of [
    ['2026-03-28T22:00:00Z', 1],
    ['2026-03-28T23:00:00Z', 2],
    ['2026-03-29T21:00:00Z', 4],
    ['2026-03-29T22:00:00Z', 8],
    ['2026-03-30T21:00:00Z', 16]
  ] as const)
    await clicked(link, hour, { clicks })
  const days = await stats(link, 'from=2026-03-28T12:00:00Z&to=2026-03-30T12:00:00Z&timeZone=Europe/Berlin')
  t.match(days, {
    from: '2026-03-27T23:00:00.000Z',
    to: '2026-03-30T22:00:00.000Z',
    period: 'day',
    timeZone: 'Europe/Berlin',
    total: { human: 31, bots: 0 }
  })
  t.same(days.series, [
    { start: '2026-03-27T23:00:00.000Z', human: 1, bots: 0 },
    { start: '2026-03-28T23:00:00.000Z', human: 6, bots: 0 },
    { start: '2026-03-29T22:00:00.000Z', human: 24, bots: 0 }
  ])
  const weeks = await stats(
    link,
    'period=week&from=2026-03-29T00:00:00Z&to=2026-03-31T00:00:00Z&timeZone=Europe/Berlin'
  )
  t.same(weeks.series, [
    { start: '2026-03-22T23:00:00.000Z', human: 7, bots: 0 },
    { start: '2026-03-29T22:00:00.000Z', human: 24, bots: 0 }
  ])
  const hours = await stats(
    link,
    'period=hour&from=2026-03-28T22:30:00Z&to=2026-03-29T00:00:00Z&timeZone=Asia/Kolkata'
  )
  t.same(hours.series, [
    { start: '2026-03-28T22:00:00.000Z', human: 1, bots: 0 },
    { start: '2026-03-28T23:00:00.000Z', human: 2, bots: 0 }
  ])
  const half = await stats(link, 'from=2026-03-29T00:00:00Z&to=2026-03-29T12:00:00Z&timeZone=Asia/Kolkata')
  t.same(half.series, [{ start: '2026-03-28T18:30:00.000Z', human: 3, bots: 0 }])
})

t.test('the time zone is that of the article’s site, unless one is named', async (t) => {
  const ru = await api('GET /v1/site/ru', { as: 'admin' })
  await api('PATCH /v1/site/ru', {
    as: 'admin',
    ifMatch: ru.body.version,
    body: { timeZone: 'Asia/Yerevan' },
    expect: 200
  })
  const article = await draft(room, { locale: 'ru' })
  const link = await made(article)
  const range = 'from=2026-05-01T00:00:00Z&to=2026-05-01T01:00:00Z'
  for (const [kind, thing] of [
    ['share-links', link],
    ['articles', article]
  ] as const) {
    t.match(await stats(thing, range, kind), { timeZone: 'Asia/Yerevan', from: '2026-04-30T20:00:00.000Z' })
    t.match(await stats(thing, `${range}&timeZone=UTC`, kind), {
      timeZone: 'UTC',
      from: '2026-05-01T00:00:00.000Z'
    })
  }
  t.match(await stats(await draft(room, { locale: 'hy' }), range, 'articles'), { timeZone: 'UTC' })
})

t.test('fifty origins, and the rest', async (t) => {
  const link = await made(await story())
  const hour = '2026-05-01T10:00:00Z'
  for (let number = 0; number < 60; number++)
    await clicked(link, hour, {
      referrer: `h${String(number).padStart(2, '0')}.example`,
      clicks: 100 - number
    })
  await clicked(link, hour, { referrer: 'other', clicks: 7, robot: true })
  const { referrers, total } = await stats(link, 'from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z')
  t.equal(referrers.length, 51)
  t.match(referrers[0], { host: 'h00.example', human: 100 })
  t.match(referrers[49], { host: 'h49.example', human: 51 })
  t.match(referrers[50], { host: 'other', human: 50 + 49 + 48 + 47 + 46 + 45 + 44 + 43 + 42 + 41, bots: 7 })
  const sum = (what: 'human' | 'bots') =>
    referrers.reduce((all: number, count: Record<string, number>) => all + (count[what] ?? 0), 0)
  t.same({ human: sum('human'), bots: sum('bots') }, total)
})

t.test('an article: its views, and the clicks of all its links', async (t) => {
  const article = await story()
  const other = await made(await story(), {}, { channel: 'x' })
  const [x, spring, old] = [
    await made(article, {}, { channel: 'x' }),
    await made(article, {}, { channel: 'x', campaign: 'spring' }),
    await made(article, { archived_at: '2026-05-03T00:00:00Z' }, { channel: 'telegram' })
  ]
  await clicked(x, '2026-05-01T10:00:00Z', { clicks: 1, referrer: 't.co', country: 'AM', device: 'mobile' })
  await clicked(spring, '2026-05-02T10:00:00Z', { clicks: 2, robot: true, device: 'other' })
  await clicked(old, '2026-05-02T11:00:00Z', { clicks: 4 })
  await clicked(old, '2026-05-03T00:00:00Z', { clicks: 100 })
  await clicked(other, '2026-05-01T10:00:00Z', { clicks: 100 })
  await viewed(article, '2026-05-01T23:00:00Z', 5)
  await viewed(article, '2026-05-02T00:00:00Z', 7)
  await viewed(article, '2026-04-30T23:00:00Z', 100)
  const body = await stats(article, 'from=2026-05-01T00:00:00Z&to=2026-05-03T00:00:00Z', 'articles')
  t.same(body, {
    from: '2026-05-01T00:00:00.000Z',
    to: '2026-05-03T00:00:00.000Z',
    period: 'day',
    timeZone: 'UTC',
    views: {
      total: 12,
      series: [
        { start: '2026-05-01T00:00:00.000Z', views: 5 },
        { start: '2026-05-02T00:00:00.000Z', views: 7 }
      ]
    },
    clicks: {
      total: { human: 5, bots: 2 },
      series: [
        { start: '2026-05-01T00:00:00.000Z', human: 1, bots: 0 },
        { start: '2026-05-02T00:00:00.000Z', human: 4, bots: 2 }
      ],
      channels: [
        { channel: 'telegram', human: 4, bots: 0 },
        { channel: 'x', human: 1, bots: 2 }
      ],
      referrers: [
        { host: '', human: 4, bots: 2 },
        { host: 't.co', human: 1, bots: 0 }
      ],
      countries: [
        { country: '', human: 4, bots: 2 },
        { country: 'AM', human: 1, bots: 0 }
      ],
      devices: [
        { device: 'desktop', human: 4, bots: 0 },
        { device: 'mobile', human: 1, bots: 0 },
        { device: 'other', human: 0, bots: 2 }
      ]
    }
  })
})

t.test('what is refused, and where it is pointed at', async (t) => {
  const article = await story()
  const link = await made(article)
  for (const [query, pointer] of [
    ['from=yesterday', '/query/from'],
    ['from=2026-05-01', '/query/from'],
    ['to=2026-13-01T00:00:00Z', '/query/to'],
    ['from=1999-12-31T23:59:59Z', '/query/from'],
    ['from=2090-01-01T00:00:00Z', '/query/from'],
    ['to=2100-01-01T00:00:01Z', '/query/to'],
    ['from=2026-05-01T00:00:00Z&to=2026-05-01T00:00:00Z', '/query/to'],
    ['from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z', '/query/to'],
    ['from=2023-05-01T00:00:00Z&to=2026-05-01T00:00:00Z', '/query/from'],
    ['from=2026-01-01T00:00:00Z&to=2026-05-01T00:00:00Z&period=hour', '/query/from'],
    ['from=2000-01-01T00:00:00Z&to=2026-05-01T00:00:00Z&period=week', '/query/from'],
    ['period=month', '/query/period'],
    ['timeZone=Europe/Atlantis', '/query/timeZone'],
    ['timeZone=%2B03:00', '/query/timeZone'],
    ['timeZone=', '/query/timeZone'],
    ['timeZone=UTC&timeZone=UTC', '/query/timeZone'],
    ['zone=UTC', '/query/zone']
  ] as const)
    for (const path of [`share-links/${link.id}`, `articles/${article.id}`]) {
      const { body } = await api(`GET /v1/${path}/stats?${query}`, { as: 'author', expect: 400 })
      t.equal(body.errors?.[0]?.pointer, pointer, `${path}?${query}`)
    }
  const most = await stats(link, 'from=2000-01-01T00:00:00Z&to=2002-09-27T00:00:00Z')
  t.equal(most.series.length, 1000)
  t.same(filled(most.series), [])
})
