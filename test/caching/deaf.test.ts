import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/database/database.ts'
import { configFor, freshDatabase } from '../helper.ts'
import { until } from '../until.ts'

const onServer = process.env.TEST_DATABASE_URL !== undefined

t.test('an instance that no notice reaches says so, once, and what to do', async (t) => {
  const { settings, drop } = await freshDatabase()
  const db = await openDatabase(settings)
  const lines: string[] = []
  let listened = 0
  let hears = false
  const app = await buildApp(
    { ...configFor(settings), logLevel: 'warn' },
    {
      ...db,
      // As behind a pooler that gives every transaction another connection.
      listen: (channel, heard, lost) => {
        listened++
        return db.listen(channel, (payload) => hears && heard(payload), lost)
      }
    },
    { write: (line) => void lines.push(line) }
  )
  await app.ready()
  t.teardown(async () => {
    await app.close()
    await db.close()
    await drop()
  })
  const told = () => lines.filter((line) => line.includes('DATABASE_DIRECT_URL')).length
  await until('it is told', () => told() > 0, 60_000)
  const before = listened
  await until('it was tried three times more', () => listened >= before + 3, 60_000)
  t.equal(told(), 1, 'not again at every try')
  hears = true
  await until('it listens', () => app.cache.freshness.listening, 60_000)
  t.equal(told(), 1)
})

t.test('a busy instance is ready', { skip: !onServer && 'needs a Postgres server' }, async (t) => {
  const { settings, drop } = await freshDatabase()
  const db = await openDatabase(settings)
  const app = await buildApp(configFor(settings), db)
  t.teardown(async () => {
    await app.close()
    await db.close()
    await drop()
  })
  let done = false
  const busy = Promise.all(
    Array.from({ length: 20 }, () => db.query({ text: 'SELECT pg_sleep(1)' }, []))
  ).then(() => {
    done = true
  })
  const { statusCode } = await app.inject('/health/ready')
  t.equal(statusCode, 200)
  t.notOk(done, 'it did not wait for a connection of the requests')
  await busy
})
