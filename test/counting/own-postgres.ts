/** A Postgres server of a test's own, which it may kill. Commits reach the disk, as in production. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../start/process.ts'

const VERSIONS = '/usr/lib/postgresql'
const run = promisify(execFile)

export type OwnPostgres = {
  url: string
  /** As a power cut would: nobody is asked, nothing is written any more. Resolves when it is down. */
  kill: () => Promise<void>
  start: () => Promise<void>
}

/** Debian's newest, where pg_ctl and initdb are; null when there is none. */
export function postgresBinaries(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
  const newest = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
  return newest.find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'pg_ctl'))) ?? null
}

/** Postgres refuses to run as root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

export async function ownPostgres(
  t: { teardown: (work: () => Promise<void> | void) => void },
  bin: string
): Promise<OwnPostgres> {
  const as = account()
  const folder = mkdtempSync(join(tmpdir(), 'dateline-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  chmodSync(folder, 0o755)
  if (as.uid !== undefined && as.gid !== undefined)
    for (const path of [folder, data]) chownSync(path, as.uid, as.gid)
  const port = await freePort()
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=on -c synchronous_commit=on`
  // It would keep our own pipe open for as long as it runs.
  const log = join(data, 'server.log')
  const control = (...args: string[]) =>
    run(join(bin, 'pg_ctl'), ['-D', data, '-w', '-l', log, ...args], { ...as, cwd: folder })
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    {
      ...as,
      cwd: folder
    }
  )
  const start = async () => void (await control('-o', settings, 'start'))
  const kill = async () => void (await control('-m', 'immediate', 'stop'))
  t.teardown(async () => {
    await kill().catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, kill, start }
}
