/**
 * Many write at once, moments fall due, and those who give out the places are killed: whoever follows, page by page or by
 * stream, has in the end the same history, with nothing skipped or doubled, and with it exactly what is live.
 */
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/database/database.ts'
import { type Change, listen, liveNow, readOn, replayed, settled, until, untruths } from '../content/feed.ts'
import { newsroom, tag, unique } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { freePort, start } from '../start/process.ts'

const server = process.env.TEST_DATABASE_URL
const room = await newsroom(t)
const { api, db, config } = room
const { write, read, soon, publish, unpublish } = desk(room)
const editor = { as: 'editor' } as const
const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** A client that follows until told to stop, and begins again wherever it was cut off. */
function follower(urls: () => string[], by: 'cursor' | 'stream') {
  const history: Change[] = []
  let stopped = false
  const page = async (url: string) => {
    const last = history.at(-1)?.id
    const response = await fetch(`${url}/v1/content/changes?limit=3${last ? `&cursor=${last}` : ''}`)
    if (response.status !== 200) throw new Error(`Answers ${response.status}`)
    const { data } = (await response.json()) as { data: Change[] }
    history.push(...data)
    if (data.length === 0) await wait(20)
  }
  const stream = async (url: string) => {
    const lastEventId = history.at(-1)?.id
    const heard = await listen(url, lastEventId ? { lastEventId } : {})
    const enough = Date.now() + 150
    await Promise.race([
      heard.ended,
      until('enough', () => stopped || (Date.now() > enough && heard.heard().length > 0), 1000).catch(
        () => {}
      )
    ])
    await heard.close()
    history.push(...heard.heard())
  }
  const running = (async () => {
    for (let turn = 0; !stopped; turn++) {
      const all = urls()
      // An instance that was killed answers nobody: the next one does.
      await (by === 'cursor' ? page : stream)(all[turn % all.length] as string).catch(() => wait(20))
    }
  })()
  return {
    history,
    stop: async () => {
      stopped = true
      await running
    }
  }
}

/** One person at one article, at random: refusals are part of the day. */
async function meddle(article: { id: string }, topics: string[], rounds: number) {
  const path = `/v1/articles/${article.id}`
  for (let round = 0; round < rounds; round++) {
    const { version } = await read(article as never)
    const put = (body: object) => api(`POST ${path}/publications`, { ...editor, ifMatch: version, body })
    const deeds: (() => Promise<unknown>)[] = [
      () => put({}),
      () => put({}),
      async () => put({ liveFrom: await soon(Math.random() * 600) }),
      async () => put({ liveFrom: await soon(200), liveUntil: await soon(400 + Math.random() * 400) }),
      async () => put({ liveUntil: await soon(100 + Math.random() * 400) }),
      () =>
        api(`PATCH ${path}`, {
          ...editor,
          ifMatch: version,
          body: { headline: unique('Other'), slug: unique('other') }
        }),
      () => api(`POST ${path}/unpublish`, editor),
      async () => api(`POST ${path}/unpublish`, { ...editor, body: { at: await soon(Math.random() * 500) } }),
      async () => {
        await api(`POST ${path}/withdraw`, { ...editor, body: { reason: 'Court' } })
        await api(`POST ${path}/reinstate`, editor)
      },
      async () => {
        const id = topics[Math.floor(Math.random() * topics.length)] as string
        const { version } = (await api(`GET /v1/tags/${id}`, editor)).body
        await api(`PATCH /v1/tags/${id}`, {
          ...editor,
          ifMatch: version,
          body: { names: { en: unique('Name') } }
        })
      }
    ]
    await deeds[Math.floor(Math.random() * deeds.length)]?.()
  }
}

/** Moments of `publications` that readers must have been told of, by article: what began, and what ended for good. */
async function toldByTheTimeline(ids: string[]) {
  const rows = await db.query<{ id: string; from: Date; until: Date | null }>(
    {
      text: `SELECT article_id AS id, live_from AS "from", live_until AS until FROM publications
        WHERE article_id = ANY ($1::uuid[]) AND live_from <= now() ORDER BY article_id, live_from`
    },
    [ids]
  )
  return rows.flatMap(({ id, from, until }, index) => {
    const next = rows[index + 1]
    const goesOn =
      until === null || until > new Date() || (next?.id === id && next.from.getTime() === until.getTime())
    return [`${id} begins ${from.toISOString()}`, ...(goesOn ? [] : [`${id} ends ${until.toISOString()}`])]
  })
}
const toldByTheFeed = (changes: Change[]) =>
  changes
    .filter(({ reason }) => reason !== 'tags')
    .map(({ type, article, at }) => `${article.id} ${type === 'upsert' ? 'begins' : 'ends'} ${at}`)

