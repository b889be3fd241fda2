/** What commands work on. */
import { type Config, ConfigError, examineConfig, readConfig } from '../config.ts'
import { type Database, openDatabase, prepareSchema } from '../database/database.ts'
import { poolerFaults } from '../database/poolers.ts'
import { ensureSigningKey } from '../people/keys.ts'
import { closedOnLeaving } from './leaving.ts'

/** Does `work` with a database that is up to date, and leaves it. `migrated` are the migrations that were applied first. */
export async function withDatabase<T>(
  work: (db: Database, context: { config: Config; migrated: string[] }) => Promise<T>
): Promise<T> {
  const config = readConfig()
  const opening = openDatabase(config.database, { join: true })
  const closed = closedOnLeaving(async () => (await opening).close())
  const db = await opening
  try {
    const migrated = await db.alone(async (client) => {
      const faults = await poolerFaults(client, config.database)
      if (faults.length > 0) throw new ConfigError(faults)
      const names = await prepareSchema(client)
      await ensureSigningKey(client, config.secret)
      return names
    })
    return await work(db, { config, migrated })
  } finally {
    await db.close()
    closed()
  }
}

/** Throws ConfigError as `withDatabase` would, without opening anything. */
export const checkSettings = () => void readConfig()

/** The settings as they are, faults and all; nothing is made. */
export type Examined = ReturnType<typeof examineConfig>
export const examineSettings = (): Examined => examineConfig()
