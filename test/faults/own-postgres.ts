/** A Postgres server of a test's own, which it may kill. Commits reach the disk, as in production. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCluster } from '../../bench/cluster.ts'
import { freePort } from '../start/process.ts'

const run = promisify(execFile)

export type OwnPostgres = {
  url: string
  /** As a power cut would: nobody is asked, nothing is written any more. Resolves when it is down. */
  kill: () => Promise<void>
  start: () => Promise<void>
}

export async function ownPostgres(
  t: { teardown: (work: () => Promise<void> | void) => void },
  bin: string
): Promise<OwnPostgres> {
  const { folder, data, account } = makeCluster(bin, 'dateline-postgres-')
  const port = await freePort()
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=on -c synchronous_commit=on`
  // It would keep our own pipe open for as long as it runs.
  const log = join(data, 'server.log')
  const control = (...args: string[]) =>
    run(join(bin, 'pg_ctl'), ['-D', data, '-w', '-l', log, ...args], { ...account, cwd: folder })
  const start = async () => void (await control('-o', settings, 'start'))
  const kill = async () => void (await control('-m', 'immediate', 'stop'))
  t.teardown(async () => {
    await kill().catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, kill, start }
}
