/** A connection to the database that is dead without a word: what waits for it is told so, and counting goes on. */
import { connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/database/database.ts'
import { BROWSER, newsroom, story } from '../helper.ts'
import { linksOf } from './links.ts'

const onServer = process.env.TEST_DATABASE_URL !== undefined

t.test(
  'clicks and views are answered 503, and then counted again',
  { skip: !onServer && 'needs a Postgres server', timeout: 120_000 },
  async (t) => {
    const room = await newsroom(t)
    const article = await story(room)
    const things = linksOf(room)
    const link = await things.made(article)
    const { database } = room.config
    if (database.kind !== 'server') return t.fail('it runs on a server')

    let isDead = false
    const sockets = new Set<Socket>()
    const { hostname, port } = new URL(database.url)
    const between = createServer((near) => {
      const far = connect(Number(port || 5432), hostname)
      for (const [from, to] of [
        [near, far],
        [far, near]
      ] as const) {
        sockets.add(from)
        from.on('data', (data) => !isDead && to.write(data))
        from.on('error', () => {})
        from.on('close', () => to.destroy())
      }
    })
    await new Promise<void>((done) => between.listen(0, '127.0.0.1', done))
    const url = new URL(database.url)
    url.hostname = '127.0.0.1'
    url.port = String((between.address() as { port: number }).port)
    const db = await openDatabase({ ...database, url: url.href, directUrl: url.href })
    const app = await buildApp(room.config, db)
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    t.teardown(async () => {
      for (const socket of sockets) socket.destroy()
      between.close()
      await app.close()
      await db.close()
    })
    const send = async (method: string, path: string) => {
      const { status } = await fetch(base + path, {
        method,
        redirect: 'manual',
        headers: { 'user-agent': BROWSER }
      })
      return status
    }
    const both = () =>
      Promise.all([send('GET', `/s/${link.code}`), send('POST', `/v1/content/articles/${article.id}/views`)])
    t.same(await both(), [302, 204])
    isDead = true
    t.same(await both(), [503, 503])
    isDead = false
    for (const end = Date.now() + 30_000; ; ) {
      const [status] = await both()
      if (status === 302) break
      if (Date.now() > end) return t.fail('it never came back')
    }
    t.equal(await send('GET', '/health/ready'), 200)
    t.equal((await things.totals(link))?.human, 2, 'what was not answered was not counted')
  }
)
