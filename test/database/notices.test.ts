/** Listening over a connection that dies without a word. */
import { connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { listenOn } from '../../src/database/notices.ts'

const server = process.env.TEST_DATABASE_URL

t.test('dead before it listens: given up, so that another is made', { skip: !server }, async (t) => {
  const real = new URL(server as string)
  const sockets: Socket[] = []
  const between = createServer((client) => {
    const there = connect(Number(real.port), real.hostname)
    sockets.push(client, there)
    for (const socket of [client, there]) socket.on('error', () => {})
    there.pipe(client, { end: false })
    client.on('data', (bytes) => {
      if (!bytes.includes('LISTEN')) there.write(bytes)
    })
  })
  await new Promise<void>((done) => between.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    between.close()
  })
  const way = new URL(real)
  way.hostname = '127.0.0.1'
  way.port = String((between.address() as { port: number }).port)
  const listening = listenOn(
    { connectionString: way.href },
    'dateline',
    () => {},
    () => {}
  )
  const outcome = await Promise.race([
    listening.then(
      () => 'listens',
      () => 'given up'
    ),
    new Promise((done) => setTimeout(() => done('waits'), 8_000))
  ])
  t.equal(outcome, 'given up')
})
