/** The content side as a role of its own: what that role may, and what stops a start. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { READING_TABLES } from '../../src/database/readers.ts'
import { makeReady } from '../../src/start.ts'
import { configFor, freshDatabase, makeReader, newsroom, onServer, story } from '../helper.ts'
import { cli } from '../start/process.ts'

const server = process.env.TEST_DATABASE_URL as string

t.test('settings', async (t) => {
  const given = { DATABASE_URL: 'postgres://a@b/c', DATELINE_SECRET: 'x'.repeat(32) }
  t.match(readConfig({ ...given, DATABASE_READER_URL: 'postgres://r@b/c' }).database, {
    readerUrl: 'postgres://r@b/c'
  })
  t.notOk('readerUrl' in readConfig(given).database)
  t.throws(
    () => readConfig({ ...given, DATABASE_READER_URL: 'http://b/c' }),
    /DATABASE_READER_URL must begin/
  )
  t.throws(
    () => readConfig({ DATELINE_SECRET: 'x'.repeat(32), DATABASE_READER_URL: 'postgres://r@b/c' }),
    /set DATABASE_URL too/
  )
})

t.test('the command prints what psql takes, whatever the name', async (t) => {
  t.match(await cli(['grants', 'news "reader'], {}), {
    code: 0,
    stdout: /^BEGIN;[\s\S]*TO "news ""reader";\nCOMMIT;\n$/
  })
  t.match(await cli(['grants'], {}), { code: 2 })
})

t.test('on a server', { skip: server ? false : 'needs TEST_DATABASE_URL' }, async (t) => {
  const { settings, drop } = await freshDatabase()
  if (settings.kind !== 'server') return
  const role = `dateline_reader_${randomBytes(6).toString('hex')}`
  const readerUrl = await makeReader(settings.url, role)
  const config = { ...configFor({ ...settings, readerUrl }), cacheBytes: 0 }
  t.teardown(async () => {
    await drop()
    await onServer(server, `DROP ROLE IF EXISTS ${role}`)
  })
  const start = async (changes: object = {}) => {
    const { db } = await makeReady({ ...config, database: { ...settings, readerUrl, ...changes } })
    await db.close()
  }

  await t.test('it reads what readers see, and nothing else', async (t) => {
    await start()
    const client = new pg.Client({ connectionString: readerUrl })
    await client.connect()
    t.teardown(() => client.end())
    const { rows } = await client.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`
    )
    const names = rows.map(({ name }) => name)
    for (const secret of [
      'articles',
      'users',
      'sessions',
      'refresh_tokens',
      'revisions',
      'events',
      'audit',
      'signing_keys',
      'preview_links',
      'article_publications'
    ])
      t.ok(names.includes(secret) && !READING_TABLES.includes(secret), `${secret} is there and not for it`)
    for (const name of names)
      if (READING_TABLES.includes(name)) await t.resolves(client.query(`SELECT * FROM ${name} LIMIT 1`), name)
      else await t.rejects(client.query(`SELECT * FROM ${name} LIMIT 1`), { code: '42501' }, name)
    for (const text of [
      `UPDATE publications SET headline = 'x'`,
      'DELETE FROM publications',
      'TRUNCATE publications',
      `UPDATE public_sites SET locale = 'x'`,
      'CREATE TABLE public.mine ()',
      'CREATE SCHEMA mine',
      'SELECT make_share_links(ARRAY[]::uuid[]), (SELECT count(*) FROM share_links)'
    ])
      await t.rejects(client.query(text), { code: '42501' }, text)
  })

  await t.test('what stops a start', async (t) => {
    const other = await freshDatabase()
    t.teardown(other.drop)
    const otherUrl = Object.assign(new URL(readerUrl), {
      pathname: new URL((other.settings as { url: string }).url).pathname
    })
    await t.rejects(start({ readerUrl: otherUrl.href }), /names another database than DATABASE_URL/)
    await t.rejects(start({ readerUrl: settings.url }), /is a superuser/)
    const nobody = Object.assign(new URL(readerUrl), { username: 'no_such_role_here' })
    await t.rejects(start({ readerUrl: nobody.href }), /DATABASE_READER_URL cannot be used/)

    const group = `${role}_group`
    const cases: [begin: string, end: string, told: RegExp][] = [
      [
        'GRANT SELECT ON articles TO $',
        'REVOKE SELECT ON articles FROM $',
        /may do too much: SELECT on articles\. Run as/
      ],
      [
        'GRANT SELECT (email) ON users TO $',
        'REVOKE SELECT (email) ON users FROM $',
        /too much: SELECT on users\./
      ],
      [
        'GRANT SELECT ON users TO PUBLIC',
        'REVOKE SELECT ON users FROM PUBLIC',
        /too much: SELECT on users\./
      ],
      [
        'GRANT INSERT, DELETE ON publications TO $',
        'REVOKE INSERT, DELETE ON publications FROM $',
        /too much: DELETE, INSERT on publications\./
      ],
      [
        'GRANT USAGE ON SEQUENCE events_number_seq TO $',
        'REVOKE ALL ON SEQUENCE events_number_seq FROM $',
        /too much: USAGE on events_number_seq/
      ],
      [
        'GRANT CREATE ON SCHEMA public TO $',
        'REVOKE CREATE ON SCHEMA public FROM $',
        /too much: CREATE in the schema public\./
      ],
      ['GRANT pg_read_all_data TO $', 'REVOKE pg_read_all_data FROM $', /too much: SELECT on .*articles/],
      [
        'GRANT pg_read_server_files TO $',
        'REVOKE pg_read_server_files FROM $',
        /too much: membership of pg_read_server_files/
      ],
      [
        `CREATE ROLE ${group}; GRANT SELECT ON revisions TO ${group}; GRANT ${group} TO $; ALTER ROLE $ NOINHERIT`,
        `ALTER ROLE $ INHERIT; DROP OWNED BY ${group}; DROP ROLE ${group}`,
        /too much: SELECT on revisions\./
      ],
      [
        'CREATE SCHEMA elsewhere CREATE TABLE secrets (); GRANT SELECT ON elsewhere.secrets TO $',
        'DROP SCHEMA elsewhere CASCADE',
        /too much: SELECT on elsewhere\.secrets/
      ],
      [
        'REVOKE SELECT ON public_tags FROM $',
        'GRANT SELECT ON public_tags TO $',
        /lacks SELECT on public_tags\. Run as/
      ],
      [
        'REVOKE USAGE ON SCHEMA public FROM PUBLIC, $',
        'GRANT USAGE ON SCHEMA public TO PUBLIC, $',
        /lacks USAGE on the schema public/
      ],
      [
        'REVOKE EXECUTE ON FUNCTION share_channels(text) FROM PUBLIC, $',
        'GRANT EXECUTE ON FUNCTION share_channels(text) TO PUBLIC, $',
        /lacks EXECUTE on share_channels\(text\)/
      ]
    ]
    for (const [begin, end, told] of cases) {
      await onServer(settings.url, begin.replaceAll('$', role))
      await t.rejects(start(), told, begin)
      await onServer(settings.url, end.replaceAll('$', role))
    }
    await t.resolves(start(), 'all of it taken back, it starts')
  })

  await t.test('what is printed takes back what is too much', async (t) => {
    const { stdout } = await cli(['grants', role], {})
    await onServer(
      settings.url,
      `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}; GRANT ALL ON SCHEMA public TO ${role}`
    )
    await t.rejects(start(), /may do too much: .* and \d+ more\./)
    await onServer(settings.url, stdout)
    await onServer(settings.url, stdout)
    await t.resolves(start())
  })

  await t.test('a process that may not start says why, without the password', async (t) => {
    await onServer(settings.url, `GRANT SELECT ON articles TO ${role}`)
    const { launch, freePort } = await import('../start/process.ts')
    const dateline = launch({
      ...{ DATABASE_URL: settings.url, DATABASE_READER_URL: readerUrl, DATELINE_SECRET: config.secret },
      PORT: String(await freePort())
    })
    const code = await new Promise((done) => dateline.child.on('close', done))
    t.equal(code, 1)
    t.match(dateline.printed(), /may do too much: SELECT on articles\./)
    t.notMatch(dateline.printed(), /reads@|at .*\.ts:/)
    await onServer(settings.url, `REVOKE SELECT ON articles FROM ${role}`)
  })

  await t.test('the content side goes through it, and editing does not', async (t) => {
    const room = await newsroom(t, { database: { ...settings, readerUrl }, cacheBytes: 0 })
    const { slug } = await story(room)
    await room.api(`GET /v1/content/articles/${slug}`, { expect: 200 })
    await onServer(settings.url, `REVOKE SELECT ON publications FROM ${role}`)
    await t.rejects(room.api(`GET /v1/content/articles/${slug}`), 'without its grant nothing is read')
    await room.api('GET /v1/articles', { as: 'editor', expect: 200 })
    await onServer(settings.url, `GRANT SELECT ON publications TO ${role}`)
    await room.api(`GET /v1/content/articles/${slug}`, { expect: 200 })
    t.same(Object.keys(room.app.reader), ['query'], 'it has one statement at a time, and no transaction')
  })
})
