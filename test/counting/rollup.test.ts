/** Old counts become counts of days, and not one is lost or made: in steps, twice at once, cut short, repeated. */
import t from 'tap'
import { rollUp } from '../../src/counting/rollup.ts'
import type { Database } from '../../src/database/database.ts'
import { newsroom, story } from '../helper.ts'
import { begin, cli, settingsFor } from '../start/process.ts'
import { type Link, linksOf } from './links.ts'

const room = await newsroom(t)
const { api, db } = room
const { made, follow, totals } = linksOf(room)
const article = await story(room)
const [link, other] = [await made(article), await made(article, {}, { channel: 'x' })]
const settings = settingsFor(room.config.database)

const one = async <T>(text: string, ...values: unknown[]) =>
  Object.values((await db.query<Record<string, T>>({ text }, values))[0] ?? {})[0] as T

/** Counts in each hour of some days, the first of which was so long ago; different in every hour. */
async function past(daysAgo: number, days: number) {
  await db.query(
    {
      text: `INSERT INTO share_link_clicks (share_link_id, hour, referrer, country, device, robot, clicks)
      SELECT l.id, h.hour, r.referrer, c.country, 'mobile', r.referrer = 'b.example', 1 + (extract(epoch FROM h.hour)::bigint / 3600) % 7
      FROM unnest($1::uuid[]) AS l (id)
      CROSS JOIN (SELECT date_trunc('hour', now() - $2::int * interval '1 day' + n * interval '1 hour', 'UTC') AS hour FROM generate_series(0, $3::int * 24 - 1) n) h
      CROSS JOIN (VALUES (''), ('a.example'), ('b.example')) AS r (referrer) CROSS JOIN (VALUES (''), ('AM')) AS c (country)
      ON CONFLICT DO NOTHING`
    },
    [[link.id, other.id], daysAgo, days]
  )
  await db.query(
    {
      text: `INSERT INTO article_views (article_id, hour, locale, views)
      SELECT a.id, date_trunc('hour', now() - $2::int * interval '1 day' + n * interval '1 hour', 'UTC'), 'en', 1 + n % 11
      FROM unnest($1::uuid[]) AS a (id), generate_series(0, $3::int * 24 - 1) n ON CONFLICT DO NOTHING`
    },
    [[article.id], daysAgo, days]
  )
}

/** Everything that must stay: counts by the day and by where they came from, and the totals. */
const sums = () =>
  one<string>(`SELECT md5((SELECT string_agg(d::text, ',' ORDER BY d::text) FROM (
    SELECT share_link_id, date_trunc('day', hour, 'UTC'), referrer, country, device, robot, sum(clicks) FROM share_link_clicks GROUP BY 1, 2, 3, 4, 5, 6) d)
    || (SELECT string_agg(d::text, ',' ORDER BY d::text) FROM (
    SELECT article_id, date_trunc('day', hour, 'UTC'), locale, sum(views) FROM article_views GROUP BY 1, 2, 3) d)
    || (SELECT string_agg(s::text, ',' ORDER BY s::text) FROM share_link_totals s))`)

/** Hours that do not begin a day, older than so many days and younger. */
const hours = async (days = 90) => {
  const count = (table: string, sign: string) =>
    one<number>(
      `SELECT count(*)::int FROM ${table} WHERE hour <> date_trunc('day', hour, 'UTC')
       AND hour ${sign} date_trunc('day', now() - $1::int * interval '1 day', 'UTC')`,
      days
    )
  return {
    old: (await count('share_link_clicks', '<')) + (await count('article_views', '<')),
    young: (await count('share_link_clicks', '>=')) + (await count('article_views', '>='))
  }
}

async function stats() {
  const from = new Date(Date.now() - 130 * 86_400_000).toISOString()
  const ask = async (path: string) =>
    (await api(`GET /v1/${path}/stats?from=${from}&timeZone=UTC`, { as: 'author', expect: 200 })).body
  return [
    await ask(`share-links/${link.id}`),
    await ask(`share-links/${other.id}`),
    await ask(`articles/${article.id}`)
  ]
}

t.test('what is older than 90 days is counted by the day, and everything adds up to the same', async (t) => {
  await past(120, 40)
  await past(85, 2)
  const [before, told, { old, young }] = [await sums(), await stats(), await hours()]
  t.ok(old > 1_000 && young > 100, `${old} old, ${young} young`)
  t.ok(told[0].total.human > 1_000 && told[2].views.total > 1_000)
  const { clicks, views } = await rollUp(db, 90, 500)
  t.equal(clicks + views, old)
  t.equal(await sums(), before)
  t.same(await stats(), told, 'stats by the day of UTC are as they were')
  t.same(await hours(), { old: 0, young })

  t.same(await rollUp(db, 90), { clicks: 0, views: 0, visits: 0 }, 'done again there is nothing to do')
  t.equal(await sums(), before)
})

