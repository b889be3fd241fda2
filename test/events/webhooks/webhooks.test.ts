import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { eventTypes, WebhookEvent } from '../../../src/events/event-schema.ts'
import { root } from '../../../src/root.ts'
import { settled, until } from '../../content/feed.ts'
import { everyone, newsroom, type Options, tag, unique } from '../../helper.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../../traces.ts'
import { deliveriesOf, isSigned, makeWebhook, receiver } from './receiver.ts'

const room = await newsroom(t, { webhookAllow: ['127.0.0.0/8'] })
const { api, db } = room
const admin = { as: 'admin' } as const

/** Of a webhook that is sent nothing: what is under way elsewhere leaves it alone. */
const quiet = (fields: object = {}) =>
  makeWebhook(room, 'http://127.0.0.1:9/hook', { events: ['redirect.deleted'], ...fields })
const nothing = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a99'

t.test('who may what', async (t) => {
  const rows: [string, number, (id: string, eventId: string) => [string, Options]][] = [
    ['list', 200, () => ['GET /v1/webhooks', {}]],
    [
      'make',
      201,
      () => ['POST /v1/webhooks', { body: { url: 'http://127.0.0.1:9/', events: ['redirect.*'] } }]
    ],
    ['read', 200, (id) => [`GET /v1/webhooks/${id}`, {}]],
    ['change', 200, (id) => [`PATCH /v1/webhooks/${id}`, { ifMatch: 1, body: { description: 'Other' } }]],
    ['delete', 204, (id) => [`DELETE /v1/webhooks/${id}`, { ifMatch: 1 }]],
    ['rotate', 200, (id) => [`POST /v1/webhooks/${id}/rotate-secret`, {}]],
    ['test', 200, (id) => [`POST /v1/webhooks/${id}/test`, {}]],
    ['log', 200, (id) => [`GET /v1/webhooks/${id}/deliveries`, {}]],
    ['replay one', 200, (id, eventId) => [`POST /v1/webhooks/${id}/deliveries/${eventId}/replay`, {}]],
    ['replay', 200, (id) => [`POST /v1/webhooks/${id}/replay`, { body: { since: '2026-01-01T00:00:00Z' } }]]
  ]
  for (const [told, status, call] of rows) {
    const got: Record<string, number> = {}
    for (const who of everyone) {
      const { id } = await quiet()
      const { eventId } = (await api(`POST /v1/webhooks/${id}/test`, { ...admin, expect: 200 })).body
      const [request, options] = call(id, eventId)
      got[who] = (await api(request, { ...options, as: who })).status
      await db.query({ text: 'DELETE FROM webhooks' }, [])
    }
    t.same(got, { nobody: 401, contributor: 403, author: 403, editor: 403, admin: status }, told)
  }
})

