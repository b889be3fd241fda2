import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Database, openDatabase, prepareSchema, refusalOf } from '../../src/database/database.ts'
import { Prisma } from '../../src/database/generated/client.ts'
import { readMigrations } from '../../src/database/migrations.ts'
import { root } from '../../src/root.ts'
import { freshDatabase } from '../helper.ts'

const { settings, drop } = await freshDatabase({ migrated: false })
const db = await openDatabase(settings)
t.teardown(async () => {
  await db.close()
  await drop()
})
const book = () =>
  db.query<{
    migration_name: string
    checksum: string
    finished_at: Date | null
    applied_steps_count: number
  }>(
    {
      text: 'SELECT migration_name, checksum, finished_at, applied_steps_count FROM _prisma_migrations ORDER BY migration_name'
    },
    []
  )

t.test('the book is kept as Prisma keeps it', async (t) => {
  await db.alone(prepareSchema)
  const rows = await book()
  t.same(
    rows.map((row) => row.migration_name),
    readMigrations().map(({ name }) => name)
  )
  for (const { migration_name, checksum, finished_at, applied_steps_count } of rows) {
    const file = readFileSync(new URL(`prisma/migrations/${migration_name}/migration.sql`, root))
    t.equal(checksum, createHash('sha256').update(file).digest('hex'))
    t.ok(finished_at)
    t.equal(applied_steps_count, 1)
  }
})

t.test('migrating again, also many at once, applies nothing', async (t) => {
  t.same(await Promise.all(Array.from({ length: 5 }, () => db.alone(prepareSchema))), [[], [], [], [], []])
  t.equal((await book()).length, readMigrations().length)
})

t.test('a released migration that was edited stops the start', async (t) => {
  const [first] = await book()
  const set = (checksum: string) =>
    db.query({ text: 'UPDATE _prisma_migrations SET checksum = $1::text WHERE migration_name = $2::text' }, [
      checksum,
      first?.migration_name
    ])
  await set('0'.repeat(64))
  await t.rejects(db.alone(prepareSchema), /is not the one in prisma\/migrations/)
  await set(first?.checksum ?? '')
  t.same(await db.alone(prepareSchema), [])
})

t.test('a migration that was begun by another tool and not finished stops the start', async (t) => {
  const [first] = await book()
  const set = (finished: Date | null) =>
    db.query(
      { text: 'UPDATE _prisma_migrations SET finished_at = $1::timestamptz WHERE migration_name = $2::text' },
      [finished, first?.migration_name]
    )
  await set(null)
  await t.rejects(db.alone(prepareSchema), /has not finished/)
  await set(first?.finished_at ?? null)
})

t.test('every column Prisma knows is there', async (t) => {
  for (const model of Object.values(Prisma.ModelName)) {
    const delegate = model.charAt(0).toLowerCase() + model.slice(1)
    await t.resolves(
      (db.prisma as unknown as Record<string, { findFirst: () => Promise<unknown> }>)[
        delegate
      ]?.findFirst() ?? Promise.reject(model),
      model
    )
  }
})

t.test('what the database refuses is told alike through Prisma and without it', async (t) => {
  const insert = `INSERT INTO settings (key, value) VALUES ('twice', '{}')`
  await db.query({ text: insert }, [])
  const refused = async (work: Promise<unknown>) =>
    refusalOf(
      await work.then(
        () => null,
        (error) => error
      )
    )
  const expected = { state: '23505', constraint: 'settings_pkey' }
  t.same(await refused(db.query({ text: insert }, [])), expected)
  t.same(await refused(db.prisma.$executeRawUnsafe(insert)), expected)
  t.same(await refused(db.prisma.setting.create({ data: { key: 'twice', value: {} } })), expected)
  t.same(await refused(db.transaction((tx) => tx.query({ text: insert }, []))), expected)
  t.same(refusalOf(new Error('something else')), {})
})

t.test('a transaction is all or nothing', async (t) => {
  const add = (tx: Pick<Database, 'prisma'>, key: string) =>
    tx.prisma.setting.create({ data: { key, value: {} } })
  await t.rejects(
    db.transaction(async (tx) => {
      await add(tx, 'half')
      throw new Error('changed our mind')
    }),
    /changed our mind/
  )
  t.equal(await db.prisma.setting.count({ where: { key: 'half' } }), 0)
})

t.test('100 transactions that read, think and write lose no count', async (t) => {
  await db.prisma.setting.create({ data: { key: 'counter', value: 0 } })
  await Promise.all(
    Array.from({ length: 100 }, () =>
      db.transaction(async (tx) => {
        const [row] = await tx.prisma.$queryRaw<
          { value: number }[]
        >`SELECT value FROM settings WHERE key = 'counter' FOR UPDATE`
        await tx.prisma.setting.update({ where: { key: 'counter' }, data: { value: (row?.value ?? 0) + 1 } })
      })
    )
  )
  t.equal((await db.prisma.setting.findUniqueOrThrow({ where: { key: 'counter' } })).value, 100)
})
