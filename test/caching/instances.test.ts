/**
 * Random writes and reads: no answer is older than the rules allow. What an instance wrote itself shows in its next
 * answer; what another wrote, within 250 ms; and when the connection that listens is silently dead, within the two
 * seconds after which its silence is noticed.
 */
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { type Database, openDatabase } from '../../src/database/database.ts'
import { type Newsroom, newsroom, story, tag } from '../helper.ts'
import { until } from '../until.ts'

const OTHERS_MS = 250
const SILENCE_MS = 2_000
/** At least so long, and until so much was read, however slow the machine. */
const RUN_MS = 6_000
const ENOUGH = 150
const LONGEST_MS = 60_000
const onServer = process.env.TEST_DATABASE_URL !== undefined

type Instance = Pick<Newsroom, 'app' | 'url'>
type Value = { value: string; acknowledged: number; by: Instance | null }
// biome-ignore lint/suspicious/noExplicitAny: each cell knows the shape of what it reads
type Body = any
type Write = (request: string, body: object, ifMatch?: number) => Promise<void>

/** Something readers see in several places, with one writer. `of` finds it in an answer; undefined: it is not told there. */
type Cell = {
  reads: { path: string; of: (body: Body) => string | undefined }[]
  write: (write: Write, value: string) => Promise<boolean>
  values: Value[]
}

const first = (value: string): Value[] => [{ value, acknowledged: 0, by: null }]

async function cellsOf(room: Newsroom): Promise<Cell[]> {
  const label = await tag(room)
  const articles = [await story(room, { tags: [label.id] }), await story(room, { tags: [label.id] })]
  const headlines = articles.map((article): Cell => {
    const listed = ({ data }: Body) => data.find((item: Body) => item.id === article.id)?.headline ?? 'gone'
    let version = 1
    return {
      reads: [
        { path: `/v1/content/articles/${article.slug}`, of: (body) => body.headline ?? 'gone' },
        { path: '/v1/content/articles?limit=50', of: listed },
        { path: `/v1/content/articles?tag=${label.slug}&limit=50`, of: listed }
      ],
      async write(write, value) {
        if (value === 'gone') await write(`POST /v1/articles/${article.id}/unpublish`, {})
        else {
          await write(`PATCH /v1/articles/${article.id}`, { headline: value }, version++)
          await write(`POST /v1/articles/${article.id}/publications`, {}, version)
        }
        return true
      },
      values: first(article.headline)
    }
  })
  const named = ({ data }: Body) => data.find((item: Body) => item.id === label.id)?.name
  let tagVersion = 1
  const name: Cell = {
    reads: [
      { path: `/v1/content/tags/${label.slug}`, of: (body) => body.name },
      { path: '/v1/content/tags?limit=50&locale=en', of: named },
      { path: `/v1/content/articles/${articles[0]?.slug}`, of: (body) => body.tags?.[0].name }
    ],
    async write(write, value) {
      if (value === 'gone') return false
      await write(`PATCH /v1/tags/${label.id}`, { names: { en: value } }, tagVersion++)
      return true
    },
    values: first(label.names.en)
  }
  let siteVersion = Number((await room.api('GET /v1/site/en', { as: 'admin' })).body.version)
  const tagline: Cell = {
    reads: [{ path: '/v1/content/site', of: (body) => body.tagline }],
    async write(write, value) {
      if (value === 'gone') return false
      await write('PATCH /v1/site/en', { tagline: value }, siteVersion++)
      return true
    },
    values: first('')
  }
  return [...headlines, name, tagline]
}

type Read = { cell: Cell; at: number; by: Instance; seen: string; stall: number; kept: boolean }

