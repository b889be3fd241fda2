/** What `doctor` finds, in installations that are well and in others. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { examineAll } from '../../src/cli/doctor/examination.ts'
import { judgeRoom } from '../../src/cli/doctor/folder.ts'
import { bitsOf, checkSettings } from '../../src/cli/doctor/settings.ts'
import { examineConfig } from '../../src/config.ts'
import { grantsFor } from '../../src/database/readers.ts'
import { newsroom } from '../helper.ts'
import { cli, launch, settingsFor } from '../start/process.ts'
import { snapshot } from '../traces.ts'
import { startPooler } from './pooler.ts'

type Finding = { check: string; status: string; found: string; remedy?: string }

const room = await newsroom(t, { secret: randomBytes(48).toString('base64') })
const { db, config } = room
const { database, secret } = config
const nowhere = mkdtempSync(join(tmpdir(), 'dateline-doctor-'))
t.teardown(() => rmSync(nowhere, { recursive: true, force: true }))
const settings: Record<string, string> = {
  DATELINE_DATA: join(nowhere, 'none'),
  ...settingsFor(database, { DATELINE_SECRET: secret })
}

const looked = (findings: Finding[]) => ({
  findings,
  failed: findings.some(({ status }) => status === 'fail'),
  byCheck: (check: string) => findings.find((one) => one.check === check)
})

/** The command itself, as it is typed. */
async function typed(changes: Record<string, string> = {}) {
  const { code, stdout, stderr } = await cli(['doctor', '--json'], { ...settings, ...changes })
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
  return { code, stdout, stderr, ok, ...looked(findings) }
}

/** What it does, without the time a process takes to start. */
const doctor = async (changes: Record<string, string> = {}) =>
  looked(await examineAll(examineConfig({ ...settings, ...changes })))

/** Runs `work` after a statement, and undoes it with another one. */
async function given(change: string, undo: string, work: () => Promise<void>) {
  await db.query({ text: change }, [])
  try {
    await work()
  } finally {
    await db.query({ text: undo }, [])
  }
}

t.test('a newsroom that is well: nothing fails, nothing is changed', async (t) => {
  const before = await snapshot(room)
  const { code, stderr, ok, findings, stdout } = await typed()
  t.match({ code, stderr, ok }, { code: 0, stderr: '', ok: true })
  t.same(
    findings.filter(({ status }) => status !== 'ok'),
    []
  )
  const checks = new Set(findings.map(({ check }) => check))
  const everywhere = ['version', 'configuration', 'secret', 'PUBLIC_URL', 'TRUST_PROXY', 'CORS_ORIGINS']
  const inside = [
    'database',
    'extensions',
    'migrations',
    'clock',
    'signing keys',
    'admin',
    'event feed',
    'audit'
  ]
  const ways =
    database.kind === 'server'
      ? ['time bounds', 'pooler', 'direct address', 'connections', 'reader role', 'notices']
      : ['data folder', 'disk space', 'embedded lock']
  for (const check of [...everywhere, ...inside, ...ways]) t.ok(checks.has(check), check)
  t.notMatch(stdout, secret)
  t.same(await snapshot(room), before)
})

t.test('in words it is a line for each, and what they add up to', async (t) => {
  const { code, stdout } = await cli(['doctor'], settings)
  t.equal(code, 0)
  t.match(stdout, /^ok {4}version {11}Dateline [\d.]+, Node\.js [\d.]+\.\n/)
  t.match(stdout, /\n\n\d+ ok, 0 to look at, 0 failed\.\n$/)
})

t.test('it tells every fault of the settings, and what it could not look at', async (t) => {
  const { failed, findings, byCheck } = await doctor({
    PORT: 'x',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://x'
  })
  t.ok(failed)
  t.equal(findings.filter(({ check, status }) => check === 'configuration' && status === 'fail').length, 3)
  t.match(byCheck('database'), { status: 'warn', found: /Not looked at/ })
})

const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://127.0.0.1:1/x' }
const judged: [Record<string, string>, string, { status: string; found: RegExp }][] = [
  [{ DATELINE_SECRET: 'a'.repeat(48) }, 'secret', { status: 'warn', found: /can be guessed: 0 bits/ }],
  [
    { DATELINE_SECRET: 'please-change-me-before-you-go-live-0123456789' },
    'secret',
    { status: 'warn', found: /of an example/ }
  ],
  [{ ...production, DATELINE_SECRET: 'a'.repeat(48) }, 'secret', { status: 'fail', found: /can be guessed/ }],
  [production, 'PUBLIC_URL', { status: 'warn', found: /nobody else finds/ }],
  [
    { ...production, PUBLIC_URL: 'http://news.example' },
    'PUBLIC_URL',
    { status: 'warn', found: /not https/ }
  ],
  [{ ...production, PUBLIC_URL: 'https://news.example' }, 'PUBLIC_URL', { status: 'ok', found: /^https/ }],
  [{ PUBLIC_URL: 'https://news.example' }, 'TRUST_PROXY', { status: 'warn', found: /none is trusted/ }],
  [
    { PUBLIC_URL: 'https://news.example', TRUST_PROXY: '1' },
    'TRUST_PROXY',
    { status: 'ok', found: /Hops trusted: 1/ }
  ],
  [
    { ...production, CORS_ORIGINS: 'https://news.example,http://localhost:4000' },
    'CORS_ORIGINS',
    { status: 'warn', found: /: http:\/\/localhost:4000\.$/ }
  ]
]
for (const [changes, check, finding] of judged) {
  t.test(`${check}: ${finding.found.source}`, async (t) => {
    const findings = checkSettings(examineConfig({ ...settings, ...changes }))
    t.match(
      findings.find((one) => one.check === check),
      finding
    )
  })
}

