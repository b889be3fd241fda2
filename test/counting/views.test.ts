/** The view beacon: what counts, once per visitor, stored before it is acknowledged, and traceable to nobody. */
import { connect } from 'node:net'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { forgetVisitors, readVisitorDay, visitorOf } from '../../src/counting/visitor-days.ts'
import { writesNothing } from '../articles/ledger.ts'
import type { Article } from '../articles/states.ts'
import { draft, everyone, newsroom, type Options, story } from '../helper.ts'

const room = await newsroom(t, { trustProxy: 1, cacheBytes: 0 })
const { api, db } = room

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
let visitors = 0
/** An address nobody else in this run has. */
const elsewhere = () => `198.51.${++visitors >> 8}.${visitors & 255}`

type Reader = { from?: string; agent?: string; headers?: Record<string, string> } & Options
const view = (
  { id }: { id: string },
  { from = elsewhere(), agent = FIREFOX, headers, ...rest }: Reader = {}
) =>
  api(`POST /v1/content/articles/${id}/views`, {
    headers: { 'user-agent': agent, 'x-forwarded-for': from, ...headers },
    expect: 204,
    ...rest
  })
const viewsOf = async ({ id }: { id: string }): Promise<number> =>
  (await api(`GET /v1/content/views?ids=${id}`, { expect: 200 })).body.data[0].total
const sql = <Row extends object>(text: string, values: unknown[] = []) => db.query<Row>({ text }, values)
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })

t.test('everybody may say that they read; the answer is empty and nobody’s to keep', async (t) => {
  const article = await story(room)
  for (const who of everyone) {
    const { headers, text } = await view(article, { as: who })
    t.equal(headers.get('cache-control'), 'no-store', who)
    t.equal(text, '')
  }
  t.equal(await viewsOf(article), everyone.length)
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const { status, headers } = await api(`${method} /v1/content/articles/${article.id}/views`)
    t.same([status, headers.get('allow')], [405, 'POST'], method)
  }
  const upper = await view({ id: article.id.toUpperCase() })
  t.equal(upper.status, 204)
  t.equal(await viewsOf(article), everyone.length + 1, 'the case of an id does not count')
})

