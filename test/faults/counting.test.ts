/**
 * What is acknowledged is stored: views and clicks over 16 connections, while the process, or the database under it, is
 * killed again and again. None that was acknowledged may be lost, and never may more be counted than were sent.
 * TEST_FULL=1 plays the whole size, for which it wants more time: `npm run test:faults -- --full`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { type Visitor, visitorOf } from '../../src/counting/visitor-days.ts'
import { freshDatabase } from '../helper.ts'
import { freePort, type Running, start } from '../start/process.ts'
import { ADMIN, isWhole, signIn } from './common.ts'
import { ownPostgres } from './own-postgres.ts'

const [WANTED, KILLS] = isWhole ? [10_000, 10] : [1_500, 4]
const CONNECTIONS = 16
/** A machine that is busy with other things starts a process slowly. */
const LONGEST_MS = isWhole ? 600_000 : 140_000
const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

const common = {
  DEMO: 'true',
  TRUST_PROXY: '1',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password
}

/** Where to send them, and a fault to put in. `url` is null while there is nobody to ask. */
type Place = { url: () => string | null; fault: () => Promise<void> }
type Target = { articleId: string; code: string }
/** Everybody comes from another address, and follows the link from a page and country that together are nobody else's. */
type Sender = Visitor & { referrer: string; country: string }
type Sent = { sent: number; acknowledged: Sender[] }

/** Fewer pages than an hour tells apart. */
const PAGES = 150
function senderOf(number: number): Sender {
  const letter = (at: number) => String.fromCharCode(65 + (at % 26))
  const country = Math.floor(number / PAGES)
  return {
    address: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    agent,
    referrer: `page-${number % PAGES}.example`,
    country: letter(Math.floor(country / 26)) + letter(country)
  }
}

/** A live article and a link to it. */
async function target(url: string): Promise<Target> {
  const send = async (path: string, body?: object, token?: string) => {
    const response = await fetch(url + path, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    })
    // biome-ignore lint/suspicious/noExplicitAny: read as what is expected, and failing where it is not
    return (await response.json()) as any
  }
  const accessToken = await signIn(url)
  const [article] = (await send('/v1/content/articles?limit=1')).data
  const link = await send(
    '/v1/share-links',
    { articleId: article.id, channel: 'other', campaign: 'faults' },
    accessToken
  )
  return { articleId: article.id, code: link.code }
}

/** Sends views and clicks in turn until enough of them are acknowledged, with faults at random moments between. */
async function sendThrough(t: Test, { articleId, code }: Target, { url, fault }: Place) {
  const views: Sent = { sent: 0, acknowledged: [] }
  const clicks: Sent = { sent: 0, acknowledged: [] }
  const statuses = new Map<string, number>()
  const acknowledged = () => views.acknowledged.length + clicks.acknowledged.length
  const faultsAt = Array.from({ length: KILLS }, (_, index) => ((index + Math.random()) * WANTED) / KILLS)
  const until = Date.now() + LONGEST_MS
  let number = 0

  const sendOne = async (base: string) => {
    const mine = number++
    const [kind, path, method, good] =
      mine % 2
        ? ([clicks, `/s/${code}`, 'GET', 302] as const)
        : ([views, `/v1/content/articles/${articleId}/views`, 'POST', 204] as const)
    const sender = senderOf(mine)
    kind.sent++
    const status = await fetch(base + path, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': agent,
        'x-forwarded-for': sender.address,
        'x-country-code': sender.country,
        referer: `https://${sender.referrer}/`
      }
    }).then(
      async (response) => {
        await response.arrayBuffer().catch(() => {})
        return String(response.status)
      },
      () => 'no answer'
    )
    statuses.set(`${method} ${status}`, (statuses.get(`${method} ${status}`) ?? 0) + 1)
    if (status === String(good)) kind.acknowledged.push(sender)
    // As somebody would who is told to come back, only sooner.
    else await wait(20)
  }
  const connection = async () => {
    while (acknowledged() < WANTED && Date.now() < until) {
      const base = url()
      if (base === null) await wait(20)
      else await sendOne(base)
    }
  }
  const faults = async () => {
    let done = 0
    for (const at of faultsAt) {
      while (acknowledged() < at && Date.now() < until) await wait(1)
      await fault()
      done++
    }
    return done
  }
  const [done] = await Promise.all([faults(), ...Array.from({ length: CONNECTIONS }, connection)])
  t.equal(done, KILLS, `${KILLS} kills`)
  t.ok(acknowledged() >= WANTED, `${acknowledged()} were acknowledged`)
  const told = [...statuses].sort().map(([what, count]) => `${what}: ${count}`)
  t.comment(told.join(', '))
  t.same(
    [...statuses.keys()].filter((what) => !/^(POST (204|503)|GET (302|503)|.* no answer)$/.test(what)),
    [],
    'nothing but good answers, “not now”, and none'
  )
  return { views, clicks }
}

