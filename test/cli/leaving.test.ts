/** Commands that are told to end in the midst of long work: in order, by each signal, and at once when told twice. */
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type DatabaseSettings, openDatabase } from '../../src/database/database.ts'
import { freshDatabase } from '../helper.ts'
import { begin, cli, settingsFor } from '../start/process.ts'
import { exportOf } from '../transfer/rich.ts'

const TAGS = 800

const folder = mkdtempSync(join(tmpdir(), 'dateline-leaving-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** More than any pipe holds, so that who has taken half of it is in the midst of it. */
const { settings: full, drop } = await freshDatabase()
t.teardown(drop)
const text = await onceOpen(full, async (db) => {
  await db.query(
    {
      text: `INSERT INTO tags (id, kind, slug, names, descriptions)
        SELECT gen_random_uuid(), 'topic', 'tag-' || number, '{"en": "Tag"}', jsonb_build_object('en', repeat('One of many. ', 120))
        FROM generate_series(1, $1::int) AS number`
    },
    [TAGS]
  )
  return exportOf(db)
})
const half = text.slice(0, text.indexOf('\n', text.length / 2) + 1)

async function onceOpen<T>(
  settings: DatabaseSettings,
  work: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>
) {
  const db = await openDatabase(settings)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

const tagsIn = (settings: DatabaseSettings) =>
  onceOpen(settings, async (db) => {
    const [row] = await db.query<{ count: number }>({ text: 'SELECT count(*)::int FROM tags' }, [])
    return row?.count as number
  })

/** A client beside a command that runs: embedded, through the command's own socket. */
async function beside(settings: DatabaseSettings): Promise<pg.Client> {
  const client = new pg.Client(
    settings.kind === 'server'
      ? { connectionString: settings.url }
      : { host: settings.folder, user: 'postgres', database: 'postgres' }
  )
  client.on('error', () => {})
  await client.connect()
  return client
}

/** An empty database, and what is to be true of it and of what lies around once a command has ended. */
async function scene(t: Test) {
  const { settings, drop } = await freshDatabase()
  t.teardown(drop)
  const own = mkdtempSync(join(folder, 'tmp-'))
  return {
    settings,
    env: settingsFor(settings, { TMPDIR: own }),
    async isClean() {
      t.same(readdirSync(own), [], 'no temporary files')
      if (settings.kind === 'server') return
      t.notOk(existsSync(join(settings.folder, 'lock')), 'the folder is nobody’s')
      t.equal(stateOf(settings.folder), SHUT_DOWN, 'the embedded database was shut down')
    }
  }
}

/** All a command says that is told to end. */
const PROGRESS = /^(Importing: [\d,]+, \d+ records\n)*$/

/** What `pg_controldata` calls the cluster state: DB_SHUTDOWNED of Postgres’ pg_control.h. */
const SHUT_DOWN = 1
const stateOf = (data: string) =>
  readFileSync(join(data, 'postgres', 'global', 'pg_control')).readUInt32LE(16)

for (const [signal, code, ...more] of [
  ['SIGHUP', 129, '--dry-run'],
  ['SIGTERM', 143]
] as const) {
  t.test(
    `${['import', '-', ...more].join(' ')}, told ${signal} in its midst: ${code}, and no word`,
    async (t) => {
      const { settings, env, isClean } = await scene(t)
      const { child, ended } = begin(['import', '-', ...more], env)
      // The other half never comes.
      await new Promise((taken) => child.stdin.write(half, taken))
      child.kill(signal)
      t.match(await ended, { code, said: PROGRESS })
      await isClean()
      const there = await tagsIn(settings)
      if (more.length > 0) t.equal(there, 0, 'all of it was undone')
      else t.ok(there < TAGS, `${there} were kept`)
      if (signal !== 'SIGTERM') return
      const { code: again, stdout } = await cli(['import', '-', '--json'], env, text)
      t.match({ again, ...JSON.parse(stdout) }, { again: 0, refused: 0, alreadyThere: there })
      t.equal(await tagsIn(settings), TAGS, 'and the rest comes by typing it again')
    }
  )
}

t.test('an export told to end leaves no file, whole or in part', async (t) => {
  const own = join(folder, 'exports')
  mkdirSync(own)
  const output = join(own, 'newsroom.ndjson')
  const { child, ended } = begin(['export', '--output', output], settingsFor(full))
  // Somebody else is in the way: on a server has a table, embedded has the turn.
  const other = full.kind === 'server' ? await beside(full) : null
  if (other) await other.query('BEGIN; LOCK TABLE share_links IN ACCESS EXCLUSIVE MODE')
  while (!existsSync(`${output}.part`)) {
    if (child.exitCode !== null) t.fail((await ended).said)
    await rest(1)
  }
  const [holding] = other ? [other] : [await beside(full)]
  if (!other) await holding?.query('BEGIN')
  t.notOk(existsSync(output), 'it is under way')
  child.kill('SIGTERM')
  await holding?.end()
  t.match(await ended, { code: 143, said: '' })
  t.same(readdirSync(own), [])
  if (full.kind === 'embedded') t.equal(stateOf(full.folder), SHUT_DOWN)
  else
    await onceOpen(full, async (db) => {
      const busy = { text: `SELECT FROM pg_stat_activity WHERE application_name = 'dateline: export'` }
      while ((await db.query(busy, [])).length > 0) await rest(20)
      t.pass('its transaction has ended')
    })
})

t.test('nobody reads what is exported: told to end, it does', async (t) => {
  const { child, ended } = begin(['export'], settingsFor(full))
  await new Promise((readable) => child.stdout.once('readable', readable))
  child.kill('SIGINT')
  child.stdout.resume()
  t.match(await ended, { code: 130, said: '' })
})

t.test('told once, a command waits for a statement; told twice, it ends', async (t) => {
  const { settings, env } = await scene(t)
  const { child, ended } = begin(['import', '-'], env)
  await new Promise((taken) => child.stdin.write(half, taken))
  const other = await beside(settings)
  t.teardown(() => other.end())
  if (settings.kind === 'embedded') {
    // Long enough to be sent before the sleep, by which it is known to have begun.
    const sleep = other.query(new pg.Query(`SELECT repeat('z', 100000); SELECT pg_sleep(60)`))
    await once(sleep, 'row')
    sleep.on('error', () => {})
  } else {
    // What is told at the end of an import waits for it.
    await other.query('BEGIN; LOCK TABLE audit IN ACCESS EXCLUSIVE MODE')
    child.stdin.end(text.slice(half.length))
    const waits = { text: `SELECT FROM pg_locks WHERE NOT granted AND relation = 'audit'::regclass` }
    await onceOpen(settings, async (db) => {
      while ((await db.query(waits, [])).length === 0) await rest(20)
    })
  }
  const begun = performance.now()
  child.kill('SIGTERM')
  await rest(500)
  t.equal(child.exitCode, null, 'it waits')
  const telling = setInterval(() => child.kill('SIGINT'), 50)
  t.match(await ended, { code: 130, said: PROGRESS })
  clearInterval(telling)
  t.ok(performance.now() - begun < 4_000, 'at once')
  if (settings.kind === 'embedded') t.notOk(existsSync(join(settings.folder, 'lock')))
})