t.test('what comes late to a day that was rolled up joins it', async (t) => {
  await db.query(
    { text: `DELETE FROM share_link_clicks WHERE extract(day FROM hour AT TIME ZONE 'UTC')::int % 2 = 0` },
    []
  )
  await past(119, 20)
  const before = await sums()
  t.ok((await rollUp(db, 90, 37)).clicks > 0)
  t.equal(await sums(), before)
  t.equal((await hours()).old, 0)
})

t.test('cut short after any step, nothing is lost, and the next one goes on', async (t) => {
  for (const steps of [1, 2, 3, 5]) {
    await past(200 + steps * 10, 8)
    const before = await sums()
    let left = steps
    const breaking: Database = {
      ...db,
      query: (statement, values) => {
        if (left-- === 0) throw new Error('the connection broke')
        return db.query(statement, values)
      }
    }
    await t.rejects(rollUp(breaking, 90, 300), /broke/)
    t.equal(await sums(), before, `after ${steps}`)
    await rollUp(db, 90, 300)
    t.equal(await sums(), before)
    t.equal((await hours()).old, 0)
  }
})

t.test('several at once, while readers follow', async (t) => {
  await past(300, 20)
  const before = await totals(link)
  const daily = async ({ id }: Link) =>
    one<number>('SELECT sum(clicks)::int FROM share_link_clicks WHERE share_link_id = $1::uuid', id)
  const clicks = await daily(link)
  const { old } = await hours()
  const [done] = await Promise.all([
    Promise.all(Array.from({ length: 4 }, () => rollUp(db, 90, 41))),
    Promise.all(Array.from({ length: 100 }, () => follow(link, { expect: 302 })))
  ])
  t.equal(
    done.reduce((sum, { clicks, views }) => sum + clicks + views, 0),
    old,
    'each row was moved once'
  )
  t.equal(await daily(link), clicks + 100)
  t.match(await totals(link), { human: (before?.human ?? 0) + 100 })
  t.equal((await hours()).old, 0)
})

t.test('visitors of days that are over are forgotten, those of today are not', async (t) => {
  for (const days of [0, 1, 5]) {
    await db.query(
      {
        text: `INSERT INTO visitor_days (day, key) VALUES ((now() AT TIME ZONE 'UTC')::date - $1::int, 'key')
          ON CONFLICT (day) DO NOTHING`
      },
      [days]
    )
    await db.query(
      {
        text: `INSERT INTO visits (day, visitor, article_id, counted_at)
          SELECT (now() AT TIME ZONE 'UTC')::date - $1::int, decode(lpad(n::text, 4, '0'), 'hex'), $2::uuid, now() FROM generate_series(1, 25) n`
      },
      [days, article.id]
    )
  }
  t.match(await rollUp(db, 90, 10), { visits: 50 })
  t.equal(await one<number>('SELECT count(*)::int FROM visits'), 25)
  t.equal(await one<number>('SELECT count(*)::int FROM visitor_days'), 1)
  t.ok(await one<boolean>(`SELECT bool_and(day = (now() AT TIME ZONE 'UTC')::date) FROM visits`))
})

t.test('the command', async (t) => {
  for (const days of ['7d', '90', '90h', '-90d', '1e3d', ''])
    t.match(
      await cli(['counts', 'rollup', `--older-than=${days}`], settings),
      { code: 2, stderr: /90d/ },
      days
    )
  await past(50, 3)
  const before = await sums()
  const { old } = await hours(40)
  t.ok(old > 0)
  t.match(await cli(['counts', 'rollup', '--older-than', '40d'], settings), {
    code: 0,
    stdout: /^Rolled up: \d+ hours of clicks, \d+ hours of views\. Forgotten: 0 visits\.\n$/
  })
  t.same((await hours(40)).old, 0)
  t.equal(await sums(), before)

  await t.test('killed while it works', async (t) => {
    await past(2_000, 250)
    const before = await sums()
    const { old } = await hours()
    const { child, ended } = begin(['counts', 'rollup'], settings)
    while (child.exitCode === null && (await hours()).old === old) await new Promise(setImmediate)
    child.kill('SIGKILL')
    await ended
    t.comment(`${(await hours()).old} of ${old} were left`)
    t.equal(await sums(), before, 'all counts are there')
    t.match(await cli(['counts', 'rollup'], settings), { code: 0 })
    t.equal(await sums(), before)
    t.equal((await hours()).old, 0)
  })
})