/** None lost, none made up, and all tables of one mind. */
async function weigh(
  t: Test,
  connection: pg.ClientConfig,
  { articleId, code }: Target,
  { views, clicks }: { views: Sent; clicks: Sent }
) {
  const client = new pg.Client(connection)
  await client.connect()
  const numbers = async (query: string, value: string) => {
    const { rows } = await client.query<Record<string, number>>(query, [value])
    return rows[0] as Record<string, number>
  }
  const seen = await numbers(
    `SELECT t.views::int AS total, (SELECT sum(views)::int FROM article_views v WHERE v.article_id = t.article_id) AS hours,
      (SELECT count(*)::int FROM visits v WHERE v.article_id = t.article_id) AS visits
     FROM article_view_totals t WHERE article_id = $1::uuid`,
    articleId
  )
  const followed = await numbers(
    `SELECT t.human::int AS total, t.bots::int AS bots, (SELECT sum(clicks)::int FROM share_link_clicks c WHERE c.share_link_id = t.share_link_id) AS hours
     FROM share_link_totals t JOIN share_links l ON l.id = t.share_link_id WHERE l.code = $1`,
    code
  )
  const { rows: days } = await client.query<{ day: string; key: string }>(
    `SELECT day::text, encode(key, 'hex') AS key FROM visitor_days`
  )
  const { rows: visits } = await client.query<{ visitor: string }>(
    `SELECT encode(visitor, 'hex') AS visitor FROM visits WHERE article_id = $1`,
    [articleId]
  )
  const { rows: origins } = await client.query<{ origin: string; clicks: number }>(
    `SELECT c.referrer || ' ' || c.country AS origin, sum(c.clicks)::int AS clicks FROM share_link_clicks c
     JOIN share_links l ON l.id = c.share_link_id WHERE l.code = $1 GROUP BY 1`,
    [code]
  )
  await client.end()
  for (const [what, { total = 0 }, { sent, acknowledged }] of [
    ['views', seen, views],
    ['clicks', followed, clicks]
  ] as const) {
    const figures = `${what}: ${sent} sent, ${acknowledged.length} acknowledged, ${total} counted`
    t.comment(figures)
    t.ok(total >= acknowledged.length, `none is lost (${figures})`)
    t.ok(total <= sent, `none is made up (${figures})`)
  }
  t.equal(seen.hours, seen.total, 'hours and total of views agree')
  t.equal(followed.hours, followed.total, 'hours and total of clicks agree')
  t.equal(followed.bots, 0)
  const counted = new Map(origins.map(({ origin, clicks }) => [origin, clicks]))
  const missing = clicks.acknowledged.filter(
    ({ referrer, country }) => !counted.has(`${referrer} ${country}`)
  )
  t.equal(missing.length, 0, 'each click that was acknowledged is there')
  t.equal(Math.max(...counted.values()), 1, 'and none twice')
  const [day, ...more] = days
  if (!day || more.length > 0 || seen.visits !== seen.total) {
    // Only a midnight in the midst of it may leave other visits than views.
    t.equal(new Date().getUTCHours(), 0, `${seen.visits} visits, ${seen.total} views, ${days.length} days`)
    return
  }
  const known = new Set(visits.map(({ visitor }) => visitor))
  const lost = views.acknowledged.filter((visitor) => !known.has(visitorOf(day, visitor)))
  t.equal(lost.length, 0, 'each visitor who was acknowledged is there')
}

t.test(
  `${WANTED} views and clicks, the process killed ${KILLS} times`,
  { timeout: LONGEST_MS + 60_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dateline-faults-'))
    const database = process.env.TEST_DATABASE_URL ? await freshDatabase() : null
    const url = database?.settings.kind === 'server' ? database.settings.url : null
    const settings = { ...common, DATELINE_DATA: folder, ...(url && { DATABASE_URL: url }) }
    // A port of its own each time: no connection of before is taken up again.
    const begin = async () => start({ ...settings, PORT: String(await freePort()) })
    let running: Running | null = await begin()
    t.teardown(async () => {
      await running?.stop('SIGKILL')
      await database?.drop()
      rmSync(folder, { recursive: true, force: true })
    })
    const aim = await target(running.url)
    const sent = await sendThrough(t, aim, {
      url: () => running?.url ?? null,
      fault: async () => {
        const killed = running
        await killed?.stop('SIGKILL')
        running = null
        running = await begin()
      }
    })
    await weigh(
      t,
      url ? { connectionString: url } : { host: folder, user: 'postgres', database: 'postgres' },
      aim,
      sent
    )
  }
)

const bin = findBinaries()
t.test(
  `${WANTED} views and clicks, the Postgres server killed ${KILLS} times`,
  {
    timeout: LONGEST_MS + 60_000,
    skip: bin ? false : 'there is no Postgres here to start and kill'
  },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)
    const folder = mkdtempSync(join(tmpdir(), 'dateline-faults-'))
    const settings = { ...common, DATELINE_DATA: folder, DATABASE_URL: postgres.url }
    const running = await start({ ...settings, PORT: String(await freePort()) })
    t.teardown(async () => {
      await running.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })
    const aim = await target(running.url)
    const sent = await sendThrough(t, aim, {
      url: () => running.url,
      fault: async () => {
        await postgres.kill()
        await postgres.start()
      }
    })
    await weigh(t, { connectionString: postgres.url }, aim, sent)
  }
)
