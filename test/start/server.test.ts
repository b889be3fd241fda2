/** On a Postgres server: any number of processes may start at once, also on an empty database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { freshDatabase } from '../helper.ts'
import { cli, freePort, start } from './process.ts'

t.test(
  'on a server',
  { skip: process.env.TEST_DATABASE_URL ? false : 'needs TEST_DATABASE_URL' },
  async (t) => {
    const { settings: database, drop } = await freshDatabase({ migrated: false })
    const url = database.kind === 'server' ? database.url : ''
    const folder = mkdtempSync(join(tmpdir(), 'dateline-server-'))
    t.teardown(async () => {
      await drop()
      rmSync(folder, { recursive: true, force: true })
    })
    const admin = { email: 'chief@example.org', password: 'nine blue lamps in fog' }
    const settings = async () => ({
      DATABASE_URL: url,
      DATELINE_DATA: folder,
      PORT: String(await freePort()),
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password
    })

    await t.test('three processes start on one empty database at the same moment', async (t) => {
      const all = await Promise.all([settings(), settings(), settings()].map(async (one) => start(await one)))
      t.teardown(() => Promise.all(all.map((dateline) => dateline.stop())).then(() => {}))
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      const count = async (text: string) => (await client.query(text)).rows[0].count
      t.equal(await count('SELECT count(*)::int FROM signing_keys'), 1, 'one signing key')
      t.equal(
        await count(`SELECT count(*)::int FROM users WHERE email = '${admin.email}'`),
        1,
        'one first admin'
      )
      t.equal(await count('SELECT count(*)::int FROM publications'), 23, 'one demo newsroom')
      await client.end()

      const [one, two] = all
      const session = await fetch(`${one?.url}/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(admin)
      })
      const { accessToken } = (await session.json()) as { accessToken: string }
      const headers = { authorization: `Bearer ${accessToken}` }
      // Issued under one PUBLIC_URL, refused under another: instances behind a balancer share theirs.
      t.equal((await fetch(`${one?.url}/v1/me`, { headers })).status, 200)
      t.equal((await fetch(`${two?.url}/v1/me`, { headers })).status, 401)
    })

    await t.test(
      'instances with one address share sign-ins, and a sign-out counts on both at once',
      async (t) => {
        const shared = { PUBLIC_URL: 'http://news.test' }
        const [one, two] = await Promise.all(
          [settings(), settings()].map(async (each) => start({ ...(await each), ...shared }))
        )
        t.teardown(() => Promise.all([one?.stop(), two?.stop()]).then(() => {}))
        const session = await fetch(`${one?.url}/v1/sessions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(admin)
        })
        const { accessToken } = (await session.json()) as { accessToken: string }
        const headers = { authorization: `Bearer ${accessToken}` }
        t.equal((await fetch(`${two?.url}/v1/me`, { headers })).status, 200)
        t.equal((await fetch(`${one?.url}/v1/sessions/current`, { method: 'DELETE', headers })).status, 204)
        t.equal((await fetch(`${two?.url}/v1/me`, { headers })).status, 401)
      }
    )

    await t.test('another secret is refused with what to do', async (t) => {
      const other = await cli(['migrate'], {
        ...(await settings()),
        DATELINE_SECRET: 'quite another secret, forty characters long'
      })
      t.match(other, { code: 1, stderr: /DATELINE_SECRET is not the one this database was set up with/ })
    })
  }
)
