import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { cli, freePort, launch, shell, start } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-start-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const settings = { DATELINE_DATA: folder, PORT: String(await freePort()) }
// biome-ignore lint/suspicious/noExplicitAny: read as what is expected, and failing where it is not
const read = async (url: string) => (await fetch(url)).json() as Promise<any>
const signIn = (url: string, body: object) =>
  fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })

t.test('the first start brings a newsroom, and what it prints works as pasted', async (t) => {
  const before = await start(settings)
  const passwordIn = (text: string) => /Password +(\S+)/.exec(text)?.[1]
  t.equal(await before.stop(), 0, 'stopped before anybody signed in')
  const dateline = await start(settings)
  t.teardown(() => dateline.stop())
  const printed = dateline.printed()
  t.ok(
    passwordIn(before.printed()) && passwordIn(printed),
    'nobody is locked out: each start gives a password'
  )
  t.not(passwordIn(before.printed()), passwordIn(printed))
  t.match(printed, /API docs +http:\/\/localhost:\d+\/docs/)
  const docs = await fetch(`${dateline.url}/docs`)
  t.match(docs, { status: 200 })
  t.match(docs.headers.get('content-security-policy'), /default-src 'none'/)
  const address = /An article (\S+)/.exec(printed)?.[1] as string
  const article = await read(address)
  t.match(article, { headline: /\S/, body: { html: /<p>/ } })

  const lines =
    printed
      .split('Try:\n')[1]
      ?.trim()
      .split('\n')
      .map((line) => line.trim()) ?? []
  t.equal(lines.length, 3)
  t.match(JSON.parse(await shell(lines[0] as string)).data.length, 3)
  t.match(JSON.parse(await shell(`${lines[1]}\n${lines[2]}`)), {
    headline: 'My first story',
    version: 1,
    stage: 'draft'
  })
})

t.test(
  'a second start is there with everything, seeds nothing twice and keeps the password it gave',
  async (t) => {
    const dateline = await start(settings)
    t.teardown(() => dateline.stop())
    t.notMatch(dateline.printed(), /Password|demo newsroom/, 'somebody has signed in: no new password')
    const { data } = await read(`${dateline.url}/v1/content/articles?locale=en&limit=100`)
    t.equal(data.length, 12, 'the twelve English stories, once')
    t.equal(statSync(folder).mode & 0o077, 0, 'the folder is the owner’s alone')

    await t.test('a second process on the folder is refused and told what to do', async (t) => {
      const second = launch({ ...settings, PORT: String(await freePort()) })
      const code = await new Promise((done) => second.child.on('close', done))
      t.equal(code, 1)
      t.match(second.printed(), /in use by process \d+/)
      t.match(second.printed(), /DATELINE_DATA/)
      t.match((await fetch(`${dateline.url}/health/ready`)).status, 200, 'the first one goes on')
    })

    await t.test('commands reach the running one through its socket', async (t) => {
      t.match(await cli(['migrate'], settings), { code: 0, stdout: /up to date/ })
      t.match(await cli(['seed'], settings), { code: 0, stdout: /Nothing to do/ })
      const person = [
        'user',
        'create',
        '--email',
        'Vera@Example.org',
        '--name',
        'Vera Holm',
        '--role',
        'editor'
      ]
      t.match(await cli(person, settings, 'too short\n'), { code: 1, stderr: /at least 15 characters/ })
      t.match(await cli(person, settings, 'nine blue lamps in fog\n'), {
        code: 0,
        stdout: /vera@example.org.*editor/
      })
      t.match(await cli(person, settings, 'nine blue lamps in fog\n'), {
        code: 1,
        stderr: /^Another person has this e-mail address\.\n$/
      })
      t.match(await cli(['user', 'create'], settings), { code: 2, stderr: /--email/ })
      t.match(await cli(['fly'], settings), { code: 2, stderr: /unknown command 'fly'/ })
      t.equal(
        (await signIn(dateline.url, { email: 'vera@example.org', password: 'nine blue lamps in fog' }))
          .status,
        201
      )
    })

    await t.test(
      'connections do not see one another’s statements, also while others are in transactions',
      async (t) => {
        const pool = new pg.Pool({ host: folder, user: 'postgres', database: 'postgres', max: 10 })
        t.teardown(() => pool.end())
        let wrong = 0
        const transactions = async () => {
          for (let round = 0; round < 30; round++) {
            const client = await pool.connect()
            await client.query('BEGIN')
            await client.query('SELECT $1::int', [round])
            await new Promise((done) => setImmediate(done))
            await client.query('COMMIT')
            client.release()
          }
        }
        const readers = async (reader: number) => {
          for (let round = 0; round < 60; round++) {
            const name = `c${reader}_${round}`
            const { rows } = await pool.query(
              round % 2 ? `SELECT $1::int AS ${name}` : `SELECT $1::text AS ${name}, $2::int`,
              round % 2 ? [round] : [`x${round}`, 1]
            )
            if (rows[0][name] !== (round % 2 ? round : `x${round}`)) wrong++
          }
        }
        await Promise.all([transactions(), transactions(), ...[0, 1, 2, 3, 4, 5].map(readers)])
        t.equal(wrong, 0)
      }
    )

    await t.test('a client that dies in its transaction holds nobody up and leaves nothing', async (t) => {
      const client = new pg.Client({ host: folder, user: 'postgres', database: 'postgres' })
      client.on('error', () => {})
      await client.connect()
      await client.query('BEGIN')
      await client.query(`INSERT INTO settings (key, value) VALUES ('left-behind', '{}')`)
      // biome-ignore lint/suspicious/noExplicitAny: the socket is pg's own business; here its line is cut
      ;(client as any).connection.stream.destroy()
      const other = new pg.Client({ host: folder, user: 'postgres', database: 'postgres' })
      await other.connect()
      t.equal((await other.query(`SELECT FROM settings WHERE key = 'left-behind'`)).rowCount, 0)
      await other.end()
    })
  }
)

