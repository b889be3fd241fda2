/** The servers that are compared: processes of their own, on ports of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../scripts/free-port.mjs'
import { root as folder } from '../src/root.ts'
import { pinned } from './cpus.ts'

const root = fileURLToPath(folder)

/** How a container starts Dateline: flags for Node, and what it runs. All servers here get the same flags. */
const [, ...inContainer] = JSON.parse(
  /^CMD (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '[]'
) as string[]
const flags = inContainer.filter((argument) => argument.startsWith('--'))

export type Server = {
  port: number
  /** From the start of the process to its first good answer, in ms. */
  readyAfter: number
  /** The most memory it ever had, in bytes; null where the system does not say. */
  peakMemory: () => number | null
  /** To a server of the bench that takes messages; resolves when it has understood. */
  tell: (message: unknown) => Promise<void>
  stop: () => Promise<void>
}

type Settings = { args: string[]; env: Record<string, string>; place: string | undefined; ready: string }

/** Starts a Node process and waits until its `ready` address answers 200. Throws with what it said when it does not. */
async function startServer({ args, env, place, ready }: Settings): Promise<Server> {
  const port = await freePort()
  const [command, all] = pinned(place, process.execPath, args)
  const begun = performance.now()
  // The log goes where it costs least: what is measured is the server and not the disk.
  const child = spawn(command, all, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced'
  })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4_000)
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  while (!(await answers(`http://127.0.0.1:${port}${ready}`))) {
    if (child.exitCode !== null || performance.now() - begun > 60_000) {
      kill()
      throw new Error(`${args.join(' ')} does not become ready.\n${said}`)
    }
    await pause(2)
  }
  return {
    port,
    readyAfter: performance.now() - begun,
    peakMemory: () => peakOf(child),
    async tell(message) {
      child.send(message as object)
      await once(child, 'message')
    },
    async stop() {
      process.removeListener('exit', kill)
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
}

async function answers(address: string) {
  try {
    const answer = await fetch(address)
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

function peakOf({ pid }: ChildProcess) {
  try {
    const peak = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return peak === undefined ? null : Number(peak) * 1024
  } catch {
    return null
  }
}

const SECRET = 'a secret of the bench, long enough to be one'

export type DatelineSettings = {
  url: string
  cache: boolean
  place: string | undefined
  logLevel?: string
  profile?: string
}

/** Dateline as in production, from `npm run build`. */
export const startDateline = ({ url, cache, place, logLevel, profile }: DatelineSettings) =>
  startServer({
    args: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), ...inContainer],
    env: {
      NODE_ENV: 'production',
      // All load comes from one address, and no balancer has to notice that it closes.
      RATE_LIMITS: 'editing=100000000,search=100000000',
      DRAIN_SECONDS: '0',
      DATABASE_URL: url,
      DATELINE_SECRET: SECRET,
      // Visitors are told apart by the address the client names.
      TRUST_PROXY: '1',
      ...(cache ? {} : { CACHE_MB: '0' }),
      ...(logLevel ? { LOG_LEVEL: logLevel } : {})
    },
    place,
    ready: '/health/ready'
  })

/** The command of a fresh machine, on a database of its own; the second of two starts counts. */
export async function startEmbedded(place: string | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dateline-bench-embedded-'))
  const settings = {
    args: ['scripts/start.mjs'],
    env: { DATELINE_DATA: folder },
    place,
    ready: '/health/ready'
  }
  try {
    const first = await startServer(settings)
    await first.stop()
    const second = await startServer(settings)
    await second.stop()
    return second.readyAfter
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const ours = (name: string) => [...flags, fileURLToPath(new URL(`servers/${name}.js`, import.meta.url))]

/** Fastify that sends one buffer. */
export const startBare = (place: string | undefined) =>
  startServer({ args: ours('bare'), env: {}, place, ready: '/' })

/** Fastify with one hand-written statement per request. */
export const startHandSql = (url: string, place: string | undefined) =>
  startServer({ args: ours('hand-sql'), env: { DATABASE_URL: url }, place, ready: '/ready' })
