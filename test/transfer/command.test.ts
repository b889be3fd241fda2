/** `dateline export` and `dateline import` as an operator runs them, and killed in the middle. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { freshDatabase, newsroom, story } from '../helper.ts'
import { begin, cli, settingsFor } from '../start/process.ts'
import { exportOf, recordsIn, textOf } from './rich.ts'

const STORIES = 600

const folder = mkdtempSync(join(tmpdir(), 'dateline-transfer-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const room = await newsroom(t)
const { id } = await story(room, { headline: 'The one that is copied' })
const file = join(folder, 'newsroom.ndjson')

type Database = Awaited<ReturnType<typeof freshDatabase>>['settings']
const settingsOf = (database: Database) =>
  settingsFor(database, {
    PUBLIC_URL: 'http://dateline.test',
    DATELINE_SECRET: room.config.secret as string
  })
const here = settingsOf(room.config.database)

t.test('the file is there when it is whole; the summary is one line of JSON', async (t) => {
  const done = await cli(['export', '--output', file, '--json'], here)
  t.equal(done.code, 0, done.stderr)
  const text = readFileSync(file, 'utf8')
  t.equal(text, await exportOf(room.db))
  t.match(JSON.parse(done.stdout), {
    records: recordsIn(text).length,
    perSecond: Number,
    peakMegabytes: Number
  })
  const streamed = await cli(['export'], here)
  t.equal(streamed.stdout, text, 'standard output is the export and nothing else')
  t.match(streamed.stderr, /Exported \d+ records/)
  const nowhere = await cli(['export', '--output', join(folder, 'no', 'such', 'place')], here)
  t.equal(nowhere.code, 1)
  t.match(nowhere.stderr, /no.such.place.*ENOENT/)
  t.notMatch(nowhere.stderr, /\n\s+at /, 'without a stack trace')
})

t.test('an import tells what it did, in words, as JSON, and line by line', async (t) => {
  const same = await cli(['import', file, '--json'], here)
  t.equal(same.code, 0, same.stderr)
  const { read, ...rest } = JSON.parse(same.stdout)
  t.match(rest, { kept: 0, alreadyThere: read, refused: 0, withLosses: 0, dryRun: false })

  const records = recordsIn(readFileSync(file, 'utf8'))
  const bad = textOf(
    records.map((record) => (record.type === 'publication' ? { ...record, minor: 3 } : record))
  )
  const report = join(folder, 'report.ndjson')
  const done = await cli(['import', '-', '--report', report, '--dry-run'], here, bad)
  t.equal(done.code, 1)
  t.match(done.stdout, /publication line \d+: refused: \/minor: must be boolean/)
  t.match(
    done.stdout,
    /Nothing was changed\. Of \d+ records 0 would be kept, \d+ were there already, 1 would be refused/
  )
  const [line] = readFileSync(report, 'utf8').trim().split('\n')
  t.match(JSON.parse(line as string), {
    kind: 'publication',
    key: /^line \d+$/,
    fate: 'refused',
    lost: [/minor/]
  })

  writeFileSync(join(folder, 'page.html'), '<html>')
  const none = await cli(['import', join(folder, 'page.html')], here)
  t.equal(none.code, 1)
  t.match(none.stderr, /page.html is no export of Dateline/)
  t.notMatch(none.stderr, /\n\s+at /, 'without a stack trace')
  const missing = await cli(['import', join(folder, 'none')], here)
  t.equal(missing.code, 1)
  t.match(missing.stderr, /none.*ENOENT/)
})

/** The story with other ids, slugs and codes, so many times. */
function manyOf(text: string) {
  const records = recordsIn(text)
  const isOwn = (record: { id?: string; articleId?: string }) => record.id === id || record.articleId === id
  const around = records.filter((record) => !isOwn(record))
  const own = records.filter(isOwn).map((record) => JSON.stringify(record))
  const ids = [...new Set(own.join(' ').match(/[0-9a-f]{8}-[0-9a-f-]{27}/g))].filter(
    (one) => !around.some((record) => JSON.stringify(record).includes(one))
  )
  const copies = Array.from({ length: STORIES }, (_, number) => {
    const suffix = number.toString(16).padStart(4, '0')
    return own.map((line) =>
      JSON.parse(
        ids
          .reduce((all, one) => all.replaceAll(one, one.slice(0, -4) + suffix), line)
          .replaceAll('the-one-that-is-copied', `copy-${suffix}`)
          .replace(/"code":"([^"]{4})[^"]*"/, `"code":"$1${suffix}"`)
      )
    )
  }).flat()
  const order = records.map(({ type }) => type)
  return textOf([...around, ...copies].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type)))
}

t.test('killed in the middle and run again, everything is there once', async (t) => {
  const { settings, drop } = await freshDatabase()
  t.teardown(drop)
  const there = settingsOf(settings)
  const text = manyOf(readFileSync(file, 'utf8'))
  const records = recordsIn(text)
  const big = join(folder, 'many.ndjson')
  writeFileSync(big, text)

  const begun = begin(['import', big], there)
  // Its first rows are there long before the last: publications, which come behind them, take the longest.
  const kept = await someRows(begun, settings)
  begun.child.kill('SIGKILL')
  await begun.ended
  t.ok(kept > 0 && kept < STORIES * 2, `${kept} articles and revisions were kept before it was killed`)

  const again = await cli(['import', big, '--json'], there)
  t.equal(again.code, 0, again.stdout + again.stderr)
  const counts = JSON.parse(again.stdout)
  t.equal(counts.read, records.length)
  t.equal(counts.refused, 0)
  t.ok(counts.alreadyThere >= kept, `${counts.alreadyThere} were there already`)
  t.ok(counts.kept > 0, `${counts.kept} came now`)
  const out = join(folder, 'again.ndjson')
  await cli(['export', '--output', out], there)
  t.same(recordsIn(readFileSync(out, 'utf8')).length, records.length, 'no twins')
  const sorted = (lines: string) => lines.trim().split('\n').sort().join('\n')
  t.equal(sorted(readFileSync(out, 'utf8')), sorted(text), 'and nothing else than in the file')
})

/** How many articles and revisions there are, once there are some: seen on a connection of one's own. */
async function someRows({ child, said }: ReturnType<typeof begin>, settings: Database): Promise<number> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The import ended by itself: ${said()}`)
    const count = await countRows(settings)
    if (count > 0) return count
    await new Promise((done) => setTimeout(done, 20))
  }
}

async function countRows(settings: Database): Promise<number> {
  if (settings.kind === 'embedded' && !existsSync(join(settings.folder, '.s.PGSQL.5432'))) return 0
  const client = new pg.Client(
    settings.kind === 'server'
      ? { connectionString: settings.url }
      : { host: settings.folder, user: 'postgres', database: 'postgres' }
  )
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query(
      'SELECT ((SELECT count(*) FROM articles) + (SELECT count(*) FROM revisions))::int AS count'
    )
    return rows[0].count
  } catch {
    // Not migrated yet, or not listening yet.
    return 0
  } finally {
    await client.end().catch(() => {})
  }
}
