/** Connections on which nothing moves are given up, also where the answer was in the cache and nobody reads it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { IDLE_MS } from '../../src/http/server.ts'
import { newsroom, story } from '../helper.ts'
import { until } from '../until.ts'

const room = await newsroom(t)
const { app, api } = room
const port = Number(new URL(room.url).port)
const { slug } = await story(room)
const path = `/v1/content/articles/${slug}`

/** Both ends of a new connection that has sent `bytes` and reads nothing. */
async function silent(bytes: string): Promise<{ here: Socket; there: Socket }> {
  const accepted = once(app.server, 'connection')
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
