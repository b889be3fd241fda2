/** A Postgres cluster in a folder of its own, made from what is installed here. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const VERSIONS = '/usr/lib/postgresql'

/** Where Debian's newest Postgres is, else that of the PATH; null when there is none. */
export function findBinaries(): string | null {
  const newest = (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
  const places = [...newest, ...(process.env.PATH ?? '').split(':')]
  return places.find((bin) => ['initdb', 'pg_ctl'].every((name) => existsSync(join(bin, name)))) ?? null
}

/** Postgres refuses to run as root. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** Whoever makes it deletes `folder`; it runs as `account`, and anybody who reaches it is the superuser `postgres`. */
export function makeCluster(bin: string, prefix: string) {
  const account = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), prefix))
  const data = join(folder, 'data')
  mkdirSync(data)
  chmodSync(folder, 0o755)
  if (account.uid !== undefined && account.gid !== undefined)
    for (const path of [folder, data]) chownSync(path, account.uid, account.gid)
  const wishes = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']
  execFileSync(join(bin, 'initdb'), wishes, { ...account, cwd: folder, stdio: 'ignore' })
  return { folder, data, account }
}
