/** The command as an operator types it, also killed in the middle. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { system } from '../../src/audit/audit.ts'
import { type DatabaseSettings, openDatabase } from '../../src/database/database.ts'
import { createUser } from '../../src/people/users.ts'
import { freshDatabase } from '../helper.ts'
import { begin, cli, settingsFor } from '../start/process.ts'
import { writeWxr, wxrHead, wxrItem, wxrTail } from './made-up.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-import-command-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/**
 * Settings of an empty newsroom with an admin, and a way to ask its database. With `open`, it is open all the time, and
 * commands join it where it is embedded; else each opens it anew, and it is asked when no command runs.
 */
async function office(t: Test, { open = false } = {}) {
  const { settings, drop } = await freshDatabase()
  let close = async () => {}
  t.teardown(async () => {
    await close()
    await drop()
  })
  if (settings.kind === 'server') await employ(settings)
  else {
    rmSync(settings.folder, { recursive: true })
    cpSync(await embeddedOffice(), settings.folder, { recursive: true })
  }
  if (open) close = (await openDatabase(settings)).close
  return { env: settingsFor(settings), ask: (text: string) => asked(settings, text) }
}

async function employ(settings: DatabaseSettings) {
  const db = await openDatabase(settings)
  await createUser(db, system, { email: 'desk@example.org', name: 'Desk', role: 'admin' })
  await db.close()
}

/** A data folder that is copied: opening one takes seconds. */
let desk: Promise<string> | undefined
function embeddedOffice() {
  desk ??= (async () => {
    const { settings, drop } = await freshDatabase()
    t.teardown(drop)
    await employ(settings)
    return (settings as { folder: string }).folder
  })()
  return desk
}

async function asked(settings: DatabaseSettings, text: string): Promise<Record<string, unknown>[]> {
  const db = await openDatabase(settings, { join: true })
  try {
    return await db.query({ text }, [])
  } finally {
    await db.close()
  }
}

