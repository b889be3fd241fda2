/**
 * Connections on which nothing moves are given up, also where the answer was in the cache and nobody reads it; and one
 * with an answer under way when the service closes, or with nothing at all, ends with it.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { IDLE_MS } from '../../src/http/server.ts'
import { draft, newsroom, story } from '../helper.ts'
import { until } from '../until.ts'

const room = await newsroom(t)
const { app, api } = room
const { slug } = await story(room)
const path = `/v1/content/articles/${slug}`

/** Both ends of a new connection that has sent `bytes` and reads nothing. */
async function silent(bytes: string, { server } = app): Promise<{ here: Socket; there: Socket }> {
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  const here = connect(port, '127.0.0.1', () => here.write(bytes))
  here.pause()
  const [there] = (await accepted) as [Socket]
  t.teardown(() => here.destroy())
  return { here, there }
}

/** As much as no system takes for a client that does not read. */
const manyTimes = (request: string) => `${request} HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(20_000)

for (const [what, request] of [
  ['kept', `GET ${path}`],
  ['read from the database', `GET ${path}?body=text`],
  ['refused', 'GET /v1/me']
] as const)
  t.test(`an answer that is ${what}`, async (t) => {
    if (what === 'kept') {
      await api(`GET ${path}`, { expect: 200 })
      t.ok(app.cache.find(path))
    }
    const { here, there } = await silent(manyTimes(request))
    await until('more is to be sent than the system takes', () => there.writableLength > 0)
    t.equal(there.timeout, IDLE_MS)
    // What Node does when the time is over.
    there.emit('timeout')
    // With a reset, where what was sent had not all been read.
    here.on('error', () => {})
    here.resume()
    await until('the client knows', () => here.closed)
    t.ok(there.destroyed)
  })

t.test('one whose answer was read waits for the next request', async (t) => {
  const { here, there } = await silent(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`)
  here.resume()
  await once(here, 'data')
  await until('it is kept alive', () => (there.timeout ?? 0) >= app.server.keepAliveTimeout)
  t.ok(app.server.keepAliveTimeout > IDLE_MS)
})

t.test('closing waits for an answer under way, and for no connection after it or without one', async (t) => {
  const longest = 20_000
  t.ok(longest < app.server.keepAliveTimeout / 2)
  const room = await newsroom(t)
  const { app: closing } = room
  const { id, version } = await draft(room)
  const { here: spare } = await silent('', closing)
  let [isLocked, isEnough] = [false, false]
  const held = closing.db.transaction(async (tx) => {
    await tx.query({ text: 'SELECT FROM articles WHERE id = $1::uuid FOR UPDATE' }, [id])
    isLocked = true
    await until('the end has begun', () => isEnough)
  }, 30_000)
  await until('it is locked', () => isLocked)
  const asked = once(closing.server, 'request')
  const body = { headline: 'Before it closed' }
  const changing = room.api(`PATCH /v1/articles/${id}`, { as: 'editor', ifMatch: version, body })
  await asked
  let isClosed = false
  const end = closing.close().then(() => {
    isClosed = true
  })
  await until('it has begun', () => !closing.server.listening)
  spare.resume()
  await until('the spare one ends', () => spare.closed)
  t.notOk(isClosed)
  isEnough = true
  await held
  const changed = await changing
  t.match(changed, { status: 200, body })
  t.equal(changed.headers.get('connection'), 'close')
  await until('it is closed', () => isClosed, longest)
  await end
})

t.test('what is on its way when closing begins is answered', async (t) => {
  const room = await newsroom(t)
  const { slug } = await story(room)
  const { here } = await silent('', room.app)
  here.write(`GET /v1/content/articles/${slug} HTTP/1.1\r\nhost: a\r\n\r\n`)
  const [, answer] = await Promise.all([room.app.close(), text(here)])
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(answer, /\r\nconnection: close\r\n/i)
  t.match(answer, slug)
})
