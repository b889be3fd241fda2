/** What must hold when very many read: tested on the cache alone, or with every connection taken. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { Cache } from '../../src/caching/cache.ts'
import type { Kept } from '../../src/caching/store.ts'
import type { Database } from '../../src/database/database.ts'
import { newsroom, story } from '../helper.ts'

t.test('changes heard of while somebody reads for ever take no more and more memory', async (t) => {
  let hear: (keys: string[]) => void = () => {}
  const db = { committed: (one: typeof hear) => (hear = one) } as unknown as Database
  const cache = new Cache(db, 1_000_000)
  let end: () => void = () => {}
  const reading = cache.get(
    '/',
    () =>
      new Promise((done) => {
        end = () => done({ keys: [], status: 200, encoded: {}, until: 0 } as unknown as Kept)
      })
  )
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const used = () => {
    gc()
    return process.memoryUsage().heapUsed
  }
  const before = used()
  for (let number = 0; number < 50_000; number++) hear([`article:${number}`, `slug:story-${number}`, 'all'])
  t.ok(used() - before < 3_000_000, `${used() - before} bytes`)
  end()
  await reading
})

const onServer = process.env.TEST_DATABASE_URL !== undefined

t.test(
  'while slow statements have taken every connection, what is kept is served',
  { skip: !onServer && 'the embedded database has one backend for all' },
  async (t) => {
    const room = await newsroom(t)
    const { cache, db } = room.app
    const path = `/v1/content/articles/${(await story(room)).slug}`
    const deadline = performance.now() + 10_000
    while (!cache.find(path) && performance.now() < deadline) {
      await room.api(`GET ${path}`, { expect: 200 })
      await new Promise((done) => setTimeout(done, 50))
    }
    let busy = true
    const slow = Promise.all(
      Array.from({ length: 20 }, () => db.query({ text: 'SELECT pg_sleep(3)::text' }, []))
    ).then(() => {
      busy = false
    })
    let served = 0
    while (busy) {
      if (cache.find(path) === undefined) break
      await room.api(`GET ${path}`, { expect: 200 })
      served++
      await new Promise((done) => setTimeout(done, 20))
    }
    t.notOk(busy, `served ${served} times meanwhile`)
    await slow
  }
)
