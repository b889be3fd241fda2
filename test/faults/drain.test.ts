/** SIGTERM while many ask: an instance goes, and nobody notices. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { freePort, type Running, start } from '../start/process.ts'
import { ADMIN, client, isWhole, signIn } from './common.ts'
import { ownPostgres } from './own-postgres.ts'

const ROUNDS = isWhole ? 10 : 1
const PER_SECOND = 200
const DRAIN_SECONDS = 3
const MOST_WAITING = 100

const bin = findBinaries()
t.test(
  `${PER_SECOND} requests a second over two instances, one of which is told to go ${ROUNDS} times`,
  { skip: bin ? false : 'there is no Postgres here to start', timeout: 60_000 + ROUNDS * 40_000 },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)
    const folder = mkdtempSync(join(tmpdir(), 'dateline-drain-'))
    const begin = async () =>
      start({
        DATABASE_URL: postgres.url,
        DATELINE_DATA: folder,
        PORT: String(await freePort()),
        DEMO: 'true',
        PUBLIC_URL: 'http://news.test',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        DRAIN_SECONDS: String(DRAIN_SECONDS),
        RATE_LIMITS: 'editing=1000000,search=1000000'
      })
    const running: Running[] = [await begin(), await begin()]
    t.teardown(async () => {
      await Promise.all(running.map((one) => one.stop('SIGKILL')))
      rmSync(folder, { recursive: true, force: true })
    })
    const token = await signIn(running[0]?.url as string)
    const { send, close } = client()
    t.teardown(close)
    // What is asked beside the load does not stand in its line.
    const { send: look, close: closeLooking } = client(4)
    t.teardown(closeLooking)

    // A balancer: asks each instance every 100 ms whether it is ready, and sends to those that are.
    const ready = new Set<Running>(running)
    let balancing = true
    const balance = async () => {
      while (balancing) {
        await Promise.all(
          running.map(async (one) => {
            const told = await look(`${one.url}/health/ready`).catch(() => null)
            if (told?.status === 200) ready.add(one)
            else ready.delete(one)
          })
        )
        await wait(100)
      }
    }
    const failures: string[] = []
    const statuses: Record<string, number> = {}
    let [sent, answered, spared] = [0, 0, 0]
    const ask = async () => {
      const number = sent++
      const all = [...ready]
      const { url } = all[number % all.length] as Running
      const [method, path, body] = [
        ['GET', '/v1/content/articles?limit=5', ''],
        ['GET', `/v1/content/articles?limit=${1 + (number % 90)}&sort=updatedAt`, ''],
        ['GET', '/v1/me', ''],
        ['POST', '/v1/tags', JSON.stringify({ kind: 'topic', names: { en: `Tag ${number}` } })]
      ][number % 10 === 9 ? 3 : number % 3] as [string, string, string]
      try {
        const { status } = await send(url + path, {
          method,
          body,
          headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
        })
        statuses[status] = (statuses[status] ?? 0) + 1
        if (status >= 400) failures.push(`${method} ${path}: ${status}`)
      } catch (error) {
        failures.push(`${method} ${path}: ${(error as Error).message}`)
      }
      answered++
    }
    const balancer = balance()
    let asking = true
    const load = (async () => {
      const begun = performance.now()
      while (asking) {
        const due = ((performance.now() - begun) / 1_000) * PER_SECOND
        // A machine that cannot do so many a second is asked for fewer, and not for a line that grows.
        while (sent + spared < due && ready.size > 0) {
          if (sent - answered < MOST_WAITING) void ask()
          else spared++
        }
        await wait(5)
      }
      while (answered < sent) await wait(10)
    })()

    for (let round = 0; round < ROUNDS; round++) {
      await wait(1_000)
      const going = running.shift() as Running
      // Still asked whether it is ready: it must say that it is not, before it stops to answer.
      const stopped = going.stop('SIGTERM')
      // The signal takes a moment to arrive.
      let told = await look(`${going.url}/health/ready`)
      for (let tries = 0; told.status !== 503 && tries < 50; tries++) {
        await wait(10)
        told = await look(`${going.url}/health/ready`)
      }
      t.equal(told.status, 503, 'not ready at once')
      t.equal(told.headers.connection, 'close', 'and connections end')
      ready.delete(going)
      t.equal((await look(`${going.url}/health/live`)).status, 200, 'but alive')
      const kept = await look(`${going.url}/v1/content/articles?limit=5`)
      t.equal(kept.status, 200, 'and serving')
      t.equal(await stopped, 0, 'it ends in order')
      if (round + 1 < ROUNDS) running.push(await begin())
    }
    await wait(2_000)
    asking = false
    await load
    balancing = false
    await balancer
    t.comment(`${sent} sent, ${spared} spared: ${JSON.stringify(statuses)}`)
    t.same(failures.slice(0, 10), [], `${failures.length} of ${sent} failed`)
    t.ok(answered > PER_SECOND / 2, `${answered} were answered`)
  }
)
