/** Backups as the guide makes them: taken while people write, shown to be whole, and refused when they are not. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { ownPostgres } from '../faults/own-postgres.ts'
import { environment, freePort, root, start } from '../start/process.ts'
import { ADMIN, ask, begin, common, editor, SECRET } from './newsroom.ts'
import { findProgram, ownFolder, until } from './programs.ts'

const bin = findBinaries()
const known = findProgram('pg_dump') && findProgram('pg_restore') && findProgram('psql') && bin

async function script(name: string, args: string[], settings: Record<string, string>) {
  const ran = promisify(execFile)(join(root, 'scripts', name), args, { cwd: '/', env: environment(settings) })
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: code as number, stdout: String(stdout), stderr: String(stderr) })
  )
}

t.test(
  'a backup',
  { skip: known ? false : 'there is no pg_dump, or no Postgres to start', timeout: 600_000 },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)
    const folder = join(ownFolder(t), 'backups of the night')
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    t.teardown(() => client.end())
    const databases = async () => (await client.query('SELECT datname FROM pg_database')).rows.length

    // A receiver that was never there for the original, and must hear nothing of the copy.
    const heard: string[] = []
    const receiver = createServer((request, response) => {
      heard.push(String(request.headers['webhook-id']))
      request.resume().on('end', () => response.writeHead(503, { 'retry-after': '1' }).end())
    })
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
    t.teardown(() => void receiver.close())
    const { port } = receiver.address() as { port: number }

    const settings = { DATABASE_URL: postgres.url, WEBHOOK_ALLOW: '127.0.0.0/8' }
    const running = await begin(t, settings)
    const { edit, publish } = await editor(running.url)
    await edit('/v1/webhooks', {
      body: { url: `http://127.0.0.1:${port}/`, events: ['article.*'] },
      expect: 201
    })
    await publish('The night shift at the bakery')
    await until(async () => heard.length, Boolean)

    let writing = true
    let written = 0
    const writer = (async () => {
      while (writing) {
        await edit('/v1/tags', { body: { kind: 'topic', names: { en: `Loaf ${written}` } }, expect: 201 })
        written++
      }
    })()
    const before = written
    const backup = await script('backup.sh', [folder], settings)
    const meanwhile = written - before
    writing = false
    await writer
    t.equal(backup.code, 0, backup.stderr)
    t.ok(meanwhile > 0, `${meanwhile} tags were made meanwhile`)
    const dump = backup.stdout.trim()
    t.equal(join(folder, basename(dump)), dump)
    t.equal(readdirSync(folder).length, 4, 'no drafts are left')
    t.equal(statSync(dump).mode & 0o077, 0, 'nobody else may read it')
    await running.stop('SIGTERM')

    const rehearse = (settings: Record<string, string> = {}, of = dump) =>
      script('restore-rehearsal.sh', [relative('/', of)], {
        REHEARSAL_URL: postgres.url,
        DATELINE_SECRET: SECRET,
        ...settings
      })
    const there = await databases()
    const known = heard.length

    await t.test('can be restored', async (t) => {
      // What stands in the shell of an operator must not lead to the newsroom itself.
      const astray = { WEBHOOK_ALLOW: '127.0.0.0/8', DATABASE_DIRECT_URL: 'postgres://127.0.0.1:1/none' }
      const { code, stdout, stderr } = await rehearse(astray)
      t.equal(code, 0, stderr)
      t.match(stdout, /^Rows: the same in all \d\d tables\.$/m)
      t.match(stdout, /^Verified: \d+ entries/m)
      t.match(stdout, /^Started, and read: The night shift at the bakery$/m)
      t.match(stdout, /can be relied on/)
      t.equal(await databases(), there, 'and the copy is gone')
      t.equal(heard.length, known, 'no webhook was sent from the copy')
    })

    await t.test('cannot without its secret', async (t) => {
      const { code, stderr } = await rehearse({ DATELINE_SECRET: 'another secret that is long enough, too' })
      t.equal(code, 1)
      t.match(stderr, /DATELINE_SECRET is not the one/)
      t.equal(await databases(), there, 'the copy is gone')
    })

    await t.test('that was touched is refused', async (t) => {
      const touched = join(ownFolder(t), 'touched')
      mkdirSync(touched)
      const name = basename(dump, '.dump')
      const copy = (change: (kind: string, bytes: Buffer) => Buffer, sum: boolean) => {
        for (const kind of ['dump', 'counts', 'head', 'sha256'])
          writeFileSync(
            join(touched, `${name}.${kind}`),
            change(kind, readFileSync(join(folder, `${name}.${kind}`)))
          )
        const files = ['dump', 'counts', 'head'].map((kind) => `${name}.${kind}`)
        if (sum)
          writeFileSync(
            join(touched, `${name}.sha256`),
            execFileSync('sha256sum', files, { cwd: touched, encoding: 'utf8' })
          )
        return join(touched, `${name}.dump`)
      }
      const flip = (bytes: Buffer) => {
        const middle = Math.floor(bytes.length / 2)
        bytes[middle] = (bytes[middle] as number) ^ 1
        return bytes
      }
      const [byte, row, head] = [
        copy((kind, bytes) => (kind === 'dump' ? flip(bytes) : bytes), false),
        () =>
          copy(
            (kind, bytes) =>
              kind === 'counts' ? Buffer.from(bytes.toString().replace(/^(tags \d+)$/m, '$10')) : bytes,
            true
          ),
        () =>
          copy(
            (kind, bytes) =>
              kind === 'head' ? Buffer.from(`${bytes.toString().split(':')[0]}:${'0'.repeat(64)}\n`) : bytes,
            true
          )
      ]
      const flipped = await rehearse({}, byte)
      t.match([flipped.code, flipped.stderr], [1, /not those that were written/])
      const lacking = await rehearse({}, row())
      t.match([lacking.code, lacking.stderr], [1, /tables have other numbers of rows/])
      t.match(lacking.stderr, /tags \d+0/, 'and says which')
      const other = await rehearse({}, head())
      t.match([other.code, other.stderr], [1, /FAILED: the audit/])
      t.equal(await databases(), there)
    })

    await t.test('that failed leaves nothing to be taken for one', async (t) => {
      const shadow = ownFolder(t)
      writeFileSync(
        join(shadow, 'pg_dump'),
        '#!/bin/sh\nfor last; do :; done\necho "disk full" >&2\nexit 1\n'
      )
      chmodSync(join(shadow, 'pg_dump'), 0o755)
      const { code, stdout, stderr } = await script('backup.sh', [shadow], {
        ...settings,
        PATH: `${shadow}:${process.env.PATH}`
      })
      t.match([code, stdout, stderr], [1, '', /pg_dump failed/])
      t.same(readdirSync(shadow), ['pg_dump'])
      const gone = await script('backup.sh', [shadow], { DATABASE_URL: 'postgres://127.0.0.1:1/none' })
      t.not(gone.code, 0, 'nor where there is no database')
      t.same(readdirSync(shadow), ['pg_dump'])
      t.match((await script('backup.sh', [], settings)).stderr, /Say where to/)
    })

    await t.test('and when the secret is lost', async (t) => {
      const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8')
      const [remedy] = /UPDATE signing_keys[^;]+;/.exec(guide) ?? []
      t.ok(remedy, 'the guide says what to do')
      const fresh = { ...common, ...settings, DATELINE_SECRET: 'a new secret that is long enough for it' }
      await t.rejects(start({ ...fresh, PORT: String(await freePort()) }), /DATELINE_SECRET is not the one/)
      await client.query(remedy as string)
      const renewed = await begin(t, fresh)
      const again = await editor(renewed.url)
      const { body } = await again.edit('/v1/webhooks', { expect: 200 })
      const [webhook] = body.data
      const rotated = await again.edit(`/v1/webhooks/${webhook.id}/rotate-secret`, {
        method: 'POST',
        headers: { 'if-match': `"${webhook.version}"` }
      })
      t.ok(rotated.body.secret, `webhooks get new secrets: ${rotated.text.slice(0, 200)}`)
      const count = heard.length
      await again.edit(`/v1/webhooks/${webhook.id}/test`, { method: 'POST' })
      t.ok(
        (await until(
          async () => heard.length,
          (now) => now > count
        )) > count,
        'and are sent to again'
      )
      t.equal((await ask(`${renewed.url}/v1/sessions`, { body: ADMIN })).status, 201)
    })
  }
)
