/** Who waits for a connection, or for an answer, does not do so for ever; and nobody who left is in anybody's way. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { openDatabase } from '../../src/database/database.ts'
import { ENDING_MS } from '../../src/database/ending.ts'
import { Pool, WAIT_MS } from '../../src/database/pool.ts'
import { freshDatabase } from '../helper.ts'

const url = process.env.TEST_DATABASE_URL
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.message
  )

t.test('thousands who waited in vain', { skip: url ? false : 'it takes a Postgres server' }, async (t) => {
  const pool = new Pool({ connectionString: url, max: 2 })
  const held = await Promise.all([pool.connect(), pool.connect()])
  const begun = performance.now()
  const waiting = Array.from({ length: 5_000 }, () => outcome(pool.query('SELECT 1')))
  t.equal(pool.state().waiting, 5_000)
  const outcomes = await Promise.all(waiting)
  t.same([...new Set(outcomes)], ['No connection to the database became free in time.'])
  const waited = performance.now() - begun
  t.ok(waited >= WAIT_MS && waited < WAIT_MS + 5_000, `${Math.round(waited)} ms`)
  t.same({ ...pool.state() }, { total: 2, idle: 0, waiting: 0, waitedMs: 0 })
  for (const client of held) client.release()
  t.equal(await outcome(pool.query('SELECT 1')), 'done', 'the next one is served')
  await pool.end()
})

t.test(
  'a line is served about in its order, by all connections',
  { skip: url ? false : 'see above' },
  async (t) => {
    const pool = new Pool({ connectionString: url, max: 3 })
    /** In which order 300 get a connection, one in `breaking` of which is broken when it comes back. */
    const served = async (breaking: number) => {
      const order: number[] = []
      await Promise.all(
        Array.from({ length: 300 }, async (_, index) => {
          const client = await pool.connect()
          order.push(index)
          client.release((index + 1) % breaking === 0)
        })
      )
      return order
    }
    // Whoever got a connection that has to be made first is passed by others meanwhile.
    const once = (await served(10)).sort((a, b) => a - b)
    t.same(once, [...once.keys()], 'each once')
    t.ok(pool.state().total <= 3)
    await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.1)')))
    const order = await served(1_000)
    t.ok(
      order.every((index, place) => Math.abs(index - place) < 5),
      `${order}`
    )
    t.ok(pool.state().total <= 3)
    await pool.end()
  }
)

t.test('a server that is not there is said so to all', async (t) => {
  const pool = new Pool({ host: '127.0.0.1', port: 1, max: 2 })
  const outcomes = await Promise.all(Array.from({ length: 3_000 }, () => outcome(pool.query('SELECT 1'))))
  t.match([...new Set(outcomes)], [/ECONNREFUSED/])
  t.equal(pool.state().waiting, 0)
  await pool.end()
})

t.test(
  'connections that went dead without a word are waited for once, not one after another',
  { skip: url ? false : 'see above' },
  async (t) => {
    const way = await startWay(url as string)
    const pool = new Pool({ connectionString: way.url, max: 4 }, 500)
    t.teardown(async () => {
      await pool.end()
      await way.stop()
    })
    await Promise.all(Array.from({ length: 4 }, () => pool.query('SELECT pg_sleep(0.2)')))
    t.equal(pool.state().idle, 4, 'idle ones stay')
    way.forget()
    t.equal(await outcome(pool.query('SELECT 1')), 'The database did not answer.')
    for (let time = 0; time < 4; time++) t.equal(await outcome(pool.query('SELECT 1')), 'done')
  }
)

t.test(
  'closing does not wait for what went dead',
  { skip: url ? false : 'see above', timeout: 60_000 },
  async (t) => {
    const way = await startWay(url as string)
    t.teardown(way.stop)
    const server = {
      kind: 'server' as const,
      url: way.url,
      directUrl: way.url,
      prepare: true,
      connections: 4
    }
    const db = await openDatabase({ ...server, readerUrl: way.url })
    const one = { text: 'SELECT 1' }
    let held = () => {}
    const begun = new Promise<void>((done) => {
      held = done
    })
    await Promise.all([1, 2, 3].map(() => db.query({ text: 'SELECT pg_sleep(0.2)' }, [])))
    await Promise.all([db.aside(one, []), db.reader.query(one, [])])
    // One has an answer to come, another waits within a transaction.
    const asked = outcome(db.query({ text: 'SELECT pg_sleep(60)' }, []))
    const within = outcome(
      db.transaction(async ({ query }) => {
        await query(one, [])
        held()
        await query({ text: 'SELECT pg_sleep(60)' }, [])
      }, 60_000)
    )
    await begun
    t.ok(way.open() >= 5, `${way.open()} connections`)
    way.forget()
    const before = performance.now()
    await db.close()
    const took = performance.now() - before
    t.ok(took < ENDING_MS + 2_000, `${Math.round(took)} ms`)
    t.not(await asked, 'done')
    t.not(await within, 'done')
    while (way.open() > 0) await new Promise((done) => setTimeout(done, 20))
    t.pass('and nothing of it is left that would keep the process')
  }
)

t.test('closing waits for what is about to be answered', { skip: url ? false : 'see above' }, async (t) => {
  const { settings, drop } = await freshDatabase()
  t.teardown(drop)
  const db = await openDatabase(settings)
  await db.query({ text: 'SELECT 1' }, [])
  const asked = outcome(db.query({ text: 'SELECT pg_sleep(1)' }, []))
  await Promise.all([db.close(), db.close()])
  t.equal(await asked, 'done')
})

/** The way to a server, with a firewall on it that forgets connections: nothing gets through, and nobody is told. */
async function startWay(target: string) {
  const { hostname, port } = new URL(target)
  const sockets: Socket[] = []
  let age = 0
  const server = createServer((near) => {
    const begun = age
    const far = connect(Number(port || 5432), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.push(from)
      from.on('error', () => {})
      from.on('data', (data) => begun === age && to.write(data))
      from.on('close', () => to.destroy())
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = new URL(target)
  const address = server.address() as AddressInfo
  url.host = `127.0.0.1:${address.port}`
  return {
    url: url.href,
    forget: () => void age++,
    /** Connections that a client keeps open. */
    open: () => sockets.filter((socket) => !socket.destroyed && socket.localPort === address.port).length,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    }
  }
}

t.test(
  'embedded, a statement may take as long as it takes',
  { skip: url ? 'see test above' : false },
  async (t) => {
    const { settings, drop } = await freshDatabase()
    const db = await openDatabase(settings)
    t.teardown(async () => {
      await db.close()
      await drop()
    })
    t.equal(await outcome(db.query({ text: 'SELECT pg_sleep(16)' }, [])), 'done')
  }
)