t.test('starts that cannot go well say what to do', async (t) => {
  const outcome = async (changes: Record<string, string>) => {
    const process = launch({ ...settings, ...changes })
    const code = await new Promise((done) => process.child.on('close', done))
    return { code, printed: process.printed() }
  }
  t.match(await outcome({ NODE_ENV: 'production' }), {
    code: 1,
    printed: /DATABASE_URL is not set.*docker compose up/s
  })
  t.match(
    await outcome({ NODE_ENV: 'production' }),
    { code: 1, printed: /DATELINE_SECRET is not set.*openssl/s },
    'all faults at once'
  )
  t.match(
    await outcome({ PORT: 'http', LOG_LEVEL: 'loud', TRUST_PROXY: 'true', DATABASE_URL: 'mysql://x' }),
    {
      code: 1,
      printed: /PORT must[\s\S]*LOG_LEVEL must[\s\S]*DATABASE_URL must[\s\S]*TRUST_PROXY must/
    }
  )
  t.match(await outcome({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }), {
    code: 1,
    printed: /does not answer/
  })
  t.match(await outcome({ ADMIN_EMAIL: 'a@example.org' }), { code: 1, printed: /ADMIN_PASSWORD go together/ })
  t.match(await outcome({ ADMIN_EMAIL: 'chief@example.org', ADMIN_PASSWORD: 'password1234567' }), {
    code: 1,
    printed: /ADMIN_PASSWORD is one of the first/
  })
  t.match(await outcome({ ADMIN_EMAIL: 'chief', ADMIN_PASSWORD: 'nine blue lamps in fog' }), {
    code: 1,
    printed: /ADMIN_EMAIL is not an e-mail/
  })
  const dateline = await start(settings)
  t.teardown(() => dateline.stop())
  const other = mkdtempSync(join(tmpdir(), 'dateline-other-'))
  t.teardown(() => rmSync(other, { recursive: true, force: true }))
  t.match(await outcome({ DATELINE_DATA: other }), { code: 1, printed: /Port \d+ is in use.*PORT=/ })
})

t.test('a signal ends it in order', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const dateline = await start(settings)
    t.equal(await dateline.stop(signal), 0, signal)
  }
})