t.test('making, reading, changing, deleting', async (t) => {
  const body = { url: 'http://127.0.0.1:9/a?b=c', events: ['tag.*', 'site.updated'], description: 'CDN' }
  const made = await written(
    t,
    room,
    'POST /v1/webhooks',
    { ...admin, body },
    { status: 201, type: 'webhook.created', fields: ['url', 'events', 'description'] }
  )
  const { secret, ...webhook } = made.body
  t.match(webhook, { ...body, enabled: true, disabledReason: null, version: 1 })
  t.equal(made.headers.get('etag'), '"1"')
  t.equal(made.headers.get('location'), `/v1/webhooks/${webhook.id}`)
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const path = `/v1/webhooks/${webhook.id}`
  const read = await api(`GET ${path}`, { ...admin, expect: 200 })
  t.same(read.body, webhook, 'the secret is not shown again')
  const rows = await db.query<{ text: string }>({ text: 'SELECT w::text AS text FROM webhooks w' }, [])
  const bytes = Buffer.from(secret.slice(6), 'base64').toString('hex')
  for (const { text } of rows)
    t.notOk(text.includes(bytes) || text.includes(Buffer.from(secret).toString('hex')))

  await changesNothing(t, room, `PATCH ${path}`, { ...admin, ifMatch: 1, body: { description: 'CDN' } })
  const changed = await written(
    t,
    room,
    `PATCH ${path}`,
    { ...admin, ifMatch: 1, body: { events: ['*'], enabled: false } },
    { type: 'webhook.updated', fields: ['events', 'enabled'] }
  )
  t.match(changed.body, { events: ['*'], enabled: false, disabledReason: null, version: 2 })
  await refused(
    t,
    room,
    `PATCH ${path}`,
    { ...admin, ifMatch: 1, body: { events: ['tag.*'] } },
    '412 stale_version'
  )
  await refused(t, room, `PATCH ${path}`, { ...admin, body: {} }, '428 precondition_required')
  await refused(t, room, `DELETE ${path}`, { ...admin, ifMatch: 1 }, '412 stale_version')
  await refused(t, room, `POST ${path}/test`, admin, '409 webhook_disabled')
  await refused(
    t,
    room,
    `POST ${path}/replay`,
    { ...admin, body: { since: '2026-01-01T00:00:00Z' } },
    '409 webhook_disabled'
  )
  const rotated = await written(t, room, `POST ${path}/rotate-secret`, admin, {
    type: 'webhook.secret_rotated'
  })
  t.not(rotated.body.secret, secret)
  t.equal(rotated.body.version, 3)
  await written(
    t,
    room,
    `DELETE ${path}`,
    { ...admin, ifMatch: 3 },
    { status: 204, type: 'webhook.deleted', subject: webhook.id }
  )
  for (const [request, more] of [
    [`GET ${path}`, {}],
    [`PATCH ${path}`, { ifMatch: 3, body: {} }],
    [`DELETE ${path}`, { ifMatch: 3 }],
    [`POST ${path}/test`, {}],
    [`POST ${path}/rotate-secret`, {}],
    [`GET ${path}/deliveries`, {}],
    [`POST ${path}/deliveries/${nothing}/replay`, {}],
    [`POST ${path}/replay`, { body: { since: '2026-01-01T00:00:00Z' } }]
  ] as const)
    await refused(t, room, request, { ...admin, ...more }, '404 not_found')
})

