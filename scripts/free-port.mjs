import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * One that nobody listens on, and below those that the system gives to connections, one of which would have it in a moment.
 * @returns {Promise<number>}
 */
export async function freePort() {
  const port = randomInt(10_000, 32_000)
  const server = createServer()
  const isFree = await new Promise((told) => {
    server.once('error', () => told(false)).listen(port, '127.0.0.1', () => told(true))
  })
  if (!isFree) return freePort()
  await new Promise((done) => server.close(done))
  return port
}