t.test('a database that is down is told of, without its password', async (t) => {
  const { code, byCheck, stdout } = await typed({
    DATABASE_URL: 'postgres://somebody:hidden-word@127.0.0.1:1/x'
  })
  t.equal(code, 1)
  t.match(byCheck('database'), { status: 'fail', found: /does not answer \(ECONNREFUSED\)/ })
  t.notMatch(stdout, 'hidden-word')
})

t.test('another secret than the one before', async (t) => {
  const { failed, byCheck } = await doctor({ DATELINE_SECRET: randomBytes(48).toString('base64') })
  t.ok(failed)
  t.match(byCheck('signing keys'), { status: 'fail', found: /not the one this database was set up with/ })
})

t.test('nobody who may everything', async (t) => {
  await given(
    `UPDATE users SET disabled_at = clock_timestamp() WHERE role = 'admin'`,
    `UPDATE users SET disabled_at = NULL WHERE role = 'admin'`,
    async () => {
      t.match((await doctor()).byCheck('admin'), { status: 'fail', remedy: /user create/ })
    }
  )
})

const NAME = '20990101000000_from_tomorrow'
const entry = (name: string, finished: string) =>
  `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
   VALUES ('doctor', 'x', '${name}', ${finished}, 1)`
const undo = `DELETE FROM _prisma_migrations WHERE id = 'doctor'`

t.test('migrations of a newer Dateline, ones that did not end, edited ones, and those to come', async (t) => {
  await given(entry(NAME, 'now()'), undo, async () => {
    const { failed, byCheck } = await doctor()
    t.match(byCheck('migrations'), { status: 'warn', found: new RegExp(NAME) })
    t.notOk(failed)
  })
  await given(entry(NAME, 'NULL'), undo, async () => {
    t.match((await doctor()).byCheck('migrations'), { status: 'fail', found: /Begun and not ended/ })
  })
  const first = `(SELECT min(migration_name) FROM _prisma_migrations)`
  await given(
    `UPDATE _prisma_migrations SET checksum = reverse(checksum) WHERE migration_name = ${first}`,
    `UPDATE _prisma_migrations SET checksum = reverse(checksum) WHERE migration_name = ${first}`,
    async () => {
      t.match((await doctor()).byCheck('migrations'), {
        status: 'fail',
        found: /Not the ones that were applied/
      })
    }
  )
  await given(
    `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = ${first}`,
    'UPDATE _prisma_migrations SET rolled_back_at = NULL',
    async () => {
      t.match((await doctor()).byCheck('migrations'), {
        status: 'warn',
        found: /^To apply: \d+_\w+\.$/,
        remedy: /migrate/
      })
    }
  )
})

t.test('a folder that was never used stays so', async (t) => {
  const folder = join(nowhere, 'new')
  const { DATABASE_URL: _, DATELINE_SECRET: __, ...bare } = settings
  const { code, stdout } = await cli(['doctor', '--json'], { ...bare, DATELINE_DATA: folder })
  t.equal(code, 0)
  t.match(JSON.parse(stdout).findings, [
    ...Array(2).fill({}),
    { check: 'secret', status: 'ok', found: /none yet/ },
    ...Array(3).fill({}),
    { check: 'data folder', status: 'ok', found: /made by the first start/ },
    { check: 'disk space' },
    { check: 'embedded lock', found: /Nobody has the folder/ },
    { check: 'database', status: 'warn', found: /does not run/ }
  ])
  t.notOk(existsSync(folder))
})

t.test('a folder that others may read, with the lock of a process that is gone', async (t) => {
  const folder = join(nowhere, 'open')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  writeFileSync(
    join(folder, 'lock'),
    JSON.stringify({ pid: 4_194_303, began: '1', host: 'elsewhere', token: 'x', address: null })
  )
  const { DATABASE_URL: _, ...bare } = settings
  const long = Date.now() / 1000 - 3600
  utimesSync(join(folder, 'lock'), long, long)
  const { stdout } = await cli(['doctor', '--json'], { ...bare, DATELINE_DATA: folder })
  const find = (check: string) => JSON.parse(stdout).findings.find((one: Finding) => one.check === check)
  t.match(find('data folder'), { status: 'warn', remedy: `Run: chmod go= ${folder}` })
  t.match(find('embedded lock'), { status: 'ok', found: /Left behind by process 4194303 on elsewhere/ })
})

