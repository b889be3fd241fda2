/** kill -9 and start, again and again: always ready, without anybody’s help. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { freePort, type Running, start } from '../start/process.ts'
import { ADMIN, client, isWhole, signIn } from './common.ts'
import { ownPostgres } from './own-postgres.ts'

const ROUNDS = isWhole ? 100 : 10
const bin = findBinaries()

for (const kind of ['embedded', 'server'] as const)
  t.test(
    `${ROUNDS} times on the ${kind} database`,
    {
      skip: kind === 'embedded' || bin ? false : 'there is no Postgres here to start',
      timeout: 120_000 + ROUNDS * 20_000
    },
    async (t) => {
      const postgres = kind === 'server' ? await ownPostgres(t, bin as string) : null
      const folder = mkdtempSync(join(tmpdir(), 'dateline-kills-'))
      const begin = async () =>
        start({
          ...(postgres && { DATABASE_URL: postgres.url }),
          DATELINE_DATA: folder,
          PORT: String(await freePort()),
          DEMO: 'false',
          ADMIN_EMAIL: ADMIN.email,
          ADMIN_PASSWORD: ADMIN.password
        })
      let running: Running = await begin()
      t.teardown(async () => {
        await running.stop('SIGKILL')
        rmSync(folder, { recursive: true, force: true })
      })
      const { send, close } = client()
      t.teardown(close)
      const acknowledged: string[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const { url } = running
        const token = await signIn(url)
        const write = async (number: number) => {
          const slug = `round-${round}-${number}`
          const { status } = await send(`${url}/v1/tags`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
            body: JSON.stringify({ kind: 'topic', slug, names: { en: `Round ${round}` } })
          })
          if (status === 201) acknowledged.push(slug)
        }
        await write(0)
        const crowd = Promise.allSettled(Array.from({ length: 8 }, (_, index) => write(index + 1)))
        await wait(Math.random() * 30)
        await running.stop('SIGKILL')
        await crowd
        running = await begin()
        const { status } = await send(`${running.url}/health/ready`)
        if (status !== 200) t.fail(`round ${round}: ready ${status}`)
      }
      t.ok(acknowledged.length >= ROUNDS, `${acknowledged.length} writes were acknowledged`)
      const token = await signIn(running.url)
      const found = new Set<string>()
      let next: string | null = ''
      while (next !== null) {
        const { text } = await send(`${running.url}/v1/tags?limit=100${next && `&cursor=${next}`}`, {
          headers: { authorization: `Bearer ${token}` }
        })
        const page = JSON.parse(text) as { data: { slug: string }[]; page: { next: string | null } }
        for (const { slug } of page.data) found.add(slug)
        next = page.page.next
      }
      t.same(
        acknowledged.filter((slug) => !found.has(slug)),
        [],
        'each of them is there'
      )
    }
  )
