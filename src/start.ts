/**
 * From a configuration to a database that is ready to serve: migrated, with signing keys, people to sign in as and,
 * where wanted, the demo newsroom. All of it under one lock, so that any number of processes may start at once, and
 * each step either done or not, so that a start cut short can simply be repeated.
 */
import { randomBytes } from 'node:crypto'
import { system } from './audit/audit.ts'
import { type Config, ConfigError } from './config.ts'
import { type Database, openDatabase, prepareSchema } from './database/database.ts'
import { poolerFaults } from './database/poolers.ts'
import { readerFaults } from './database/readers.ts'
import { seedDemo } from './demo/seed.ts'
import { Problem } from './http/errors.ts'
import { ensureSigningKey, retireKeys } from './people/keys.ts'
import { forgetSuccessors } from './people/sessions.ts'
import { ensureFirstAdmin, ONE_TIME_EMAIL, renewOneTimeAdmin } from './people/users.ts'

export type Ready = {
  db: Database
  migrated: string[]
  seeded: boolean
  /** Good until somebody has signed in with it; embedded starts without ADMIN_EMAIL only. */
  oneTimeAdmin: { email: string; password: string } | null
}

export async function makeReady(config: Config): Promise<Ready> {
  const db = await openDatabase(config.database)
  try {
    return await db.alone(async (client) => {
      const astray = await poolerFaults(client, config.database)
      if (astray.length > 0) throw new ConfigError(astray)
      const migrated = await prepareSchema(client)
      const faults = await readerFaults(client, config.database)
      if (faults.length > 0) throw new ConfigError(faults)
      await ensureSigningKey(client, config.secret)
      await retireKeys(db)
      await forgetSuccessors(db)
      if (config.firstAdmin) await ensureFirstAdmin(db, system, config.firstAdmin).catch(blameSettings)
      const oneTimeAdmin = config.firstAdmin || !db.embedded ? null : await offerOneTimeAdmin(db)
      const seeded = config.demo ? await seedDemo(db, config.publicUrl) : false
      return { db, migrated, seeded, oneTimeAdmin }
    })
  } catch (error) {
    await db.close().catch(() => {})
    throw error
  }
}

/** A first admin that is refused is a fault of the settings. */
function blameSettings(error: Error): never {
  if (!(error instanceof Problem) || !error.errors) throw error
  throw new ConfigError(
    error.errors.map(({ pointer, message }) => `ADMIN_${pointer.slice(1).toUpperCase()} ${message}.`)
  )
}

async function offerOneTimeAdmin(db: Database) {
  const password = randomBytes(15).toString('base64url')
  return (await renewOneTimeAdmin(db, system, password)) ? { email: ONE_TIME_EMAIL, password } : null
}