t.test('whatever a beacon carries is taken, and ignored', async (t) => {
  const article = await story(room)
  const types = [
    undefined,
    'text/plain;charset=UTF-8',
    'application/json',
    'application/x-www-form-urlencoded;charset=UTF-8',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'nonsense',
    ';;;',
    '  '
  ]
  let sent = 0
  for (const type of types)
    for (const raw of [undefined, '{"a":', '\u0000', '{"__proto__":1}', 'x'.repeat(65_536)]) {
      const headers = { ...(type !== undefined && { 'content-type': type }) }
      // fetch names a type for a string by itself, but not for bytes.
      const body = raw === undefined ? {} : { raw: new TextEncoder().encode(raw) }
      const { status } = await view(article, { headers, ...body })
      t.equal(status, 204, `${type}: ${raw?.slice(0, 20)}`)
      sent++
    }
  await view(article, { headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' }, raw: 'x' })
  t.equal(await viewsOf(article), sent + 1)
  await writesNothing(t, room, async () => {
    const large = await view(article, { raw: 'x'.repeat(65_537), expect: 413 })
    t.match(large.body, { code: 'body_too_large' })
    const type = { 'content-type': 'text/plain' }
    await view(article, { raw: 'x'.repeat(2_000_000), headers: type, expect: 413 })
  })
})

t.test('a body without a length is bounded too', async (t) => {
  const article = await story(room)
  const told = await new Promise<string>((done) => {
    const socket = connect(Number(new URL(room.url).port), '127.0.0.1', () => {
      socket.write(
        `POST /v1/content/articles/${article.id}/views HTTP/1.1\r\nhost: a\r\nuser-agent: ${FIREFOX}\r\ntransfer-encoding: chunked\r\n\r\n`
      )
      for (let piece = 0; piece < 70; piece++) socket.write(`400\r\n${'x'.repeat(1024)}\r\n`)
    })
    socket.once('data', (bytes) => {
      done(bytes.toString())
      socket.destroy()
    })
    socket.on('error', () => {})
  })
  t.match(told, /^HTTP\/1.1 413 /)
  t.equal(await viewsOf(article), 0)
})

t.test('who does not count is answered as who does, and writes nothing', async (t) => {
  const article = await story(room)
  const lives = await draft(room)
  const planned = await draft(room)
  await publish(planned, { liveFrom: '2090-01-01T00:00:00Z' })
  const ended = await story(room)
  await api(`POST /v1/articles/${ended.id}/unpublish`, { as: 'editor', expect: 200 })
  const withdrawn = await story(room)
  await api(`POST /v1/articles/${withdrawn.id}/withdraw`, {
    as: 'editor',
    body: { reason: 'Law' },
    expect: 200
  })
  await view(article)
  const { headers: counted } = await view(article)
  const shown = (headers: Headers) =>
    [...headers].filter(([name]) => !['x-request-id', 'date', 'keep-alive'].includes(name))
  await writesNothing(t, room, async () => {
    const rows: [what: string, article: { id: string }, reader: Reader][] = [
      ['a robot', article, { agent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' }],
      ['a preview', article, { agent: 'WhatsApp/2.23' }],
      ['curl', article, { agent: 'curl/8.1' }],
      ['a prefetch', article, { headers: { 'sec-purpose': 'prefetch' } }],
      ['a prerender', article, { headers: { 'sec-purpose': 'prefetch;prerender' } }],
      ['an older prefetch', article, { headers: { purpose: 'prefetch' } }],
      ['Do Not Track', article, { headers: { dnt: '1' } }],
      ['Global Privacy Control', article, { headers: { 'sec-gpc': '1' } }],
      ['of a draft', lives, {}],
      ['of what is planned', planned, {}],
      ['of what has ended', ended, {}],
      ['of what is withdrawn', withdrawn, {}],
      ['of nothing', { id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10' }, {}]
    ]
    for (const [what, article, reader] of rows) {
      const { headers, text } = await view(article, reader)
      t.same([shown(headers), text], [shown(counted), ''], what)
    }
  })
  t.equal(await viewsOf(article), 2)
  for (const [name, value] of [
    ['dnt', '0'],
    ['sec-gpc', '0'],
    ['dnt', 'unspecified']
  ] as const)
    await view(article, { headers: { [name]: value } })
  await view(article, { agent: '' })
  t.equal(await viewsOf(article), 6, 'what says nothing of the kind counts')
})

t.test('an address that is none is 400, and a query is not taken', async (t) => {
  for (const id of ['nothing', '1', "';--", '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a1', '%00']) {
    const { body } = await view({ id }, { expect: 400 })
    t.equal(body.errors[0].pointer, '/path/id', id)
  }
  const article = await story(room)
  const { body } = await api(`POST /v1/content/articles/${article.id}/views?a=1`, { expect: 400 })
  t.equal(body.errors[0].pointer, '/query/a')
})

t.test('a visitor is counted once in half an hour, an article', async (t) => {
  const [one, two] = [await story(room), await story(room)]
  const from = elsewhere()
  for (let time = 0; time < 3; time++) await view(one, { from })
  t.equal(await viewsOf(one), 1)
  await view(two, { from })
  t.equal(await viewsOf(two), 1, 'each article for itself')
  await view(one, { from, agent: `${FIREFOX} other` })
  t.equal(await viewsOf(one), 2, 'another browser is another visitor')
  const ago = (minutes: string) =>
    sql(`UPDATE visits SET counted_at = now() - $1::interval WHERE article_id = $2::uuid`, [minutes, one.id])
  await ago('29 minutes 50 seconds')
  await view(one, { from })
  t.equal(await viewsOf(one), 2, 'not yet')
  await ago('30 minutes')
  await view(one, { from })
  t.equal(await viewsOf(one), 3, 'half an hour later')
  await view(one, { from })
  t.equal(await viewsOf(one), 3, 'from then on the half hour begins anew')
  await ago('29 minutes')
  await view(one, { from })
  await ago('29 minutes 50 seconds')
  await view(one, { from })
  t.equal(await viewsOf(one), 3, 'a repeat that is not counted prolongs nothing')
})

t.test('addresses of one household of IPv6 are one visitor', async (t) => {
  const article = await story(room)
  for (const from of ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:DB8:1:2:0:0:0:1'])
    await view(article, { from })
  t.equal(await viewsOf(article), 1)
  await view(article, { from: '2001:db8:1:3::1' })
  t.equal(await viewsOf(article), 2, 'the next one is another')
  await view(article, { from: '::ffff:203.0.113.9' })
  await view(article, { from: '203.0.113.9' })
  t.equal(await viewsOf(article), 3, 'an address is the same in the clothes of IPv6')
})

t.test('many at once: each visitor once, on two instances of the service', async (t) => {
  const other = await buildApp(room.config, room.db)
  const url = await other.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => other.close())
  const articles = [await story(room), await story(room), await story(room)]
  const addresses = Array.from({ length: 100 }, elsewhere)
  // Everybody reads everything three times, at once, here and there.
  const beacons = [1, 2, 3].flatMap(() =>
    addresses.flatMap((from) => articles.map(({ id }) => ({ from, id })))
  )
  const statuses = await Promise.all(
    beacons
      .map((beacon) => ({ beacon, order: Math.random() }))
      .sort((a, b) => a.order - b.order)
      .map(async ({ beacon: { from, id } }, index) => {
        const { status } = await fetch(`${index % 2 ? url : room.url}/v1/content/articles/${id}/views`, {
          method: 'POST',
          headers: { 'user-agent': FIREFOX, 'x-forwarded-for': from }
        })
        return status
      })
  )
  t.same([...new Set(statuses)], [204])
  for (const article of articles) t.equal(await viewsOf(article), addresses.length)
})

t.test('a view changes counts and nothing of the article', async (t) => {
  const article = await story(room)
  const read = () => api(`GET /v1/articles/${article.id}`, { as: 'editor', expect: 200 })
  const shown = () => api(`GET /v1/content/articles/${article.slug}`, { expect: 200 })
  const [before, live] = [await read(), await shown()]
  await view(article)
  const [after, then] = [await read(), await shown()]
  t.same(after.body, before.body)
  t.equal(after.headers.get('etag'), before.headers.get('etag'))
  t.equal(then.headers.get('etag'), live.headers.get('etag'))
  t.same(
    await sql(
      `SELECT v.views::int, v.locale, v.hour = date_trunc('hour', now(), 'UTC') OR v.hour = date_trunc('hour', now() - interval '1 minute', 'UTC') AS now,
        t.views::int AS total FROM article_views v JOIN article_view_totals t USING (article_id) WHERE article_id = $1::uuid`,
      [article.id]
    ),
    [{ views: 1, locale: 'en', now: true, total: 1 }],
    'by the hour in which it happened, in the locale of the article'
  )
})

t.test('what is counted is stored when it is acknowledged', async (t) => {
  const article = await story(room)
  for (let expected = 1; expected <= 20; expected++) {
    await view(article)
    const [row] = await sql<{ views: number }>(
      'SELECT views::int FROM article_view_totals WHERE article_id = $1::uuid',
      [article.id]
    )
    t.equal(row?.views, expected)
  }
})

t.test('neither address nor browser is stored, and who is who ends with the day', async (t) => {
  const article = await story(room)
  await view(article, { from: '203.0.113.77' })
  const day = await readVisitorDay(db)
  t.equal(day.isNew, false)
  t.equal(day.key.length, 64)
  const hash = visitorOf(day, { address: '203.0.113.77', agent: FIREFOX })
  const visit = () =>
    sql<{ visitor: string }>(
      `SELECT encode(visitor, 'hex') AS visitor, day::text FROM visits WHERE article_id = $1::uuid`,
      [article.id]
    )
  t.same(await visit(), [{ visitor: hash, day: day.day }], 'all there is of them is a hash under today’s key')
  for (const { name } of await sql<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`
  )) {
    const [row] = await sql<{ text: string }>(
      `SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM "${name}" t`
    )
    t.notMatch(row?.text, /203\.0\.113/, `no address in ${name}`)
    t.notOk(row?.text.includes(FIREFOX), `no browser in ${name}`)
  }
  t.not(visitorOf({ ...day, key: '0'.repeat(64) }, { address: '203.0.113.77', agent: FIREFOX }), hash)
})

/** Another instance of the service; it sees the database's clock ahead by so much. */
async function instance(log?: { write: (line: string) => void }, level = 'silent') {
  const clock = { ahead: '0 days' }
  const clocked: typeof db = {
    ...db,
    query: ({ text }, values) =>
      db.query({ text: text.replaceAll('now()', `(now() + interval '${clock.ahead}')`) }, values)
  }
  const app = await buildApp({ ...room.config, logLevel: level }, clocked, log)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const send = async (
    { id }: { id: string },
    from: string,
    headers: Record<string, string> = {},
    body?: string
  ) =>
    fetch(`${url}/v1/content/articles/${id}/views`, {
      method: 'POST',
      headers: { 'user-agent': FIREFOX, 'x-forwarded-for': from, ...headers },
      body
    })
  return { send, clock }
}

t.test('when the day is over there is another key, and what was known of visitors goes', async (t) => {
  const article = await story(room)
  const { send, clock } = await instance()
  const day = await readVisitorDay(db)
  t.equal((await send(article, '203.0.113.80')).status, 204)
  t.equal((await send(article, '203.0.113.80')).status, 204)
  t.equal(await viewsOf(article), 1)
  clock.ahead = '1 day'
  const both = await Promise.all([send(article, '203.0.113.80'), send(article, '203.0.113.81')])
  t.same(
    both.map(({ status }) => status),
    [204, 204]
  )
  t.equal(await viewsOf(article), 3, 'nobody knows them any more, and nobody is lost')
  const days = () =>
    sql<{ day: string; key: string }>(
      `SELECT day::text, encode(key, 'hex') AS key FROM visitor_days ORDER BY day`
    )
  const old = () => sql('SELECT FROM visits WHERE day = $1::date', [day.day])
  for (let look = 0; look < 500 && (await old()).length > 0; look++) await new Promise(setImmediate)
  t.same(await old(), [], 'hashes of yesterday are gone')
  const left = await days()
  t.equal(left.length, 1)
  t.ok(left[0] && left[0].day > day.day && left[0].key !== day.key, 'so is the key')
  t.equal((await send(article, '203.0.113.80')).status, 204)
  t.equal(await viewsOf(article), 3, 'from then on they are known again')
  // By the clock of everybody else that day has not come: their key is gone, which they notice when they look.
  clock.ahead = '0 days'
  t.equal((await send(article, '203.0.113.82')).status, 204)
  t.equal(await viewsOf(article), 4)
  t.equal((await readVisitorDay(db)).isNew, false)
})

t.test('visitors of days that are over are forgotten some at a time, by several at once too', async (t) => {
  await sql(
    `INSERT INTO visits (day, visitor, article_id, counted_at)
     SELECT (now() AT TIME ZONE 'UTC')::date - (n % 3 + 1)::int, decode(md5(n::text), 'hex'), gen_random_uuid(), now() FROM generate_series(1, 12000) n`
  )
  await sql(
    `INSERT INTO visitor_days (day, key) SELECT (now() AT TIME ZONE 'UTC')::date - n, '\\x00' FROM generate_series(1, 3) n`
  )
  const [before] = await sql<{ count: number }>(
    `SELECT count(*)::int FROM visits WHERE day >= (now() AT TIME ZONE 'UTC')::date`
  )
  const forgotten = await Promise.all([forgetVisitors(db), forgetVisitors(db)])
  t.equal(forgotten[0] + forgotten[1], 12_000)
  t.same(await sql('SELECT count(*)::int FROM visits'), [before], 'those of today stay')
  t.same(await sql(`SELECT FROM visitor_days WHERE day < (now() AT TIME ZONE 'UTC')::date`), [])
})

t.test('the log tells nothing of who it was, also of what went wrong', async (t) => {
  const article = await story(room)
  const lines: string[] = []
  const { send } = await instance({ write: (line) => lines.push(line) }, 'trace')
  await send(article, '203.0.113.91')
  t.equal((await send({ id: 'nothing' }, '203.0.113.92')).status, 400)
  t.equal((await send(article, '203.0.113.93', {}, 'x'.repeat(70_000))).status, 413)
  const told = lines.join('')
  t.match(told, /request completed/)
  t.match(told, article.id)
  t.notMatch(told, /203\.0\.113|127\.0\.0\.1","remotePort|Firefox/)
})

t.test(
  'what could not be counted in time is told, never tried again, and holds nobody up',
  { skip: db.embedded && 'the embedded database serves one transaction after another' },
  async (t) => {
    const [held, free] = [await story(room), await story(room)]
    await view(held)
    await db.transaction(async (tx) => {
      await tx.query({ text: 'SELECT FROM article_view_totals WHERE article_id = $1::uuid FOR UPDATE' }, [
        held.id
      ])
      const { body, headers } = await view(held, { expect: 503 })
      t.match(body, { code: 'unavailable' })
      t.equal(headers.get('retry-after'), '1')
    })
    await view(free)
    t.equal(await viewsOf(free), 1)
    t.equal(await viewsOf(held), 1, 'what was refused is not counted later')
    await view(held)
    t.equal(await viewsOf(held), 2)
  }
)

t.test('what is trending moves with what is read', async (t) => {
  const [first, second] = [await story(room, { locale: 'ru' }), await story(room, { locale: 'ru' })]
  const trending = async () =>
    (await api('GET /v1/content/trending?window=1h&locale=ru', { expect: 200 })).body.data.map(
      ({ id }: { id: string }) => id
    )
  t.same(await trending(), [])
  await view(first)
  t.same(await trending(), [first.id])
  for (let reader = 0; reader < 3; reader++) await view(second)
  t.same(await trending(), [second.id, first.id])
  const from = elsewhere()
  for (let reader = 0; reader < 3; reader++) await view(first)
  for (let reader = 0; reader < 9; reader++) await view(second, { from })
  const { data } = (await api(`GET /v1/content/views?ids=${first.id},${second.id}`, { expect: 200 })).body
  t.same(data, [
    { id: first.id, total: 4, last24h: 4 },
    { id: second.id, total: 4, last24h: 4 }
  ])
  await view(first)
  t.same(await trending(), [first.id, second.id])
})
