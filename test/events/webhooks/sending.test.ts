import t from 'tap'
import { buildApp } from '../../../src/app.ts'
import { openDatabase } from '../../../src/database/database.ts'
import { tell } from '../../../src/events/outbox.ts'
import { type Outcome, verdictOn } from '../../../src/events/webhooks/queue.ts'
import { settled, until } from '../../content/feed.ts'
import { newsroom, tag } from '../../helper.ts'
import { freePort } from '../../start/process.ts'
import { deliveriesOf, makeWebhook, receiver } from './receiver.ts'

const room = await newsroom(t, { webhookAllow: ['127.0.0.0/8'] })
const { api, db } = room
const admin = { as: 'admin' } as const

const quiet = (url: string) => makeWebhook(room, url, { events: ['redirect.deleted'] })
const test = (id: string) => api(`POST /v1/webhooks/${id}/test`, { ...admin, expect: 200 })
const tried = (id: string, times: number) =>
  until(
    `tried ${times} times`,
    async () => (await deliveriesOf(room, id))[0]?.attempts.length >= times,
    10_000
  )
/** The time that was to be waited for has come. */
const letTimePass = (id: string) =>
  db.query(
    {
      text: `UPDATE webhook_deliveries SET due_at = now() WHERE webhook_id = $1::uuid AND due_at > now() AND lease IS NULL`
    },
    [id]
  )
const secondsUntil = (moment: string) => (Date.parse(moment) - Date.now()) / 1000

t.test('ten tries in about 75 hours', async (t) => {
  const result = (status: number | null, retryAfterMs: number | null = null): Outcome['result'] => ({
    ...{ at: '', durationMs: 0, error: null },
    ...{ status, retryAfterMs }
  })
  for (const [random, least, most] of [
    [0, 66, 69],
    [0.5, 75, 76],
    [1, 82, 84]
  ] as const) {
    let hours = 0
    let tries = 0
    for (;;) {
      const verdict = verdictOn(tries++, result(500), random)
      if (verdict.state !== 'failed') break
      hours += verdict.waitMs / 3_600_000
    }
    t.equal(tries, 10)
    t.ok(hours > least && hours < most, `${hours} hours`)
  }
  t.same(verdictOn(9, result(503)), { state: 'dead', reason: 'exhausted' })
  t.same(verdictOn(0, result(410)), { state: 'dead', reason: 'gone' })
  for (const status of [200, 201, 204, 299]) t.same(verdictOn(9, result(status)), { state: 'delivered' })
  for (const status of [null, 301, 304, 400, 404, 429, 500])
    t.equal(verdictOn(0, result(status)).state, 'failed', String(status))
  t.same(verdictOn(0, result(429, 120_000)), { state: 'failed', waitMs: 120_000 })
  t.same(verdictOn(0, result(429, 10 * 86_400_000)), { state: 'failed', waitMs: 86_400_000 }, 'within bounds')
  t.same(
    verdictOn(1, result(429, 1000), 0.5),
    { state: 'failed', waitMs: 300_000 },
    'never sooner than by itself'
  )
})

