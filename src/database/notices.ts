/** Listening for notices on a server, on a connection that does nothing else. */
import pg from 'pg'
import { hangUp } from './ending.ts'

/** So long for each step on the way: whoever waits for ever for a dead connection never makes another. */
const WAIT_MS = 5_000

/** Hears a channel until the connection ends, which `lost` is told once. Answers with what ends it. */
export async function listenOn(
  config: pg.ClientConfig,
  channel: string,
  heard: (payload: string) => void,
  lost: () => void
): Promise<() => Promise<void>> {
  const client = new pg.Client({
    ...config,
    keepAlive: true,
    connectionTimeoutMillis: WAIT_MS,
    query_timeout: WAIT_MS
  })
  let ended = false
  const end = () => {
    if (ended) return
    ended = true
    lost()
  }
  client.on('error', end)
  client.on('end', end)
  client.on('notification', ({ payload }) => heard(payload ?? ''))
  try {
    await client.connect()
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
  } catch (error) {
    ended = true
    await hangUp(client)
    throw error
  }
  return async () => {
    ended = true
    await hangUp(client)
  }
}
