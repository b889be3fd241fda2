/** The changes as server-sent events. */
import { connect } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { readChanges } from '../../src/content/changes.ts'
import { openStreams } from '../../src/content/stream.ts'
import { newsroom, story } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { listen, readOn, settled, until } from './feed.ts'

const room = await newsroom(t)
const { api, db, url } = room
const { unpublish } = desk(room)
const fail = (error: Error) => t.fail(error.message)

t.test('the stream tells what the pages tell, as it comes', async (t) => {
  const first = await story(room)
  const stream = await listen(url)
  t.match(Object.fromEntries(stream.response.headers), {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': String
  })
  await until('what was there', () => stream.heard().length === 1)
  const began = Date.now()
  await unpublish(first)
  await until('what is new', () => stream.heard().length === 2)
  t.ok(Date.now() - began < 2000, `${Date.now() - began} ms later`)
  await story(room, { locale: 'ru' })
  await until('another locale', () => stream.heard().length === 3)
  const { changes } = await readOn(room, null)
  t.same(stream.heard(), changes)
  for (const { id, event, data } of stream.messages.filter(({ data }) => data)) {
    const change = JSON.parse(data as string)
    t.same([id, event], [change.id, change.type])
  }
  await stream.close()

  const ofOne = await listen(url, { path: '/v1/content/stream?locale=ru' })
  await until('that locale', () => ofOne.heard().length === 1)
  t.equal(ofOne.heard()[0]?.article.locale, 'ru')
  await ofOne.close()
})

t.test('it is resumed after the last event, which counts more than the cursor', async (t) => {
  for (let count = 0; count < 3; count++) await story(room)
  await settled(room)
  const { changes, next } = await readOn(room, null)
  for (const [index, { id }] of changes.entries()) {
    const stream = await listen(url, { lastEventId: id, path: `/v1/content/stream?cursor=${next}` })
    await until('the rest', () => stream.heard().length === changes.length - index - 1)
    t.same(stream.heard(), changes.slice(index + 1))
    await stream.close()
  }
  const byCursor = await listen(url, { path: `/v1/content/stream?cursor=${changes[0]?.id}` })
  await until('the rest', () => byCursor.heard().length === changes.length - 1)
  await byCursor.close()
  const forged = await api('GET /v1/content/stream', { headers: { 'last-event-id': 'x' }, expect: 400 })
  t.match(forged.body, { code: 'invalid_cursor', errors: [{ pointer: '/header/last-event-id' }] })
})

t.test('HEAD is answered and over', async (t) => {
  const { status, headers } = await api('HEAD /v1/content/stream')
  t.equal(status, 200)
  t.match(headers.get('content-type'), 'text/event-stream')
})

t.test('those who hear nothing are greeted; there are no more than may be', async (t) => {
  const streams = openStreams(db, fail, { heartbeatMs: 60, lookMs: 10, clients: 2 })
  const { head } = await readChanges(db, 0, undefined, 1)
  const one = streams.open(head, undefined, () => 'x')
  t.equal(streams.full, false)
  const two = streams.open(head, undefined, () => 'x')
  t.equal(streams.full, true)
  let text = ''
  one.on('data', (chunk) => (text += chunk))
  await until('two greetings', () => text.split(': here\n\n').length > 2)
  two.destroy()
  await until('there is room', () => !streams.full)
  const ended = new Promise((done) => one.once('end', done))
  streams.close()
  await ended
})

/** Many changes, straight into the table. */
async function flood(count: number) {
  await db.query(
    {
      text: `WITH f AS (UPDATE feed SET change = change + $1::int RETURNING change)
        INSERT INTO changes (position, type, reason, article_id, story_id, locale, slug, at)
        SELECT f.change - $1::int + n, 'upsert', 'tags', gen_random_uuid(), gen_random_uuid(), 'en', repeat('long-slug-', 20) || 'x', now()
        FROM f, generate_series(1, $1::int) n`
    },
    [count]
  )
}

t.test('one look at the database serves all, and catching up is complete', async (t) => {
  let reads = 0
  const query: typeof db.query = (...given) => {
    reads++
    return db.query(...given)
  }
  const counted = { ...db, query }
  const streams = openStreams(counted, fail, { lookMs: 50 })
  const { head } = await readChanges(db, 0, undefined, 1)
  const heard: number[][] = Array.from({ length: 40 }, () => [])
  const all = heard.map((positions) =>
    streams.open(head, undefined, ({ position }) => {
      positions.push(position)
      return `${position}\n`
    })
  )
  for (const stream of all) stream.resume()
  // The first look tells where the head is.
  await until('a look', () => reads > 45)
  reads = 0
  await flood(60)
  await until('all have heard', () => heard.every((positions) => positions.length === 60))
  t.ok(reads < 20, `${reads} statements for 40 clients`)
  await flood(2500)
  await until('all have caught up', () => heard.every((positions) => positions.length === 2560), 30_000)
  const expected = Array.from({ length: 2560 }, (_, index) => head + index + 1)
  for (const positions of heard) t.same(positions, expected)
  streams.close()
})

t.test('who does not read has a page waiting at most, is let go, and resumes', async (t) => {
  await flood(20_000)
  const app = Fastify({ forceCloseConnections: true })
  const streams = openStreams(db, fail, { lookMs: 10, stalledMs: 400, heartbeatMs: 50 })
  const { head } = await readChanges(db, 0, undefined, 1)
  let written = 0
  let most = 0
  let stream: ReturnType<typeof streams.open> | undefined
  app.get('/', (_request, reply) => {
    stream = streams.open(head - 20_000, undefined, ({ position, slug }) => {
      most = Math.max(most, stream?.readableLength ?? 0)
      written = position
      return `${position} ${slug} ${'.'.repeat(1000)}\n`
    })
    return reply.type('text/event-stream').send(stream)
  })
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(address.port), address.hostname)
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await until('the stream is open', () => stream !== undefined)
  socket.pause()
  await until('it is let go', () => stream?.destroyed === true, 20_000)
  t.ok(written < head, `at ${written} of ${head} when it was let go`)
  t.ok((stream?.readableLength ?? 0) <= 130_000, `${stream?.readableLength} characters were waiting`)
  t.ok(most <= 130_000, `${most} at most`)
  socket.destroy()
  await app.close()
})

t.test('when the service closes, the streams end first', async (t) => {
  const stream = await listen(url)
  await until('something', () => stream.messages.length > 0)
  const began = Date.now()
  const closing = room.app.close()
  await stream.ended
  t.ok(Date.now() - began < 3000, `${Date.now() - began} ms`)
  await closing
})