t.test('in vain ten times: the webhook is disabled and says so', async (t) => {
  const here = await receiver(t, (response) => void response.writeHead(500).end('secret words'))
  const watcher = await receiver(t)
  await makeWebhook(room, watcher.url, { events: ['webhook.disabled'] })
  const webhook = await quiet(here.url)
  await test(webhook.id)
  for (let times = 1; times < 10; times++) {
    await tried(webhook.id, times)
    const [{ state, nextAttemptAt }] = await deliveriesOf(room, webhook.id)
    t.equal(state, 'failed')
    const waits = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    const wait = secondsUntil(nextAttemptAt)
    t.ok(Math.abs(wait - (waits[times] as number)) < 3 + 0.1 * (waits[times] as number), `again in ${wait} s`)
    t.equal((await api(`GET /v1/webhooks/${webhook.id}`, admin)).body.enabled, true)
    await letTimePass(webhook.id)
  }
  await until('disabled', async () => !(await api(`GET /v1/webhooks/${webhook.id}`, admin)).body.enabled)
  const { body } = await api(`GET /v1/webhooks/${webhook.id}`, admin)
  t.match(body, { enabled: false, disabledReason: 'exhausted', version: 2 })
  const [delivery] = await deliveriesOf(room, webhook.id)
  t.match(delivery, { state: 'dead', nextAttemptAt: null })
  t.equal(delivery.attempts.length, 10)
  t.notMatch(JSON.stringify(delivery), /secret words/)
  t.equal(here.received.length, 10)
  t.equal(new Set(here.received.map(({ id }) => id)).size, 1, 'under one id')
  await until('told', () => watcher.received.length > 0)
  t.match(watcher.received[0]?.body, {
    type: 'webhook.disabled',
    subjectId: webhook.id,
    data: { id: webhook.id, reason: 'exhausted' }
  })
  const audit = await db.query(
    {
      text: `SELECT user_id, fields FROM audit WHERE action = 'webhook.disabled' AND resource_id = $1::uuid`
    },
    [webhook.id]
  )
  t.same(audit, [{ user_id: null, fields: ['enabled'] }])
  const again = await api(`PATCH /v1/webhooks/${webhook.id}`, {
    ...admin,
    ifMatch: 2,
    body: { enabled: true },
    expect: 200
  })
  t.match(again.body, { enabled: true, disabledReason: null })
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('410: at once; and what waits is sent when it is enabled again', async (t) => {
  let status = 410
  const here = await receiver(t, (response) => void response.writeHead(status).end())
  const webhook = await quiet(here.url)
  await db.query({ text: `UPDATE webhooks SET events = '{tag.created}'` }, [])
  await tag(room)
  await until('gone', async () => !(await api(`GET /v1/webhooks/${webhook.id}`, admin)).body.enabled)
  t.match((await api(`GET /v1/webhooks/${webhook.id}`, admin)).body, { disabledReason: 'gone' })
  t.match(await deliveriesOf(room, webhook.id), [{ state: 'dead', attempts: [{ status: 410 }] }])
  await tag(room)
  await settled(room)
  t.equal((await deliveriesOf(room, webhook.id)).length, 1, 'what happens meanwhile is not for it')
  status = 200
  await db.query({ text: `UPDATE webhook_deliveries SET state = 'failed', due_at = now()` }, [])
  await api(`PATCH /v1/webhooks/${webhook.id}`, {
    ...admin,
    ifMatch: 2,
    body: { enabled: true },
    expect: 200
  })
  await until('sent', async () => (await deliveriesOf(room, webhook.id))[0].state === 'delivered')
  t.equal(here.received.length, 2)
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('Retry-After, in seconds and as a date', async (t) => {
  for (const [header, wait] of [
    ['120', 120],
    [new Date(Date.now() + 600_000).toUTCString(), 600],
    ['999999999', 86_400],
    ['soon', 5],
    ['-1', 5]
  ] as const) {
    const here = await receiver(
      t,
      (response) => void response.writeHead(503, { 'retry-after': header }).end()
    )
    const { id } = await quiet(here.url)
    await test(id)
    await tried(id, 1)
    const [{ nextAttemptAt, attempts }] = await deliveriesOf(room, id)
    t.equal(attempts[0].status, 503)
    t.ok(Math.abs(secondsUntil(nextAttemptAt) - wait) < 4, `${header}: in ${secondsUntil(nextAttemptAt)} s`)
  }
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('why there is no answer', async (t) => {
  const plain = await receiver(t)
  const rude = await receiver(t, (response) => void response.socket?.destroy())
  for (const [url, error] of [
    [`http://127.0.0.1:${await freePort()}/`, 'connection_refused'],
    [plain.url.replace('http:', 'https:'), 'tls'],
    [rude.url, 'connection_failed'],
    ['http://nothing-here.invalid/', 'name_not_found']
  ] as const) {
    const { id } = await quiet(url)
    await test(id)
    await tried(id, 1)
    t.match((await deliveriesOf(room, id))[0].attempts, [{ status: null, error }], url)
  }
  const { id } = await quiet(plain.url)
  await db.query({ text: `UPDATE webhooks SET sealed_secret = '\\x00' WHERE id = $1::uuid` }, [id])
  await test(id)
  await tried(id, 1)
  t.match((await deliveriesOf(room, id))[0].attempts, [{ status: null, error: 'secret_unreadable' }])
  t.equal(plain.received.length, 0, 'nothing is sent unsigned')
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('who hangs delays nobody else, and holds no more than its share', { timeout: 60_000 }, async (t) => {
  const hanging = await receiver(t, () => {})
  const dripping = await receiver(t, (response) => void response.writeHead(200).write('a'))
  const fast = await receiver(t)
  const [slow] = [
    await makeWebhook(room, hanging.url, { events: ['tag.created'] }),
    await makeWebhook(room, hanging.url, { events: ['tag.*'] }),
    await makeWebhook(room, dripping.url, { events: ['tag.created'] })
  ]
  const { id } = await makeWebhook(room, fast.url, { events: ['tag.created'] })
  for (let count = 0; count < 30; count++) await tag(room)
  await until('all came', () => fast.received.length === 30, 10_000)
  const made = new Map<string, number>(
    (await deliveriesOf(room, id)).map((one: { eventId: string; createdAt: string }) => [
      one.eventId,
      Date.parse(one.createdAt)
    ])
  )
  const delays = fast.received.map(({ id, at }) => at - (made.get(id) as number))
  t.ok(Math.max(...delays) < 1000, `the longest took ${Math.max(...delays)} ms`)
  t.equal(hanging.received.length, 8, 'four of each of the two that hang')
  const log = await deliveriesOf(room, slow.id)
  t.equal(log.filter(({ state }: { state: string }) => state === 'pending').length, 30)
  await until(
    'given up after 15 s',
    async () => (await deliveriesOf(room, slow.id, '&state=failed')).length >= 4,
    25_000
  )
  const [failed] = await deliveriesOf(room, slow.id, '&state=failed')
  t.match(failed.attempts, [{ status: null, error: 'timeout' }])
  t.ok(Math.abs(failed.attempts[0].durationMs - 15_000) < 2000)
  await until(
    'a slow body is not waited for',
    async () => (await deliveriesOf(room, id, '&state=delivered')).length === 30
  )
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('who lost the right to send it says nothing of it', async (t) => {
  let answer = () => {}
  const here = await receiver(t, (response) => {
    answer = () => void response.writeHead(410).end()
  })
  const { id } = await quiet(here.url)
  await test(id)
  await until('it came', () => here.received.length === 1)
  await db.query(
    { text: 'UPDATE webhook_deliveries SET lease = gen_random_uuid() WHERE webhook_id = $1::uuid' },
    [id]
  )
  answer()
  // Written down in the order in which they are answered.
  const other = await receiver(t)
  const after = await quiet(other.url)
  await test(after.id)
  await until('written down', async () => (await deliveriesOf(room, after.id))[0].state === 'delivered')
  t.match(await deliveriesOf(room, id), [{ state: 'pending', attempts: [] }])
  t.equal((await api(`GET /v1/webhooks/${id}`, admin)).body.enabled, true)
  // The time of whoever has it now is over: it is sent again.
  await db.query({ text: 'UPDATE webhook_deliveries SET due_at = now() WHERE webhook_id = $1::uuid' }, [id])
  await until('it came again', () => here.received.length === 2)
  answer()
  t.equal(here.received[0]?.id, here.received[1]?.id)
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('several instances share what is to be sent', async (t) => {
  const second = process.env.TEST_DATABASE_URL ? await openDatabase(room.config.database) : null
  const twin = await buildApp(room.config, second ?? db)
  await twin.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await twin.close()
    await second?.close()
  })
  const here = await receiver(t)
  const { id } = await makeWebhook(room, here.url, { events: ['tag.created'] })
  for (let count = 0; count < 40; count++) await tag(room)
  await until(
    'all came',
    async () => (await deliveriesOf(room, id, '&state=delivered')).length === 40,
    15_000
  )
  t.equal(new Set(here.received.map((one) => one.id)).size, 40)
  t.equal(here.received.length, 40, 'each once')
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('what is rolled back is not sent', async (t) => {
  const here = await receiver(t)
  await makeWebhook(room, here.url, { events: ['tag.updated', 'tag.created'] })
  const fact = { type: 'tag.updated', subjectId: null, payload: { rolled: 'back' }, surrogateKeys: [] }
  await t.rejects(
    db.transaction(async (tx) => {
      await tell(tx, fact)
      throw new Error('no')
    })
  )
  const topic = await tag(room)
  await until('the next one came', () => here.received.length > 0)
  t.same(
    here.received.map(({ body }) => body.subjectId),
    [topic.id]
  )
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('what is older than its event is gone', async (t) => {
  const here = await receiver(t)
  const { id } = await makeWebhook(room, here.url, { events: ['tag.created'] })
  await tag(room)
  await until('sent', async () => (await deliveriesOf(room, id, '&state=delivered')).length === 1)
  await db.query({ text: `DELETE FROM events WHERE type = 'tag.created'` }, [])
  t.same(await deliveriesOf(room, id), [])
})
