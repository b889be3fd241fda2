/** Connections of one's own: nothing else uses them, and they end with the work. */
import pg from 'pg'
import type { Session } from './database.ts'
import { hangUp } from './ending.ts'

/** Runs `work` on a connection that nothing else uses, and ends it. */
export async function onItsOwn<T>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>
): Promise<T> {
  const client = new pg.Client(config)
  // Whoever queries is told that it broke; without a listener Node would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await hangUp(client)
  }
}

export function sessionOn(client: pg.Client): Session {
  const query: Session['query'] = async (text, values) => (await client.query({ text, values })).rows
  return {
    query,
    async transaction(work) {
      await query('BEGIN')
      try {
        const result = await work()
        await query('COMMIT')
        return result
      } catch (error) {
        await query('ROLLBACK').catch(() => {})
        throw error
      }
    }
  }
}
