/**
 * A pooler as `doctor` may meet one: it greets everybody with a process of its own, and lends the one connection it has to
 * whoever asks, by the transaction. It knows nothing of prepared statements.
 */
import { createServer, type Socket } from 'node:net'
import pg from 'pg'

const READY = 0x5a
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])
const IDLE = Buffer.from([READY, 0, 0, 0, 5, 0x49])
/** Its own process, 7, and a key. */
const PROCESS = Buffer.from([0x4b, 0, 0, 0, 12, 0, 0, 0, 7, 0, 0, 0, 1])

/** `url` leads through it to the server named by `target`. */
export async function startPooler(target: string) {
  const backend = new pg.Client({ connectionString: target })
  // It is cut off at the end.
  backend.on('error', () => {})
  await backend.connect()
  const { stream } = (backend as unknown as { connection: { stream: Socket } }).connection
  stream.removeAllListeners('data')
  const waiting: { from: Socket; message: Buffer }[] = []
  let holder: Socket | null = null

  const next = () => {
    while (waiting.length > 0 && (holder === null || waiting.some(({ from }) => from === holder))) {
      const index = holder === null ? 0 : waiting.findIndex(({ from }) => from === holder)
      const [turn] = waiting.splice(index, 1)
      holder = turn?.from ?? null
      stream.write(turn?.message ?? '')
    }
  }
  let rest = Buffer.alloc(0)
  stream.on('data', (data: Buffer) => {
    holder?.write(data)
    rest = Buffer.concat([rest, data])
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = rest.readInt32BE(1) + 1
      if (rest[0] === READY && rest[5] === 0x49) holder = null
      rest = rest.subarray(end)
    }
    next()
  })

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(Buffer.concat([AUTHENTICATED, PROCESS, IDLE]))
      socket.on('data', (message: Buffer) => {
        if (message[0] === 0x58) return
        waiting.push({ from: socket, message })
        next()
      })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as { port: number }).port)
  return {
    url: url.href,
    async stop() {
      for (const socket of sockets) socket.destroy()
      stream.destroy()
      await new Promise((done) => server.close(done))
    }
  }
}