t.test('what is refused', async (t) => {
  const url = 'http://127.0.0.1:9/'
  const rows: [object, string][] = [
    [{ events: ['*'] }, '/url'],
    [{ url }, '/events'],
    [{ url, events: [] }, '/events'],
    [{ url, events: ['article.publish'] }, '/events/0'],
    [{ url, events: ['*', '*'] }, '/events'],
    [{ url: 'ftp://127.0.0.1/', events: ['*'] }, '/url'],
    [{ url: 'http://user:pass@127.0.0.1/', events: ['*'] }, '/url'],
    [{ url: 'http://10.0.0.1/', events: ['*'] }, '/url'],
    [{ url: 'http://127.0.0.1:99999/', events: ['*'] }, '/url'],
    [{ url, events: ['*'], secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }, '/secret']
  ]
  for (const [body, pointer] of rows)
    await refused(t, room, 'POST /v1/webhooks', { ...admin, body }, '400 invalid_request', pointer)
  const { id } = await quiet()
  await refused(
    t,
    room,
    `PATCH /v1/webhooks/${id}`,
    { ...admin, ifMatch: 1, body: { url: 'http://[::1]/' } },
    '400 invalid_request',
    '/url'
  )
  const replay = (body: object, pointer: string) =>
    refused(t, room, `POST /v1/webhooks/${id}/replay`, { ...admin, body }, '400 invalid_request', pointer)
  await replay({ since: '2026-01-02T00:00:00Z', until: '2026-01-02T00:00:00Z' }, '/until')
  await replay({ since: 'yesterday' }, '/since')
  await refused(t, room, `POST /v1/webhooks/${id}/deliveries/${nothing}/replay`, admin, '404 not_found')
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('of many who change it at once, one does', async (t) => {
  const { id } = await quiet()
  const answers = await atOnce(10, (index) =>
    api(`PATCH /v1/webhooks/${id}`, { ...admin, ifMatch: 1, body: { description: `By ${index}` } })
  )
  t.same(tally(answers), { 200: 1, 412: 9 })
})

t.test('a hundred of them and no more, also when many are made at once', async (t) => {
  await db.query({ text: 'DELETE FROM webhooks' }, [])
  await atOnce(95, () => quiet())
  const body = { url: 'http://127.0.0.1:9/', events: ['redirect.*'] }
  const answers = await atOnce(12, () => api('POST /v1/webhooks', { ...admin, body }))
  t.same(tally(answers), { 201: 5, 409: 7 })
  t.equal(answers.find(({ status }) => status === 409)?.body.code, 'too_many_webhooks')
  const { there, back } = await walk(room, 'GET /v1/webhooks', admin, 30)
  t.equal(there.length, 100)
  t.same(back, there)
  t.same(there, there.toSorted().reverse(), 'newest first')
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('events are sent as Standard Webhooks has it', async (t) => {
  const here = await receiver(t)
  const webhook = await makeWebhook(room, here.url, { events: ['tag.created'] })
  const topic = await tag(room)
  await until('it came', () => here.received.length > 0)
  const [message] = here.received
  if (!message) return
  t.ok(isSigned(message, webhook.secret), 'the signature is good')
  t.notOk(isSigned({ ...message, text: `${message.text} ` }, webhook.secret), 'of these bytes only')
  t.match(message.headers, { 'content-type': 'application/json', 'user-agent': /^Dateline\/\d+\.\d+\.\d+$/ })
  const [event] = await db.query<{ id: string; position: string; at: Date; surrogate_keys: string[] }>(
    {
      text: `SELECT id, position, at, surrogate_keys FROM events WHERE type = 'tag.created' AND subject_id = $1::uuid`
    },
    [topic.id]
  )
  t.match(message.body, {
    id: event?.id,
    type: 'tag.created',
    timestamp: event?.at.toISOString(),
    position: Number(event?.position),
    subjectId: topic.id,
    data: { id: topic.id },
    surrogateKeys: event?.surrogate_keys
  })
  t.doesNotThrow(() => room.app.check(WebhookEvent, message.body, ''), 'it is what the document says')
  t.equal(message.id, event?.id, 'webhook-id is the id of the event')
  await until('it is noted', async () => (await deliveriesOf(room, webhook.id))[0]?.state === 'delivered')
  const log = await deliveriesOf(room, webhook.id)
  t.match(log, [
    {
      eventId: event?.id,
      type: 'tag.created',
      state: 'delivered',
      attempts: [{ status: 204, error: null, durationMs: Number }],
      nextAttemptAt: null
    }
  ])
  t.equal(log.length, 1, 'and nothing it did not ask for')

  // While a secret is being replaced, both are good.
  const { secret } = (await api(`POST /v1/webhooks/${webhook.id}/rotate-secret`, { ...admin, expect: 200 }))
    .body
  const sendTest = async () => {
    const count = here.received.length
    await api(`POST /v1/webhooks/${webhook.id}/test`, { ...admin, expect: 200 })
    await until('the test came', () => here.received.length > count)
    return here.received.at(-1) as (typeof here.received)[0]
  }
  const test = await sendTest()
  t.match(test.body, {
    type: 'webhook.test',
    subjectId: webhook.id,
    data: { id: webhook.id },
    surrogateKeys: []
  })
  t.ok(isSigned(test, secret) && isSigned(test, webhook.secret), 'both secrets are good')
  t.match(test.headers['webhook-signature'], /^v1,\S{44} v1,\S{44}$/)
  await db.query({ text: `UPDATE webhooks SET former_until = now() - interval '1 second'` }, [])
  const later = await sendTest()
  t.ok(isSigned(later, secret), 'the new one stays')
  t.notOk(isSigned(later, webhook.secret), 'the old one is over after 24 hours')
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('filters: types, all of a kind, all; tests only for the one that asked', async (t) => {
  const here = await receiver(t)
  const wants = (events: string[]) => makeWebhook(room, here.url, { events })
  const [one, kind, all, other, off] = [
    await wants(['tag.created']),
    await wants(['tag.*']),
    await wants(['*']),
    await wants(['article.*', 'site.updated']),
    await makeWebhook(room, here.url, { enabled: false })
  ]
  const topic = await tag(room)
  await api(`PATCH /v1/tags/${topic.id}`, {
    as: 'editor',
    ifMatch: 1,
    body: { slug: unique('slug') },
    expect: 200
  })
  await api(`POST /v1/webhooks/${other.id}/test`, { ...admin, expect: 200 })
  const typesOf = async (id: string) =>
    (await deliveriesOf(room, id)).map(({ type }: { type: string }) => type).sort()
  await until('made', async () => (await typesOf(all.id)).includes('tag.updated'))
  t.same(await typesOf(one.id), ['tag.created'])
  t.same(await typesOf(kind.id), ['tag.created', 'tag.updated'])
  t.same(
    (await typesOf(all.id)).filter((type: string) => !type.startsWith('webhook.created')),
    ['tag.created', 'tag.updated']
  )
  t.same(await typesOf(other.id), ['webhook.test'])
  t.same(await typesOf(off.id), [])

  // The log by state and type, and page by page.
  await until('all sent', async () => (await deliveriesOf(room, kind.id, '&state=delivered')).length === 2)
  t.equal((await deliveriesOf(room, kind.id, '&type=tag.updated')).length, 1)
  t.equal((await deliveriesOf(room, kind.id, '&state=dead')).length, 0)
  const first = (await api(`GET /v1/webhooks/${kind.id}/deliveries?limit=1`, admin)).body
  const second = (
    await api(`GET /v1/webhooks/${kind.id}/deliveries?limit=1&cursor=${first.page.next}`, admin)
  ).body
  t.same(
    [...first.data, ...second.data].map(({ type }) => type),
    ['tag.updated', 'tag.created']
  )
  await api(`GET /v1/webhooks/${one.id}/deliveries?limit=1&cursor=${first.page.next}`, {
    ...admin,
    expect: 400
  })
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('replaying', async (t) => {
  const here = await receiver(t)
  const since = new Date(Date.now() - 1).toISOString()
  const missed = await tag(room)
  await settled(room)
  const webhook = await makeWebhook(room, here.url, { events: ['tag.created'] })
  const topic = await tag(room)
  await until('it came', () => here.received.some(({ body }) => body.subjectId === topic.id))
  const idsOf = (id: string) => here.received.filter(({ body }) => body.subjectId === id).map((one) => one.id)
  const [eventId] = idsOf(topic.id)
  await until('noted', async () => (await deliveriesOf(room, webhook.id, '&state=delivered')).length > 0)
  await written(t, room, `POST /v1/webhooks/${webhook.id}/deliveries/${eventId}/replay`, admin, {
    type: 'webhook.replayed',
    subject: webhook.id
  })
  await until('it came again', () => idsOf(topic.id).length === 2)
  t.same(idsOf(topic.id), [eventId, eventId], 'under the same id')
  await until('noted', async () => {
    const [one] = await deliveriesOf(room, webhook.id)
    return one.state === 'delivered' && one.attempts.length === 2
  })
  const { body } = await written(
    t,
    room,
    `POST /v1/webhooks/${webhook.id}/replay`,
    { ...admin, body: { since } },
    { type: 'webhook.replayed', subject: webhook.id, fields: ['since'] }
  )
  t.same(body, { deliveries: 2 })
  await until(
    'what was missed came, and the rest again',
    () => idsOf(missed.id).length === 1 && idsOf(topic.id).length === 3
  )
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('every type of event in the code is one that can be asked for', async (t) => {
  const src = fileURLToPath(new URL('src/', root))
  const told = new Set<string>()
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.includes('generated')) continue
    const code = readFileSync(join(src, name), 'utf8')
    // Names of deeds are not those of events: they stand in calls of `note`, as `action`.
    for (const [, type = ''] of code.matchAll(
      /\b(?:type:|announce\(tx, article,|record\(tx, actor,)[^'\n]*'([a-z_]+\.[a-z_]+)'/g
    ))
      told.add(type)
    for (const [, , type = ''] of code.matchAll(
      /(announce\(tx, article, [^\n]*|type: [^\n]*)\? '[a-z_.]+' : '([a-z_]+\.[a-z_]+)'/g
    ))
      told.add(type)
  }
  t.ok(told.size > 25, `${told.size} were found`)
  t.same(
    [...told].filter((type) => !eventTypes.includes(type)),
    [],
    'all are known'
  )
  const rows = await db.query<{ type: string }>({ text: 'SELECT DISTINCT type FROM events' }, [])
  t.same(
    rows.map(({ type }) => type).filter((type) => !eventTypes.includes(type)),
    []
  )
})
