/**
 * Applies prisma/migrations in Prisma's own bookkeeping, so that `prisma migrate status` agrees. Ours, because
 * Prisma's CLI needs a binary that a closed network does not give.
 */

import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import { root } from '../root.ts'
import type { Connection } from './database.ts'
import { NotReady } from './not-ready.ts'

const folder = new URL('prisma/migrations/', root)

const BOOK = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`

const ENTRIES =
  'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations WHERE rolled_back_at IS NULL'

type Entry = {
  migration_name: string
  checksum: string
  finished_at: Date | null
  rolled_back_at: Date | null
}

/**
 * Applies what is missing and answers with the names applied. Each migration is one transaction with its entry in the
 * book: it is there whole or not at all. The caller holds the start lock.
 */
export async function migrate(client: ClientBase): Promise<string[]> {
  await client.query(BOOK)
  const { rows } = await client.query<Entry>(ENTRIES)
  const book = new Map(rows.map((entry) => [entry.migration_name, entry]))
  const applied: string[] = []
  for (const { name, sql, checksum } of readMigrations()) {
    const entry = book.get(name)
    if (entry) {
      check(entry, checksum)
      continue
    }
    await apply(client, name, sql, checksum)
    applied.push(name)
  }
  return applied
}

export type MigrationState = {
  applied: number
  /** In prisma/migrations and not yet in the database. */
  pending: string[]
  /** In the database and not in prisma/migrations: a newer Dateline put them there. */
  unknown: string[]
  /** Begun by another tool, and not ended. */
  unfinished: string[]
  /** Others than those that were applied. */
  edited: string[]
}

/** How the database stands to prisma/migrations. Only reads. */
export async function migrationState(query: Connection['query']): Promise<MigrationState> {
  const [book] = await query<{ there: boolean }>(
    { text: `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there` },
    []
  )
  const entries = book?.there ? await query<Entry>({ text: ENTRIES }, []) : []
  const ours = new Map(readMigrations().map(({ name, checksum }) => [name, checksum]))
  const names = (which: (entry: Entry) => boolean) =>
    entries
      .filter(which)
      .map((entry) => entry.migration_name)
      .sort()
  const done = new Set(names((entry) => entry.finished_at !== null))
  return {
    applied: done.size,
    pending: [...ours.keys()].filter((name) => !entries.some((entry) => entry.migration_name === name)),
    unknown: names((entry) => !ours.has(entry.migration_name)),
    unfinished: names((entry) => entry.finished_at === null),
    edited: names(
      (entry) =>
        entry.finished_at !== null &&
        ours.has(entry.migration_name) &&
        ours.get(entry.migration_name) !== entry.checksum
    )
  }
}

/** The extensions that the migrations make, as they name them. */
export const neededExtensions = () => [
  ...new Set(
    readMigrations().flatMap(({ sql }) =>
      [...sql.matchAll(/CREATE EXTENSION IF NOT EXISTS (\w+)/g)].map(([, name]) => name as string)
    )
  )
]

export function readMigrations() {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(`${name}/migration.sql`, folder), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

const LOCK_NOT_AVAILABLE = '55P03'

function check(entry: Entry, checksum: string) {
  if (!entry.finished_at) {
    throw new NotReady(
      `The migration ${entry.migration_name} was begun by another tool and has not finished. Look at what it left ` +
        'in the database, mend it, and mark it with `prisma migrate resolve`.'
    )
  }
  if (entry.checksum !== checksum) {
    throw new NotReady(
      `The migration ${entry.migration_name} in the database is not the one in prisma/migrations: a released ` +
        'migration was edited. Put the released file back and write the change as a new migration.'
    )
  }
}

/** How often a table that somebody else holds is asked for, and how long it is waited for: all others queue behind. */
const LOCK_TRIES = 30
const LOCK_WAIT = '2s'
const LOCK_REST_MS = 1_000

async function apply(client: ClientBase, name: string, sql: string, checksum: string) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(client, name, sql, checksum)
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {}
      if (code !== LOCK_NOT_AVAILABLE || attempt >= LOCK_TRIES) throw error
      await rest(LOCK_REST_MS)
    }
  }
}

async function applyOnce(client: ClientBase, name: string, sql: string, checksum: string) {
  try {
    await client.query('BEGIN')
    await client.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`)
    await client.query(sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name]
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw new NotReady(
      `The migration ${name} failed and was undone: ${(error as Error).message}`,
      error as Error
    )
  }
}