t.test('room on the disk, and how far a secret can be guessed', async (t) => {
  for (const [free, status] of [
    [50, 'fail'],
    [500, 'warn'],
    [5_000, 'ok']
  ] as const)
    t.equal(judgeRoom(free, '/x').status, status)
  t.equal(bitsOf('aaaa'), 0)
  t.equal(bitsOf('abcd'), 8)
  t.ok(bitsOf(randomBytes(48).toString('base64')) > 256)
})

if (database.kind === 'server') {
  t.test('a role that reads too much, and one that may read what it must', async (t) => {
    const role = `doctor_${randomBytes(6).toString('hex')}`
    const url = new URL(database.url)
    url.username = role
    url.password = 'pw'
    await db.query({ text: `CREATE ROLE ${role} LOGIN PASSWORD 'pw'` }, [])
    t.teardown(async () => {
      await db.query({ text: `DROP OWNED BY ${role}` }, [])
      await db.query({ text: `DROP ROLE ${role}` }, [])
    })
    await db.query({ text: `GRANT SELECT ON articles TO ${role}` }, [])
    const bad = await doctor({ DATABASE_READER_URL: url.href })
    t.ok(bad.failed)
    t.match(bad.byCheck('reader role'), { status: 'fail', found: /may do too much: SELECT on articles/ })
    await db.alone((client) => client.query(grantsFor(role)))
    t.match((await doctor({ DATABASE_READER_URL: url.href })).byCheck('reader role'), { status: 'ok' })
  })

  t.test('connections are counted, and what the database allows', async (t) => {
    const name = new URL(database.url).pathname.slice(1)
    await given(
      `ALTER DATABASE ${name} CONNECTION LIMIT 15`,
      `ALTER DATABASE ${name} CONNECTION LIMIT -1`,
      async () => {
        t.match((await doctor()).byCheck('connections'), { status: 'warn', found: /14 of 15 connections/ })
      }
    )
    await given(
      `ALTER DATABASE ${name} CONNECTION LIMIT 13`,
      `ALTER DATABASE ${name} CONNECTION LIMIT -1`,
      async () => {
        t.match((await doctor()).byCheck('connections'), { status: 'fail' })
      }
    )
  })

  t.test(
    'a pooler that mixes up prepared statements, drops the bounds, and lets no notice through',
    async (t) => {
      const pooler = await startPooler(database.url)
      t.teardown(() => pooler.stop())
      const mixed = await doctor({ DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: database.url })
      t.ok(mixed.failed)
      t.match(mixed.byCheck('pooler'), {
        status: 'fail',
        found: /mixes up prepared statements/,
        remedy: /DATABASE_PREPARE=false/
      })
      t.match(mixed.byCheck('time bounds'), {
        status: 'fail',
        found: /statement_timeout is none/,
        remedy: /connect_query = 'SET statement_timeout=5000;/
      })
      t.match(mixed.byCheck('direct address'), { status: 'ok' })
      t.match(mixed.byCheck('notices'), { status: 'ok' })
      const told = await doctor({
        DATABASE_URL: pooler.url,
        DATABASE_DIRECT_URL: database.url,
        DATABASE_PREPARE: 'false'
      })
      t.match(told.byCheck('pooler'), { status: 'ok' })
      // A start refuses it, and says the same.
      const start = launch({
        ...settings,
        PORT: '0',
        DATABASE_URL: pooler.url,
        DATABASE_DIRECT_URL: database.url,
        DATABASE_PREPARE: 'false'
      })
      t.equal(await new Promise((done) => start.child.on('close', done)), 1)
      const { found = '', remedy = '' } = told.byCheck('time bounds') ?? {}
      t.match(found, /TimeZone|none/)
      t.ok(start.printed().includes(remedy), start.printed())
    }
  )

  t.test('a direct address that is none, and one of another database', async (t) => {
    const pooler = await startPooler(database.url)
    t.teardown(() => pooler.stop())
    const through = await doctor({ DATABASE_URL: pooler.url, DATABASE_PREPARE: 'false' })
    t.match(through.byCheck('direct address'), { status: 'fail', found: /DATABASE_DIRECT_URL is not set/ })
    const other = new URL(database.url)
    other.pathname = '/postgres'
    const elsewhere = await doctor({ DATABASE_DIRECT_URL: other.href })
    t.match(elsewhere.byCheck('notices'), { status: 'fail', found: /was not heard/ })
  })
}
