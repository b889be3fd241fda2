/** Too much to do: what could not be answered in time is refused early, and kept answers go on. */
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { MOST_LATE_MS, MOST_WAITED_MS } from '../../src/http/overload.ts'
import { HANDLER_SECONDS } from '../../src/http/patience.ts'
import { newsroom, story } from '../helper.ts'
import { until } from '../until.ts'

t.test('the database has more to do than it can', async (t) => {
  const room = await newsroom(t)
  const { slug } = await story(room)
  const kept = `GET /v1/content/articles/${slug}`
  await room.api(kept, { expect: 200 })
  // All connections are taken by somebody who does not give them back, and somebody waits.
  let given = false
  const give: (() => void)[] = []
  const { total } = room.app.db.pool()
  const held = Array.from({ length: Math.max(10, total) }, () =>
    room.app.db
      .transaction(
        (tx) =>
          tx
            .query({ text: 'SELECT 1' }, [])
            .then(() => new Promise<void>((done) => (given ? done() : give.push(done)))),
        30_000
      )
      .catch(() => {})
  )
  const waiting = Array.from({ length: 20 }, (_, index) =>
    room.api(`GET /v1/content/articles?limit=${index + 1}`)
  )
  try {
    await until('a line that does not move', () => room.app.db.pool().waitedMs > MOST_WAITED_MS)
    const begun = performance.now()
    const refused = await room.api('GET /v1/content/articles?limit=99')
    t.match(refused, { status: 503, body: { code: 'overloaded' } })
    t.ok(Number(refused.headers.get('retry-after')) >= 1, 'says when to come back')
    t.ok(performance.now() - begun < 2_000, 'at once')
    t.equal((await room.api('PATCH /v1/articles/none', { as: 'editor', body: {} })).body.code, 'overloaded')
    if (!room.db.embedded) {
      const again = await room.api(kept, { expect: 200 })
      t.match(again.headers.get('cache-control'), /public/, 'kept answers go on')
      await room.api('GET /health/ready', { expect: 200 })
    }
    await room.api('GET /health/live', { expect: 200 })
  } finally {
    // Embedded, the others only get their turn now.
    given = true
    for (const done of give) done()
  }
  const answers = await Promise.all(waiting)
  await Promise.all(held)
  t.same(
    answers.filter(({ status }) => ![200, 503].includes(status)).map(({ status }) => status),
    [],
    'those who waited are answered'
  )
  await room.api('GET /v1/content/articles?limit=99', { expect: 200 })
})

t.test('the process has more to do than it can', async (t) => {
  const room = await newsroom(t)
  const { slug } = await story(room)
  const kept = `GET /v1/content/articles/${slug}`
  await room.api(kept, { expect: 200 })
  const block = (ms: number) => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }
  // Each turn of the loop takes longer than anybody should wait, and requests come in between.
  const answers: Promise<{ status: number; headers: Headers; body: { code?: string } }>[] = []
  for (let turn = 0; turn < 4; turn++) {
    block(MOST_LATE_MS + 300)
    answers.push(room.api(`GET /v1/content/articles?limit=${turn + 1}`), room.api('GET /health/live'))
    await wait(1)
  }
  block(MOST_LATE_MS + 300)
  const done = await Promise.all(answers)
  const shed = done.filter(({ body }) => body.code === 'overloaded')
  t.ok(shed.length > 0, `${shed.length} were refused`)
  t.ok(shed.every(({ status, headers }) => status === 503 && headers.has('retry-after')))
  t.ok(
    done.filter((_, index) => index % 2).every(({ status }) => status === 200),
    'health is told'
  )
  await until('it is over', async () => (await room.api('GET /v1/content/articles')).status === 200)
})

t.test('what takes too long is answered, whatever becomes of it', async (t) => {
  const room = await newsroom(t)
  const { app } = room
  let release = () => {}
  // A reading that waits for something other than the database.
  const find = app.cache.get.bind(app.cache)
  app.cache.get = async (address, read) => {
    if (address.includes('["limit",13]')) await new Promise<void>((done) => (release = done))
    return find(address, read)
  }
  const begun = performance.now()
  const slow = await room.api('GET /v1/content/articles?limit=13')
  const seconds = (performance.now() - begun) / 1000
  t.match(slow, { status: 503, body: { code: 'unavailable' } })
  t.ok(slow.headers.has('retry-after'))
  t.ok(seconds >= HANDLER_SECONDS && seconds < HANDLER_SECONDS + 3, `after ${seconds.toFixed(1)} s`)
  release()
  await wait(50)
  await room.api('GET /v1/content/articles?limit=14', { expect: 200 })
})