t.test(
  'imports, tells in words, in JSON and in a file, and says by its exit code what was refused',
  async (t) => {
    const { env, ask } = await office(t, { open: true })
    const path = join(folder, 'small.xml')
    const long = `<p>${'x'.repeat(1_100_000)}</p>`
    writeFileSync(
      path,
      wxrHead() +
        wxrItem({ 'wp:post_id': '1', 'wp:post_name': 'one', 'content:encoded': '<u>x</u>' }) +
        wxrItem({ 'wp:post_id': '2', 'wp:post_name': 'two', title: 'Too long', 'content:encoded': long }) +
        wxrTail
    )
    const report = join(folder, 'report.ndjson')
    const dry = await cli(['import', path, '--dry-run', '--json', '--locale', 'en'], env)
    t.equal(dry.code, 1, dry.stderr)
    t.same(await ask('SELECT id FROM articles'), [])
    const wet = await cli(['import', path, '--json', '--locale', 'en', '--report', report], env)
    t.equal(wet.code, 1)
    t.same(JSON.parse(wet.stdout), {
      read: 3,
      kept: 2,
      alreadyThere: 0,
      refused: 1,
      leftOut: 0,
      withLosses: 1
    })
    t.same(JSON.parse(dry.stdout), JSON.parse(wet.stdout))
    const lines = readFileSync(report, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.match(
      lines.find(({ key }) => key === '2'),
      { kind: 'article', title: 'Too long', fate: 'refused', lost: [/at most/] }
    )
    const words = await cli(['import', path], env)
    t.match(
      words.stdout,
      /Read 3: kept 0 \(0 with losses\), already there 2, left out 0, refused 1\.\nRefused: article 2 \(Too long\)/
    )
    const piped = await cli(
      ['import', '-', '--source', 'https://piped.example'],
      env,
      readFileSync(path, 'utf8')
    )
    t.match(piped.stdout, /kept 2/)
  }
)

t.test('a report does not overwrite what is imported', async (t) => {
  // No database is opened for it.
  const env = { DATELINE_DATA: join(folder, 'none') }
  const path = join(folder, 'precious.xml')
  await writeWxr(path, 1)
  const before = readFileSync(path, 'utf8')
  symlinkSync(path, join(folder, 'precious-too.xml'))
  for (const report of [path, join(folder, 'precious-too.xml')])
    t.match(await cli(['import', path, '--report', report], env), { code: 1, stderr: /name another file/ })
  t.notOk(existsSync(env.DATELINE_DATA))
  t.equal(readFileSync(path, 'utf8'), before)
})

t.test('a report that is there stays as it is where there is nothing to tell', async (t) => {
  const { env } = await office(t)
  const report = join(folder, 'precious.ndjson')
  writeFileSync(report, 'of last week\n')
  const broken = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const good = broken('good-enough.xml', wxrHead() + wxrTail)
  const ndjson = '{"type":"dateline","format":1}\n{"type":"end","records":0}\n'
  for (const [args, code] of [
    [[join(folder, 'none.xml')], 1],
    [[folder], 1],
    [[broken('broken.xml', `${wxrHead()}<item></channel>`)], 1],
    [[broken('broken.json', '{"db":[{"data":{"posts":[{"id":"1"} {"id":"2"}]}}]}')], 1],
    [[broken('other.ndjson', '{"type":"dateline","format":99}\n')], 1],
    [[broken('empty', '')], 1],
    [[good, '--locale', 'English'], 1],
    [[good, '--as', 'nobody@example.org'], 1],
    [[broken('whole.ndjson', ndjson), '--locale', 'en'], 1],
    [[good, '--odd'], 2]
  ] as const) {
    const told = await cli(['import', ...args, '--report', report], env)
    t.equal(told.code, code, `${args.join(' ')}: ${told.stderr}`)
    t.equal(readFileSync(report, 'utf8'), 'of last week\n', args.join(' '))
  }
  const nowhere = join(folder, 'no-such-folder', 'report.ndjson')
  for (const path of [good, join(folder, 'whole.ndjson')]) {
    t.match(await cli(['import', path, '--report', nowhere], env), { code: 1, stderr: /no-such-folder/ })
    t.match(await cli(['import', path, '--report', report], env), { code: 0 })
    t.not(readFileSync(report, 'utf8'), 'of last week\n')
    writeFileSync(report, 'of last week\n')
  }
})

t.test('interrupted, it leaves no copy of standard input behind', async (t) => {
  const { env } = await office(t)
  const path = join(folder, 'piped.xml')
  await writeWxr(path, 300)
  const own = mkdtempSync(join(folder, 'tmp-'))
  const { child, ended } = begin(['import', '-'], { ...env, TMPDIR: own })
  child.stdin.end(readFileSync(path))
  const copies = () => readdirSync(own).filter((name) => name.startsWith('dateline-import-'))
  while (copies().length === 0 && child.exitCode === null) await new Promise((done) => setTimeout(done, 20))
  t.equal(copies().length, 1)
  child.kill('SIGINT')
  const { code, signal } = await ended
  t.same([code, signal], [130, null])
  t.same(copies(), [])
})

t.test('what is no export is refused in one line, and so is a newsroom without an admin', async (t) => {
  const { env } = await office(t, { open: true })
  const path = join(folder, 'broken.xml')
  writeFileSync(path, `${wxrHead()}<item></channel>`)
  const broken = await cli(['import', path], env)
  t.match(broken, { code: 1, stdout: '', stderr: /^Line 5, column \d+: this is no XML: [^\n]+\n$/ })
  t.match(await cli(['import', join(folder, 'none.xml')], env), { code: 1 })
  t.match(await cli(['import', path, '--format', 'odd'], env), { code: 2 })
})

t.test('killed in the middle, it goes on where it was: all there, and no twins', async (t) => {
  const { env, ask } = await office(t)
  const path = join(folder, 'killed.xml')
  const posts = 100
  await writeWxr(path, posts)
  for (const after of [20, 60]) {
    const { child, ended } = begin(['import', path, '--report', join(folder, 'killed.ndjson')], env)
    const far = () =>
      (readOr(join(folder, 'killed.ndjson')).match(/"kind":"article"[^\n]*"(kept|already there)"/g) ?? [])
        .length
    while (far() < after && child.exitCode === null) await new Promise((done) => setTimeout(done, 20))
    t.equal(child.exitCode, null, `killed after ${far()} articles`)
    child.kill('SIGKILL')
    await ended
    rmSync(join(folder, 'killed.ndjson'), { force: true })
  }
  const last = await cli(['import', path, '--json'], env)
  t.equal(last.code, 0, last.stderr)
  const totals = JSON.parse(last.stdout)
  t.ok(totals.alreadyThere >= 60, `${totals.alreadyThere} were there already`)
  const [counts] =
    await ask(`SELECT (SELECT count(*) FROM articles)::int AS articles, (SELECT count(*) FROM imported WHERE kind = 'article')::int AS imported,
    (SELECT count(DISTINCT slug) FROM articles WHERE slug ~ '^story-[0-9]+$')::int AS slugs, (SELECT count(*) FROM authors)::int AS authors, (SELECT count(*) FROM tags)::int AS tags,
    (SELECT count(DISTINCT article_id) FROM publications)::int AS live, (SELECT count(*) FROM redirects)::int AS redirects,
    (SELECT count(*) FROM events WHERE type = 'article.created')::int AS events, (SELECT count(*) FROM audit WHERE action = 'article.created')::int AS audit`)
  t.same(counts, {
    articles: posts,
    imported: posts,
    slugs: posts,
    authors: 1,
    tags: 49,
    live: posts,
    redirects: posts * 3,
    events: posts,
    audit: posts
  })
})

function readOr(path: string) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
