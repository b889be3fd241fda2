/** The database goes and comes back, and Dateline stays: content from what is kept, the rest “not now”, never a 500. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { freePort, start } from '../start/process.ts'
import { ADMIN, client, isWhole, signIn } from './common.ts'
import { ownPostgres } from './own-postgres.ts'

const ROUNDS = isWhole ? 10 : 2
/** How long it may take to be whole again. */
const RECOVERY_MS = 5_000

const bin = findBinaries()
t.test(
  `the database is stopped and started ${ROUNDS} times`,
  { skip: bin ? false : 'there is no Postgres here to start and stop', timeout: 60_000 + ROUNDS * 40_000 },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)
    const folder = mkdtempSync(join(tmpdir(), 'dateline-database-'))
    const running = await start({
      DATABASE_URL: postgres.url,
      DATELINE_DATA: folder,
      PORT: String(await freePort()),
      DEMO: 'true',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password
    })
    t.teardown(async () => {
      await running.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })
    const { url } = running
    const token = await signIn(url)
    const { send, close } = client()
    t.teardown(close)
    const json = { 'content-type': 'application/json' }
    let number = 0
    const asks = {
      live: () => send(`${url}/health/live`),
      ready: () => send(`${url}/health/ready`),
      content: () => send(`${url}/v1/content/articles?limit=3`),
      uncached: () => send(`${url}/v1/content/search?q=word${number++}`),
      write: () =>
        send(`${url}/v1/tags`, {
          method: 'POST',
          headers: { ...json, authorization: `Bearer ${token}` },
          body: JSON.stringify({ kind: 'topic', names: { en: `Round ${number++}` } })
        }),
      signIn: () =>
        send(`${url}/v1/sessions`, { method: 'POST', headers: json, body: JSON.stringify(ADMIN) }),
      link: () => send(`${url}/s/nothing-here`)
    }
    type Name = keyof typeof asks
    const all = Object.keys(asks) as Name[]
    const well: Record<Name, number> = {
      ...{ live: 200, ready: 200, content: 200, uncached: 200 },
      ...{ write: 201, signIn: 201, link: 404 }
    }
    const askAll = async () => {
      const entries = await Promise.all(
        all.map(async (name) => [name, await asks[name]().catch((error: Error) => error)] as const)
      )
      return Object.fromEntries(
        entries.map(([name, told]) => [name, told instanceof Error ? told.message : told.status])
      ) as Record<Name, number | string>
    }
    t.same(await askAll(), well, 'at first')

    for (let round = 0; round < ROUNDS; round++)
      await t.test(`round ${round + 1}`, async (t) => {
        const seen = new Set<string>()
        const note = (told: Record<Name, number | string>) => {
          for (const name of all) seen.add(`${name} ${told[name]}`)
        }
        // Asked while it goes down, and while it is down.
        const stopping = postgres.kill()
        note(await askAll())
        await stopping
        const end = performance.now() + 3_000
        while (performance.now() < end) {
          note(await askAll())
          await wait(100)
        }
        const down = await askAll()
        t.match(down, { live: 200, ready: 503, uncached: 503, write: 503, signIn: 503, link: 503 })
        t.ok([200, 503].includes(down.content as number), `content: ${down.content}`)
        await postgres.start()
        const back = performance.now()
        let told = await askAll()
        while (JSON.stringify(told) !== JSON.stringify(well) && performance.now() - back < 3 * RECOVERY_MS) {
          note(told)
          await wait(100)
          told = await askAll()
        }
        const took = performance.now() - back
        t.same(told, well, 'whole again')
        t.ok(took < RECOVERY_MS, `after ${Math.round(took)} ms`)
        t.same(
          [...seen].filter((one) => !/ (200|201|404|503)$/.test(one)),
          [],
          'nothing but good answers and “not now”'
        )
      })
    t.equal(running.child.exitCode, null, 'the process is the one of the beginning')
    t.notMatch(running.printed(), /unhandled|uncaught/i)
  }
)