async function compare(t: Tap.Test, followers: ReturnType<typeof follower>[], ids: string[]) {
  await settled(room)
  // Until no moment is left that could fall due between two looks.
  await until(
    'nothing is due any more',
    async () => {
      const [row] = await db.query<{ due: boolean }>(
        { text: 'SELECT EXISTS (SELECT FROM announced WHERE next_at IS NOT NULL) AS due' },
        []
      )
      return !row?.due
    },
    20_000
  )
  await settled(room)
  const { changes } = await readOn(room, null)
  for (const { history } of followers) {
    await until('the follower is there', () => history.length >= changes.length, 10_000)
    t.same(history, changes, 'the same history')
  }
  t.same(untruths(changes), [], 'nothing told twice or out of order')
  t.same(replayed(changes), await liveNow(room), 'replayed, it is what is live')
  const ours = changes.filter(({ article }) => ids.includes(article.id))
  t.same(
    toldByTheFeed(ours).sort(),
    (await toldByTheTimeline(ids)).sort(),
    'each moment of the timelines, and no other'
  )
  const positions = await db.query<{ count: string; last: string }>(
    { text: 'SELECT count(*), max(position) AS last FROM events' },
    []
  )
  t.equal(positions[0]?.count, positions[0]?.last, 'events have their places without a gap')
}
declare namespace Tap {
  type Test = Pick<typeof t, 'same' | 'equal' | 'ok'>
}

t.test('parallel writers and due moments, two instances', async (t) => {
  const second = server ? await openDatabase(config.database) : null
  const twin = await buildApp(config, second ?? db)
  const urls = [room.url, await twin.listen({ port: 0, host: '127.0.0.1' })]
  t.teardown(async () => {
    await twin.close()
    await second?.close()
  })
  const topics = [(await tag(room)).id, (await tag(room)).id]
  const followers = [follower(() => urls, 'cursor'), follower(() => urls, 'stream')]
  const articles = []
  for (let count = 0; count < 6; count++) articles.push(await write({ slug: unique('busy'), tags: topics }))
  await Promise.all(articles.flatMap((article) => [meddle(article, topics, 10), meddle(article, topics, 10)]))
  await compare(
    t,
    followers,
    articles.map(({ id }) => id)
  )
  await Promise.all(followers.map(({ stop }) => stop()))
})

t.test(
  'what fell due while nobody gave out places is told afterwards, each at its moment',
  // Embedded, all take turns: who keeps one from writing keeps all.
  { skip: server ? false : 'needs a server: TEST_DATABASE_URL' },
  async (t) => {
    const article = await write({ slug: unique('outage') })
    await settled(room)
    const { next } = await readOn(room, null)
    // Somebody else has the right to write, and does not.
    const moments = await db.session('dateline: test', (session) =>
      session.transaction(async () => {
        await session.query('SELECT FROM feed FOR UPDATE')
        const [from, end] = [await soon(1000), await soon(1400)]
        await publish(article, { liveFrom: from, liveUntil: end })
        await wait(2500)
        const again = await publish(article)
        const last = (await unpublish(article)).body.liveUntil
        t.same((await readOn(room, next)).changes, [], 'nobody is told anything yet')
        const purged = await write({ slug: unique('purged') })
        const short = await publish(purged)
        const over = (await unpublish(purged)).body.liveUntil
        await api(`DELETE /v1/articles/${purged.id}`, { ...editor, ifMatch: 1, expect: 204 })
        await api(`DELETE /v1/articles/${purged.id}?purge=true`, { as: 'admin', ifMatch: 1, expect: 204 })
        return [from, end, again.liveFrom, last, short.liveFrom, over]
      })
    )
    await until('told', async () => (await readOn(room, next)).changes.length === 6, 15_000)
    const { changes } = await readOn(room, next)
    t.same(
      changes.map(({ reason, at }) => [reason, at]),
      ['published', 'ended', 'published', 'ended', 'published', 'ended'].map((reason, index) => [
        reason,
        moments[index]
      ])
    )
  }
)

t.test(
  'instances killed while they give out places',
  { skip: server ? false : 'needs a server: TEST_DATABASE_URL', timeout: 200_000 },
  async (t) => {
    if (config.database.kind !== 'server') return
    const common = {
      DATABASE_URL: config.database.url,
      DATELINE_SECRET: config.secret,
      PUBLIC_URL: config.publicUrl,
      DEMO: 'false'
    }
    const begin = async () => start({ ...common, PORT: String(await freePort()) })
    // Ours serves on, but has stopped giving out places: the children do.
    const holders = () =>
      db.query<{ pid: number }>(
        {
          text: `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 72707370
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
        },
        []
      )
    const children = [await begin(), await begin()]
    t.teardown(() => Promise.all(children.map(({ stop }) => stop('SIGKILL'))))
    const urls = () => [room.url, ...children.map(({ url }) => url)]
    const topics = [(await tag(room)).id]
    const followers = [follower(urls, 'cursor'), follower(urls, 'stream')]
    const articles = []
    for (let count = 0; count < 4; count++)
      articles.push(await write({ slug: unique('killed'), tags: topics }))
    let writing = true
    const writers = articles.map(async (article) => {
      while (writing) await meddle(article, topics, 1)
    })
    for (let kill = 0; kill < 3; kill++) {
      // The lock goes to a child: ours lets go of it by losing its connection.
      await db.query(
        {
          text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dateline: sequencer' AND datname = current_database()`
        },
        []
      )
      await wait(500)
      const [child] = children.splice(kill % children.length, 1)
      await child?.stop('SIGKILL')
      await until('another has the lock', async () => (await holders()).length === 1, 10_000)
      children.push(await begin())
    }
    writing = false
    await Promise.all(writers)
    await compare(
      t,
      followers,
      articles.map(({ id }) => id)
    )
    await Promise.all(followers.map(({ stop }) => stop()))
  }
)
