/**
 * Events to a receiver that fails half the time, from a process that is killed again and again: all that was committed
 * arrives, what was rolled back does not, and what comes twice comes under the same id.
 * TEST_FULL=1 plays the whole size: `TEST_FULL=1 npm test -- --timeout=1800 test/events/webhooks/faults.test.ts`.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { freshDatabase } from '../../helper.ts'
import { freePort, type Running, start } from '../../start/process.ts'
import { isSigned, receiver } from './receiver.ts'

const isWhole = process.env.TEST_FULL === '1'
const EVENTS = isWhole ? 1000 : 100
const KILLS = 5
const LONGEST_MS = isWhole ? 600_000 : 200_000
/** In vain so often at most, or ten tries would not be enough. */
const MOST_IN_VAIN = 6
const ADMIN = { email: 'chief@example.org', password: 'nine blue lamps in fog' }

t.test(`${EVENTS} events, the sender killed ${KILLS} times`, { timeout: LONGEST_MS + 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dateline-webhooks-'))
  const database = process.env.TEST_DATABASE_URL ? await freshDatabase() : null
  const server = database?.settings.kind === 'server' ? database.settings.url : null
  const begin = async () =>
    start({
      ...{ DEMO: 'false', DATELINE_DATA: folder, WEBHOOK_ALLOW: '127.0.0.0/8' },
      ...{ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, PORT: String(await freePort()) },
      ...(server && { DATABASE_URL: server })
    })
  let running: Running = await begin()
  t.teardown(async () => {
    await running.stop('SIGKILL')
    await database?.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  const failed = new Map<string, number>()
  const here = await receiver(t, (response, { id }) => {
    const times = failed.get(id) ?? 0
    const fails = Math.random() < 0.5 && times < MOST_IN_VAIN
    if (fails) failed.set(id, times + 1)
    else arrived.set(id, (arrived.get(id) ?? 0) + 1)
    response.writeHead(fails ? 500 : 204).end()
  })
  const arrived = new Map<string, number>()

  const ask = async (path: string, body: object, token?: string) => {
    const response = await fetch(running.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    })
    // biome-ignore lint/suspicious/noExplicitAny: read as what is expected, and failing where it is not
    return (await response.json()) as any
  }
  const { accessToken } = await ask('/v1/sessions', ADMIN)
  const { id, secret } = await ask('/v1/webhooks', { url: here.url, events: ['tag.*'] }, accessToken)

  const where = server
    ? { connectionString: server }
    : { host: folder, user: 'postgres', database: 'postgres' }
  const connected = async <T>(work: (client: pg.Client) => Promise<T>) => {
    const client = new pg.Client(where)
    client.on('error', () => {})
    await client.connect()
    return work(client).finally(() => client.end().catch(() => {}))
  }
  const sql = (text: string) => connected((client) => client.query(text))
  const committed = new Set<string>()
  const rolledBack = new Set<string>()
  /** As `tell` writes them; every fifth transaction comes to nothing. */
  const tellOf = async (number: number) => {
    const eventId = randomUUID()
    const comesToNothing = number % 5 === 0
    await connected(async (client) => {
      await client.query('BEGIN')
      await client.query(
        `INSERT INTO events (id, type, payload, surrogate_keys) VALUES ($1, 'tag.updated', $2, '{}')`,
        [eventId, { number }]
      )
      await client.query(comesToNothing ? 'ROLLBACK' : 'COMMIT')
    })
    ;(comesToNothing ? rolledBack : committed).add(eventId)
  }

  let told = 0
  const tellSome = async (upTo: number) => {
    for (; committed.size < upTo; told++) await tellOf(told)
  }
  const until = Date.now() + LONGEST_MS
  /** The waits between tries are not what is tried here. */
  const hurry = () =>
    sql(
      `UPDATE webhook_deliveries SET due_at = now() WHERE state = 'failed' AND lease IS NULL AND due_at > now()`
    )
  const arriveUntil = async (count: number) => {
    while (arrived.size < count && Date.now() < until) {
      await hurry()
      await wait(200)
    }
  }
  for (let kill = 1; kill <= KILLS; kill++) {
    await tellSome(Math.floor((kill * EVENTS) / KILLS))
    const before = Math.floor(((kill - Math.random()) * EVENTS) / KILLS)
    await arriveUntil(Math.max(1, before))
    await running.stop('SIGKILL')
    running = await begin()
    // What it had taken up is nobody's now: a minute later, others may.
    await sql('UPDATE webhook_deliveries SET due_at = now() WHERE lease IS NOT NULL')
  }
  await arriveUntil(EVENTS)

  t.equal(committed.size, EVENTS)
  t.same(
    [...committed].filter((one) => !arrived.has(one)),
    [],
    'all that was committed arrived'
  )
  t.same(
    here.received.filter(({ id }) => rolledBack.has(id)),
    [],
    'what was rolled back did not'
  )
  t.ok(rolledBack.size > EVENTS / 6, `${rolledBack.size} were rolled back`)
  t.same(
    [...arrived.keys()].filter((one) => !committed.has(one)),
    [],
    'and nothing else'
  )
  const twice = [...arrived.values()].reduce((sum, times) => sum + times - 1, 0)
  // What was under way, and what was answered and not yet written down.
  t.ok(twice <= KILLS * 8, `${twice} came twice`)
  const texts = new Map<string, Set<string>>()
  for (const { id, text } of here.received) texts.set(id, (texts.get(id) ?? new Set()).add(text))
  t.same(
    [...texts.values()].filter(({ size }) => size > 1),
    [],
    'each time with the same words'
  )
  t.same(
    here.received.filter((one) => !isSigned(one, secret)),
    [],
    'all signed'
  )
  t.comment(`${here.received.length} tries, ${twice} twice`)
  let left = 1
  // What had been answered and not written down when the sender was killed is sent again, and may fail again.
  while (left > 0 && Date.now() < until) {
    await hurry()
    const result = await sql(
      `SELECT count(*)::int AS left FROM webhook_deliveries WHERE webhook_id = '${id}' AND state <> 'delivered'`
    )
    left = result.rows[0].left
    await wait(200)
  }
  t.equal(left, 0, 'and all is written down')
})
