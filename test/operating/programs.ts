/** What stands around Dateline in production: programs of the system, each in a folder of its own, on free ports. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '../start/process.ts'

export type Test = { teardown: (work: () => Promise<void> | void) => void }

/** Where a program of the system is; null when it is not installed. */
export function findProgram(name: string): string | null {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  return places.map((place) => join(place, name)).find(existsSync) ?? null
}

/** A folder that anybody may enter, gone when the test is; the user programs run as that refuse to be root owns it. */
export function ownFolder(t: Test, account: { uid?: number; gid?: number } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'dateline-operating-'))
  chmodSync(folder, 0o755)
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Who runs what refuses to be root. */
export function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** A file of the guide with its addresses and paths made those of a test. Each must be found, or the test tries something else. */
export function adapted(path: string, changes: [from: string | RegExp, to: string][]): string {
  let text = readFileSync(join(root, path), 'utf8')
  for (const [from, to] of changes) {
    const changed = text.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'gm'), to)
    if (changed === text) throw new Error(`${path} holds no ${from}`)
    text = changed
  }
  return text
}

export type Program = { child: ChildProcess; printed: () => string; stop: () => Promise<void> }

/** Runs a program in the foreground until the test ends, and waits until it takes connections on `port`. */
export async function run(
  t: Test,
  file: string,
  args: string[],
  port: number,
  account: { uid?: number; gid?: number } = {}
): Promise<Program> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...account })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  const ended = new Promise<void>((done) => child.on('close', () => done()))
  const stop = async () => {
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(patience)
  }
  t.teardown(stop)
  for (let tries = 0; !(await takes(port)); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`${file} did not start: ${text}`)
    await wait(50)
  }
  return { child, printed: () => text, stop }
}

function takes(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Asks again until the answer is as wanted, for ten seconds; what came last is given back either way. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 10_000
  for (;;) {
    const answer = await ask()
    if (wanted(answer) || Date.now() > end) return answer
    await wait(50)
  }
}
