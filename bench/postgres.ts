/** The Postgres server under it all: a throwaway one, or the one BENCH_DATABASE_URL names. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../scripts/free-port.mjs'
import { findBinaries, makeCluster } from './cluster.ts'
import { pinned } from './cpus.ts'

export type Postgres = {
  /** `server_version`, such as 15.8. */
  version: string
  /** What it was told besides the defaults; null: a server of somebody else. */
  settings: string[] | null
  /** An empty database of this name; one that is there is dropped first. Answers with its address. */
  database: (name: string) => Promise<string>
  stop: () => Promise<void>
}

// Commits reach the disk, as in production. The rest gives a million articles the memory a server would have.
const SETTINGS = [
  'fsync=on',
  'shared_buffers=512MB',
  'max_wal_size=4GB',
  'max_connections=100',
  'default_transaction_isolation=read committed'
]

/** Throws, with what to do, when there is no server to be had. */
export async function startPostgres(place: string | undefined): Promise<Postgres> {
  const given = process.env.BENCH_DATABASE_URL
  if (given) return serverAt(given, null, async () => {})
  const bin = findBinaries()
  if (bin === null)
    throw new Error(
      'There is no Postgres to start here. Install one (apt-get install postgresql), or name a server where databases may be made: BENCH_DATABASE_URL=postgres://… npm run bench'
    )
  const { folder, data, account } = makeCluster(bin, 'dateline-bench-postgres-')
  const port = await freePort()
  const settings = [
    ...SETTINGS,
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`
  ]
  const [command, args] = pinned(place, join(bin, 'postgres'), [
    '-D',
    data,
    ...settings.flatMap((one) => ['-c', one])
  ])
  const child = spawn(command, args, { ...account, stdio: 'ignore' })
  // Whatever ends this process ends the server too.
  const kill = () => child.kill('SIGQUIT')
  process.once('exit', kill)
  const stop = async () => {
    process.removeListener('exit', kill)
    if (child.exitCode === null) {
      child.kill('SIGINT')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    await whenItAnswers(url, child)
    return await serverAt(url, SETTINGS, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function whenItAnswers(url: string, child: ChildProcess) {
  const end = performance.now() + 30_000
  for (;;) {
    const client = new pg.Client(url)
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end)
        throw new Error(`The throwaway Postgres does not answer: ${(error as Error).message}`)
      await pause(50)
    }
  }
}

async function serverAt(
  url: string,
  settings: string[] | null,
  stop: () => Promise<void>
): Promise<Postgres> {
  const made: string[] = []
  const run = async <Row extends pg.QueryResultRow>(text: string) => {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end()
    }
  }
  const [row] = await run<{ server_version: string }>('SHOW server_version')
  return {
    version: row?.server_version.split(' ')[0] ?? 'unknown',
    settings,
    async database(name) {
      await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await run(`CREATE DATABASE ${name}`)
      made.push(name)
      const address = new URL(url)
      address.pathname = `/${name}`
      return address.href
    },
    async stop() {
      if (settings === null)
        for (const name of made) await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).catch(() => {})
      await stop()
    }
  }
}
