/** Dateline as an operator runs it: the start command in a process of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DatabaseSettings } from '../../src/database/database.ts'
import { root as folder } from '../../src/root.ts'

export { freePort } from '../../scripts/free-port.mjs'

export const root = fileURLToPath(folder)
const run = promisify(execFile)

export type Running = {
  child: ChildProcess
  url: string
  /** All it printed so far. */
  printed: () => string
  /** Sends a signal, and answers with its exit code when it has ended. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** The environment a command gets: nothing of ours but what it needs to run. */
export const environment = (settings: Record<string, string>) => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  ...settings
})

/**
 * A script of ours with that environment, as `spawn` takes it. By way of `env`, because tap adds to what its children
 * start with, and that would take time and memory in every process under test.
 */
const alone = (args: string[], settings: Record<string, string>): [string, string[], { cwd: string }] => {
  const given = Object.entries(environment(settings)).map(([name, value]) => `${name}=${value}`)
  return ['env', ['-i', ...given, process.execPath, ...args], { cwd: root }]
}

export const SECRET = 'a secret for tests that is long enough'

/** What a process of Dateline is told, so that it works on this database. */
export const settingsFor = (
  database: DatabaseSettings,
  more: Record<string, string> = {}
): Record<string, string> => ({
  DATELINE_SECRET: SECRET,
  DEMO: 'false',
  ...(database.kind === 'server' ? { DATABASE_URL: database.url } : { DATELINE_DATA: database.folder }),
  ...more
})

/** Starts the process; does not wait for it to be ready. */
export function launch(settings: Record<string, string>): Running {
  const [command, args, options] = alone(['scripts/start.mjs'], settings)
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)))
  return {
    child,
    url: `http://localhost:${settings.PORT}`,
    printed: () => text,
    stop: async (signal = 'SIGINT') => {
      child.kill(signal)
      return ended
    }
  }
}

/** Starts the process and waits until it has printed its welcome. Throws with what it printed when it ends instead. */
export async function start(settings: Record<string, string>): Promise<Running> {
  const running = launch(settings)
  await new Promise<void>((ready, failed) => {
    const look = () => running.printed().includes('Try:\n') && ready()
    running.child.stdout?.on('data', look)
    running.child.on('close', (code) => failed(new Error(`Ended with ${code}: ${running.printed()}`)))
  })
  return running
}

/** Begins a command of the CLI, which is written to and told to end by whoever began it. */
export function begin(args: string[], settings: Record<string, string>) {
  const child = spawn(...alone(['scripts/cli.mjs', ...args], settings))
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  // It may end before it has read everything.
  child.stdin.on('error', () => {})
  const ended = new Promise<{ code: number | null; signal: string | null; said: string }>((done) =>
    child.on('close', (code, signal) => done({ code, signal, said }))
  )
  return { child, ended, said: () => said }
}

/** Runs a command of the CLI. */
export async function cli(args: string[], settings: Record<string, string>, input = '') {
  const pending = run(...alone(['scripts/cli.mjs', ...args], settings))
  pending.child.stdin?.end(input)
  return pending.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: code as number, stdout: String(stdout), stderr: String(stderr) })
  )
}

/** Runs a line in a shell, as somebody who pastes it would. */
export async function shell(script: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', script])
  return stdout
}