/** Readers on all instances and writers on those that are `writing`, for a while; answers with what was read, and when. */
async function play(room: Newsroom, instances: Instance[], writing = instances): Promise<Read[]> {
  const cells = await cellsOf(room)
  const any = <T>(things: T[]) => things[Math.floor(Math.random() * things.length)] as T
  const begun = performance.now()
  const reads: Read[] = []
  const over = () => {
    const passed = performance.now() - begun
    return passed > LONGEST_MS || (passed > RUN_MS && reads.length > ENOUGH)
  }
  const stalls = watchStalls()

  const write = (instance: Instance, cell: Cell, number: number) => {
    const value: Value = {
      value: Math.random() < 0.2 ? 'gone' : `value ${number}`,
      acknowledged: Number.POSITIVE_INFINITY,
      by: instance
    }
    cell.values.push(value)
    return cell.write(async (request, body, ifMatch) => {
      const [method = '', path] = request.split(' ')
      const answer = await fetch(instance.url + path, {
        method,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${room.tokens.admin}`,
          ...(ifMatch && { 'if-match': `"${ifMatch}"` })
        },
        body: JSON.stringify(body)
      })
      // Taking down what is down already changes nothing.
      if (answer.status !== 409 && !answer.ok) throw new Error(`${request}: ${await answer.text()}`)
      await answer.text()
      value.acknowledged = performance.now()
    }, value.value)
  }
  const writer = async (cell: Cell) => {
    for (let number = 0; !over(); number++) {
      if (!(await write(any(writing), cell, number))) cell.values.pop()
      await new Promise((done) => setTimeout(done, Math.random() * 150))
    }
  }
  const reader = async (by: Instance) => {
    while (!over()) {
      const cell = any(cells)
      const { path, of } = any(cell.reads)
      const kept = by.app.cache.find(path) !== undefined
      const at = performance.now()
      const seen = of(await (await fetch(by.url + path)).json())
      if (seen !== undefined) reads.push({ cell, at, by, seen, stall: stalls.before(at), kept })
    }
  }
  await Promise.all([
    ...cells.map(writer),
    ...instances.flatMap((instance) => [1, 2, 3].map(() => reader(instance)))
  ])
  stalls.stop()
  return reads
}

/** How long this process did nothing lately: that is no fault of the caches in it. */
function watchStalls() {
  const stalls: { at: number; ms: number }[] = []
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (now - last > 30) stalls.push({ at: now, ms: now - last })
    last = now
  }, 10)
  return {
    before: (at: number) => Math.max(0, ...stalls.filter((one) => one.at > at - 1_000).map(({ ms }) => ms)),
    stop: () => clearInterval(timer)
  }
}

/** Reads of a value that others had taken the place of, longer ago than `others` ms, or 0 on the instance that did it. */
function stale(reads: Read[], others: (reader: Instance) => number, lenient = true) {
  return reads.filter(({ cell, at, by, seen, stall }) => {
    const allowed = (value: Value) => (value.by === by ? 0 : others(by) + (lenient ? stall : 0))
    const replaced = cell.values.findLastIndex((value) => value.acknowledged + allowed(value) < at)
    return !cell.values.some(({ value }, index) => index >= replaced && value === seen)
  })
}

const told = ({ seen, at, cell }: Read) =>
  `${seen} at ${at.toFixed()}, after ${cell.values.map((value) => `${value.value} ${value.acknowledged.toFixed()}`).join(', ')}`.slice(
    0,
    300
  )

/** A second instance over the same database; `disturb` may stand between it and what it hears. */
async function another(
  t: { teardown: (work: () => Promise<void>) => void },
  room: Newsroom,
  disturb: (db: Database) => Database = (db) => db
): Promise<Instance> {
  const db = await openDatabase(room.config.database)
  const app = await buildApp(room.config, disturb(db))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    await db.close()
  })
  return { app, url }
}

t.test('one instance: the next answer shows what was written', async (t) => {
  const room = await newsroom(t)
  const reads = await play(room, [room])
  t.same(stale(reads, () => 0).map(told), [])
  t.ok(reads.length > 100, `${reads.length} reads`)
  t.ok(
    reads.some(({ kept }) => kept),
    `${reads.filter(({ kept }) => kept).length} of what was kept`
  )
})

t.test('two instances', { skip: !onServer && 'one process serves an embedded database' }, async (t) => {
  await t.test('what one wrote shows on the other within 250 ms', async (t) => {
    const room = await newsroom(t)
    const reads = await play(room, [room, await another(t, room)])
    t.same(stale(reads, () => OTHERS_MS).map(told), [])
    t.ok(reads.length > 100, `${reads.length} reads`)
    t.ok(
      reads.some(({ kept }) => kept),
      `${reads.filter(({ kept }) => kept).length} of what was kept`
    )
  })

  await t.test('an instance that hears its ticks but no changes would be found out', async (t) => {
    const room = await newsroom(t)
    const deaf = await another(t, room, (db) => ({
      ...db,
      listen: (channel, heard, lost) =>
        db.listen(channel, (payload) => payload.startsWith('tick') && heard(payload), lost)
    }))
    const reads = await play(room, [room, deaf], [room])
    t.ok(stale(reads, () => OTHERS_MS).length > 0)
    t.same(stale(reads, (by) => (by === deaf ? Number.POSITIVE_INFINITY : OTHERS_MS)).map(told), [])
  })

  await t.test('a connection that is silently dead is noticed within two seconds', async (t) => {
    const room = await newsroom(t)
    /** Connections up to this one bring nothing any more. */
    let dead = 0
    let listened = 0
    const instance = await another(t, room, (db) => ({
      ...db,
      listen(channel, heard, lost) {
        const number = ++listened
        return db.listen(channel, (payload) => number > dead && heard(payload), lost)
      }
    }))
    setTimeout(() => {
      dead = 1
    }, 1_000)
    const reads = await play(room, [room, instance], [room])
    const patience = (by: Instance) => (by === instance ? SILENCE_MS : 0) + OTHERS_MS
    t.same(stale(reads, patience).map(told), [])
    t.equal(listened, 2, 'and a new one was made')
    const kept = reads.filter(
      ({ by, kept, at }) => by === instance && kept && at > (reads.at(-1)?.at ?? 0) - 1_500
    )
    t.ok(kept.length > 0, 'through which it serves what it keeps again')

    // That it would be found out: within those two seconds it is behind, unless this process slept through them.
    const path = '/v1/content/site'
    const tagline = async () => ((await (await fetch(instance.url + path)).json()) as Body).tagline
    const passes = (ms: number) => new Promise((done) => setTimeout(done, ms))
    let isBehind = false
    for (let attempt = 0; attempt < 10 && !isBehind; attempt++) {
      await until('it is kept', async () => {
        await tagline()
        return instance.app.cache.find(path) !== undefined
      })
      dead = listened
      const now = `attempt ${attempt}`
      const { version } = (await room.api('GET /v1/site/en', { as: 'admin', expect: 200 })).body
      await room.api('PATCH /v1/site/en', {
        as: 'admin',
        body: { tagline: now },
        ifMatch: version,
        expect: 200
      })
      await passes(OTHERS_MS)
      isBehind = (await tagline()) !== now
    }
    t.ok(isBehind, 'until it is noticed it is behind')
  })
})
