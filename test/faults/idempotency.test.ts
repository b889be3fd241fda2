/**
 * What was done and never answered: the process is killed with `kill -9` while it has done what it was asked and nobody
 * has read what it said. Sent again with the same key, each gets the answer of what was done, and nothing is done twice.
 * TEST_FULL=1 plays all 500: `npm run test:faults -- --full`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { freshDatabase } from '../helper.ts'
import { freePort, type Running, start } from '../start/process.ts'
import { ADMIN, isWhole, signIn } from './common.ts'

const [ROUNDS, AT_ONCE] = isWhole ? [20, 25] : [2, 25]

type Order = { key: string; body: string }
type Tag = { id: string; names: { en: string } }

t.test(`${ROUNDS * AT_ONCE} orders, the process killed ${ROUNDS} times`, { timeout: 900_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dateline-faults-'))
  const database = process.env.TEST_DATABASE_URL ? await freshDatabase() : null
  const url = database?.settings.kind === 'server' ? database.settings.url : null
  const settings = {
    DEMO: 'false',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    DATELINE_DATA: folder,
    ...(url && { DATABASE_URL: url })
  }
  let running: Running | null = null
  t.teardown(async () => {
    await running?.stop('SIGKILL')
    await database?.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const tags = async (): Promise<Tag[]> => {
    const client = new pg.Client(
      url ? { connectionString: url } : { host: folder, user: 'postgres', database: 'postgres' }
    )
    await client.connect()
    const { rows } = await client.query<Tag>(`SELECT id, names FROM tags WHERE names ->> 'en' LIKE 'Order %'`)
    await client.end()
    return rows
  }

  let unanswered = 0
  for (let round = 0; round < ROUNDS; round++) {
    running = await start({ ...settings, PORT: String(await freePort()) })
    const token = await signIn(running.url)
    const orders = Array.from({ length: AT_ONCE }, (_, index) => order(`${round}-${index}`))
    const before = (await tags()).length
    const sockets = orders.map((one) => sendAndNeverListen(running as Running, token, one))
    // Each time at another moment: after the first of them, or later, up to all.
    const wanted = before + 1 + ((round * 7) % AT_ONCE)
    while ((await tags()).length < wanted) await wait(2)
    await running.stop('SIGKILL')
    for (const socket of sockets) socket.destroy()

    running = await start({ ...settings, PORT: String(await freePort()) })
    const done = new Map((await tags()).map(({ id, names }) => [names.en, id]))
    const again = await signIn(running.url)
    for (const one of orders) {
      const response = await fetch(`${running.url}/v1/tags`, request(again, one))
      const answer = (await response.json()) as Tag
      const name = JSON.parse(one.body).names.en
      const id = done.get(name)
      t.equal(response.status, 201, name)
      if (id) unanswered++
      t.equal(response.headers.get('idempotent-replayed'), id ? 'true' : null, `${name}: done before, or now`)
      t.equal(answer.id, id ?? answer.id, `${name}: the answer of what was done`)
    }
    const after = (await tags()).map(({ names }) => names.en)
    t.equal(after.length, new Set(after).size, 'nothing is done twice')
    t.equal(after.length, (round + 1) * AT_ONCE, 'and all is done')
    await running.stop('SIGKILL')
  }
  t.comment(`${unanswered} of ${ROUNDS * AT_ONCE} were done when the process was killed, and not answered`)
  t.ok(unanswered >= ROUNDS)
})

const order = (name: string): Order => ({
  key: `order-${name}-${process.pid}-key`,
  body: JSON.stringify({ kind: 'topic', names: { en: `Order ${name}` } })
})

const request = (token: string, { key, body }: Order) => ({
  method: 'POST',
  body,
  headers: {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'idempotency-key': key
  }
})

/** Sends the order over a connection whose other direction is not read. */
function sendAndNeverListen({ url }: Running, token: string, one: Order): Socket {
  const { headers, body } = request(token, one)
  const lines = Object.entries({ ...headers, host: 'localhost', 'content-length': Buffer.byteLength(body) })
  const socket = connect(Number(new URL(url).port), 'localhost')
  socket.on('error', () => {})
  socket.pause()
  socket.write(
    `POST /v1/tags HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
  )
  return socket
}
