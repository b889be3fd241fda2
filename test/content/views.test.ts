/** How often articles were read, as front ends are told. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { draft, everyone, newsroom, type Options, story } from '../helper.ts'

const room = await newsroom(t)
const { api, db } = room

const read = (ids: string[], options: Options = {}) =>
  api(`GET /v1/content/views?ids=${ids.join(',')}`, { expect: 200, ...options })
const told = async (...ids: string[]) => (await read(ids)).body.data
const forget = () => room.app.cache.freshness.forget()
/** Views counted so long ago, at the beginning of an hour. */
const count = (id: string, hours: number, views: number) =>
  db.query(
    {
      text: `INSERT INTO article_views (article_id, hour, locale, views) VALUES ($1::uuid, date_trunc('hour', now() - $2::int * interval '1 hour', 'UTC'), 'en', $3::bigint)`
    },
    [id, hours, views]
  )
const total = (id: string, views: number) =>
  db.query({ text: 'INSERT INTO article_view_totals (article_id, views) VALUES ($1::uuid, $2::bigint)' }, [
    id,
    views
  ])

t.test('in the order asked for, repeats told once, 0 for what nobody read or may know of', async (t) => {
  const [one, two, unread] = [await story(room), await story(room), await story(room)]
  const secret = await draft(room)
  await total(one.id, 69)
  await total(two.id, 3_000_000_000)
  const nothing = randomUUID()
  t.same(await told(two.id, one.id, nothing, two.id, secret.id, unread.id, one.id.toUpperCase()), [
    { id: two.id, total: 3_000_000_000, last24h: 0 },
    { id: one.id, total: 69, last24h: 0 },
    { id: nothing, total: 0, last24h: 0 },
    { id: secret.id, total: 0, last24h: 0 },
    { id: unread.id, total: 0, last24h: 0 }
  ])
  for (const who of everyone) t.equal((await read([one.id], { as: who })).body.data[0].total, 69, who)
})

t.test('the last 24 hours, of the oldest hour in part', async (t) => {
  const { id } = await story(room)
  await count(id, 0, 5)
  await count(id, 23, 7)
  await count(id, 25, 100_000)
  await count(id, 40, 100_000)
  t.same(await told(id), [{ id, total: 0, last24h: 12 }])
  await count(id, 24, 3_600_000)
  forget()
  // By the clock of the database before and after: each second is worth a thousand.
  const part = async () => {
    const [row] = await db.query<{ part: number }>(
      { text: `SELECT (3600 - mod(extract(epoch FROM clock_timestamp()), 3600))::float8 AS part` },
      []
    )
    return (row?.part ?? 0) * 1_000
  }
  const before = await part()
  const [{ last24h }] = await told(id)
  const after = await part()
  if (after > before) return t.comment('An hour ended within this test.')
  t.ok(last24h - 12 <= before + 1 && last24h - 12 >= after - 1, `${after} to ${before}: ${last24h}`)
})

t.test('ids: 1 to 100 UUIDs, and nothing else', async (t) => {
  const ids = Array.from({ length: 100 }, () => randomUUID())
  t.same(
    (await told(...ids)).map(({ id }: { id: string }) => id),
    ids
  )
  const uuid = ids[0] as string
  for (const query of [
    '',
    '?ids=',
    '?ids=nothing',
    `?ids=${uuid},`,
    `?ids=,${uuid}`,
    `?ids=${uuid},,${uuid}`,
    `?ids=${uuid}%20,${uuid}`,
    `?ids=${uuid};${uuid}`,
    `?ids=%7B${uuid}%7D`,
    `?ids=${uuid.slice(1)}`,
    `?ids=${uuid}%00`,
    `?ids=${uuid}&ids=${uuid}`,
    `?ids=${[...ids, uuid].join(',')}`
  ]) {
    const { body } = await api(`GET /v1/content/views${query}`, { expect: 400 })
    t.equal(body.errors[0].pointer, '/query/ids', query.slice(0, 60))
  }
  for (const name of ['at', 'locale', 'limit']) {
    const { body } = await api(`GET /v1/content/views?ids=${uuid}&${name}=1`, { expect: 400 })
    t.equal(body.errors[0].pointer, `/query/${name}`)
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 80 }), async (text) => {
      await api(`GET /v1/content/views?ids=${encodeURIComponent(text)}`, { expect: 400 })
    }),
    { numRuns: 200 }
  )
})

t.test('kept for ten seconds, and with an ETag', async (t) => {
  const { id } = await story(room)
  const first = await read([id])
  t.match(
    first.headers.get('cache-control'),
    /^public, max-age=0, s-maxage=\d, stale-while-revalidate=\d$|s-maxage=10, /
  )
  t.equal(first.headers.get('surrogate-key'), 'views')
  await api(`POST /v1/content/articles/${id}/views`, {
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' },
    expect: 204
  })
  t.equal((await told(id))[0].total, 0, 'as it was')
  const etag = first.headers.get('etag') as string
  await api(`GET /v1/content/views?ids=${id}`, { headers: { 'if-none-match': etag }, expect: 304 })
  t.equal(await room.statements(() => read([id])), 0, 'nobody asked the database')
  t.equal((await read([id], { as: 'editor' })).body.data[0].total, 1, 'who shows a token is told anew')
  forget()
  t.same(await told(id), [{ id, total: 1, last24h: 1 }])
})

t.test('a purged article takes its views along', async (t) => {
  const { id } = await story(room)
  await count(id, 1, 5)
  await total(id, 5)
  t.same(await told(id), [{ id, total: 5, last24h: 5 }])
  await db.query({ text: 'DELETE FROM articles WHERE id = $1::uuid' }, [id])
  t.same(await told(id), [{ id, total: 0, last24h: 0 }])
})
