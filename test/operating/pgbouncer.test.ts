/** Dateline behind the PgBouncer of the guide: transaction mode, and whatever version the system has. */
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { CONNECT_QUERY } from '../../src/database/session-settings.ts'
import { ownPostgres } from '../faults/own-postgres.ts'
import { makeReader } from '../helper.ts'
import { cli, freePort, start } from '../start/process.ts'
import { ask, begin, common, editor } from './newsroom.ts'
import { adapted, findProgram, ownFolder, run, type Test, unprivileged, until } from './programs.ts'

const bin = findBinaries()
const pgbouncer = findProgram('pgbouncer')
const sample = 'examples/operating/pgbouncer.ini'

/** Runs the sample, changed in what differs here and as `changes` say. Answers with its address. */
async function pool(t: Test, server: string, changes: [string | RegExp, string][] = []) {
  const account = unprivileged()
  const folder = ownFolder(t, account)
  const port = await freePort()
  const text = adapted(sample, [
    ['port=5432 dbname=dateline', `port=${new URL(server).port} dbname=postgres`],
    ['listen_port = 6432', `listen_port = ${port}`],
    ['/etc/pgbouncer/', `${folder}/`],
    ['/var/log/postgresql/', `${folder}/`],
    ['/var/run/postgresql/', `${folder}/`],
    ...changes
  ])
  for (const [name, content] of [
    ['pgbouncer.ini', text],
    ['userlist.txt', '"postgres" "four tin cups"\n"dateline_reader" "reads"\n']
  ] as const) {
    const file = join(folder, name)
    writeFileSync(file, content, { mode: 0o600 })
    if (account.uid !== undefined && account.gid !== undefined) chownSync(file, account.uid, account.gid)
  }
  const begin = () => run(t, pgbouncer as string, [join(folder, 'pgbouncer.ini')], port, account)
  const program = await begin()
  return { url: `postgres://postgres:four%20tin%20cups@127.0.0.1:${port}/dateline`, program, begin }
}

t.test(
  'behind PgBouncer in transaction mode',
  { skip: bin && pgbouncer ? false : 'there is no PgBouncer, or no Postgres to start', timeout: 600_000 },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)

    await t.test('the sample asks for what Dateline asks for', async (t) => {
      t.ok(adapted(sample, []).includes(`connect_query='${CONNECT_QUERY}'`))
    })

    await t.test('what does not work is said at the start, with what to do', async (t) => {
      const sure = { DATABASE_DIRECT_URL: postgres.url, DATABASE_PREPARE: 'false' }
      const refusing = await pool(t, postgres.url, [['ignore_startup_parameters = options', '']])
      const bare = await pool(t, postgres.url, [[/ connect_query='[^']*'/, '']])
      const whole = await pool(t, postgres.url)
      for (const [what, settings, words] of [
        ['a pooler that refuses settings', { DATABASE_URL: refusing.url, ...sure }, /refuses settings/],
        ['one that drops them', { DATABASE_URL: bare.url, ...sure }, /statement_timeout is 0 there/],
        [
          'its address for locks',
          { DATABASE_URL: whole.url, DATABASE_PREPARE: 'false' },
          /DATABASE_DIRECT_URL/
        ],
        [
          'prepared statements',
          { DATABASE_URL: whole.url, DATABASE_DIRECT_URL: postgres.url },
          /set DATABASE_PREPARE=false/
        ]
      ] as const) {
        const { code, stderr } = await cli(['migrate'], { ...common, ...settings })
        t.equal(code, 1, what)
        t.match(stderr, words, what)
        t.notMatch(stderr, /^ +at /m, 'in words, and no trace')
      }
      const ended = start({ ...common, ...sure, PORT: String(await freePort()), DATABASE_URL: bare.url })
      await t.rejects(ended, /statement_timeout is 0 there/, 'a start looks too')
    })

    await t.test('two instances', async (t) => {
      const reader = new URL(await makeReader(postgres.url, 'dateline_reader'))
      const pooler = await pool(t, postgres.url)
      const settings = {
        DATABASE_URL: pooler.url,
        DATABASE_DIRECT_URL: postgres.url,
        DATABASE_READER_URL: Object.assign(new URL(pooler.url), {
          username: reader.username,
          password: reader.password
        }).href,
        DATABASE_PREPARE: 'false'
      }
      const one = await begin(t, settings)
      const other = await begin(t, settings)
      const { edit, publish, correct } = await editor(one.url)

      const story = await publish('The tide mill turns again')
      const address = `/v1/content/articles/${story.slug}?locale=en`
      t.equal((await ask(one.url + address)).status, 200, 'what one publishes, it shows')
      t.match((await ask(other.url + address, { expect: 200 })).body, {
        headline: 'The tide mill turns again'
      })

      await correct(story.id, 1, 'The tide mill turns at noon')
      const seen = await until(
        () => ask(other.url + address),
        ({ body }) => body.headline === 'The tide mill turns at noon'
      )
      t.equal(seen.body.headline, 'The tide mill turns at noon', 'the other hears that it was changed')

      const found = await ask(`${other.url}/v1/content/search?locale=en&q=tide`, { expect: 200 })
      t.match(found.body.data, [{ slug: story.slug }], 'search')
      await ask(`${other.url}/v1/content/articles/${story.id}/views`, { method: 'POST', expect: 204 })

      const key = { 'idempotency-key': 'two-times-the-same-thing' }
      const tag = { kind: 'topic', names: { en: 'Tide mills' } }
      const first = await edit('/v1/tags', { body: tag, headers: key, expect: 201 })
      const again = await edit('/v1/tags', { body: tag, headers: key, expect: 201 }, other.url)
      t.equal(again.headers.get('idempotent-replayed'), 'true')
      t.equal(again.body.id, first.body.id, 'sent twice, made once, on whichever instance')

      const changes = await until(
        () => ask(`${other.url}/v1/content/changes?locale=en&limit=100`),
        ({ body }) => body.data.some((change: { reason: string }) => change.reason === 'corrected')
      )
      t.ok(
        changes.body.data.some((change: { article: { id: string } }) => change.article.id === story.id),
        'what happened has its place in the feed'
      )

      const work = Array.from({ length: 60 }, (_, index) =>
        edit(
          '/v1/tags',
          { body: { kind: 'topic', names: { en: `Mill number ${index}` } } },
          index % 2 === 0 ? one.url : other.url
        )
      )
      t.same(
        (await Promise.all(work)).filter(({ status }) => status !== 201),
        [],
        'sixty at once on both'
      )
      t.equal((await edit(`/v1/tags?limit=1`, {}, other.url)).status, 200, 'signed in there too')
      t.equal((await cli(['audit', 'verify'], { ...common, ...settings })).code, 0, 'the audit is whole')

      const client = new pg.Client({ connectionString: pooler.url })
      await client.connect()
      const { rows } = await client.query('SHOW statement_timeout')
      t.same(rows, [{ statement_timeout: '5s' }], 'statements are bounded')
      await client.end()

      await pooler.program.stop()
      t.equal((await ask(`${one.url}/health/ready`)).status, 503, 'without the pooler it is not ready')
      await pooler.begin()
      t.equal(
        (
          await until(
            () => ask(`${one.url}/health/ready`),
            ({ status }) => status === 200
          )
        ).status,
        200,
        'and is again once it is back'
      )
      await edit(`/v1/articles/${story.id}`, { expect: 200 })
    })
  }
)
