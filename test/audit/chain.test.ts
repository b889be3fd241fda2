/** The chain of the audit: whole whoever seals and however often they are stopped; and what is done to it shows. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { hashOf } from '../../src/audit/chain.ts'
import { seal } from '../../src/audit/sealing.ts'
import { readHead, verifyAudit } from '../../src/audit/verifying.ts'
import type { Transaction } from '../../src/database/database.ts'
import { startSequencer } from '../../src/events/sequencer.ts'
import { root } from '../../src/root.ts'
import { draft, newsroom, tag } from '../helper.ts'
import { cli, settingsFor } from '../start/process.ts'

const room = await newsroom(t)
const { api, db } = room
const server = process.env.TEST_DATABASE_URL
const document = readFileSync(new URL('docs/audit.md', root), 'utf8')
const [program = ''] = document.match(/(?<=```js\n)[\s\S]*?(?=```)/) ?? []

const settings = settingsFor(room.config.database)
const verify = (...options: string[]) => cli(['audit', 'verify', ...options], settings)

async function sealed() {
  for (const began = Date.now(); ; ) {
    const [row] = await db.query<{ done: boolean }>(
      { text: 'SELECT NOT EXISTS (SELECT FROM audit WHERE position IS NULL) AS done' },
      []
    )
    if (row?.done) return
    if (Date.now() - began > 10_000) throw new Error('Not sealed within ten seconds.')
    await new Promise((done) => setTimeout(done, 20))
  }
}

async function allEntries() {
  const entries = []
  for (let cursor = ''; ; ) {
    const { body } = await api(`GET /v1/audit?limit=100${cursor && `&cursor=${cursor}`}`, {
      as: 'admin',
      expect: 200
    })
    entries.push(...body.data)
    if (!body.page.next) return entries
    cursor = body.page.next
  }
}

for (let round = 0; round < 30; round++) await tag(room)
const article = await draft(room, { headline: 'Größe “und” \u2028 Ende' })
await api(`POST /v1/articles/${article.id}/stage`, {
  as: 'editor',
  ifMatch: 1,
  body: { to: 'ready' },
  expect: 200
})
await sealed()

t.test('the example of the document is true', async (t) => {
  const [text = ''] = document.match(/(?<=```json\n).*(?=\n```)/) ?? []
  const [hash = ''] = document.match(/(?<=```text\n).*(?=\n```)/) ?? []
  t.equal(createHash('sha256').update(Buffer.alloc(32)).update(text).digest('hex'), hash)
  t.equal(hashOf('0'.repeat(64), { ...JSON.parse(text), hash: null }), hash)
})

t.test('an outsider reckons the same chain from what the API shows', async (t) => {
  const entries = await allEntries()
  const run = (given: object[]) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      input: JSON.stringify(given),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore']
    }).trim()
  const { head } = await verifyAudit(db)
  t.equal(run(entries), `${head.position}:${head.hash}`)
  t.equal(head.position, entries.length)
  const moved = entries.find(({ action }) => action === 'article.stage_moved')
  t.same(moved.details, { from: 'draft', to: 'ready' })
  t.throws(() =>
    run(
      entries.map((entry) => ({
        ...entry,
        details: entry === moved ? { from: 'draft', to: 'draft' } : entry.details
      }))
    )
  )
})

t.test('the command says how far it is whole', async (t) => {
  const whole = await verify('--json')
  t.equal(whole.code, 0, whole.stderr)
  const { verified, head, broken, unsealed } = JSON.parse(whole.stdout)
  t.ok(verified > 30)
  t.same({ broken, unsealed }, { broken: null, unsealed: { count: 0, oldestSeconds: null } })
  const known = `${head.position}:${head.hash}`
  t.match(await verify('--head', known), { code: 0, stdout: `Verified: ${verified} entries, up to ${known}` })
  const other = `${head.position}:${'0'.repeat(64)}`
  t.match(await verify('--head', other), {
    code: 1,
    stdout: new RegExp(`BROKEN at position ${head.position},`)
  })
  const later = `${head.position + 5}:${head.hash}`
  t.match(await verify('--head', later), {
    code: 1,
    stdout: new RegExp(`BROKEN at position ${head.position + 1}:`)
  })
  for (const wrong of ['', '12', `0:${head.hash}`, `1:${head.hash}0`, '1:xyz'])
    t.match(await verify(`--head=${wrong}`), { code: 2, stderr: /--head/ }, `--head=${wrong}`)
})

t.test('rows are only added', async (t) => {
  const [row] = await db.query<{ id: string }>({ text: 'SELECT id FROM audit WHERE position = 3' }, [])
  for (const text of [
    `UPDATE audit SET action = 'nothing' WHERE position = 3`,
    `UPDATE audit SET position = 1000000 WHERE position = 3`,
    `UPDATE audit SET position = NULL, hash = NULL WHERE position = 3`,
    `DELETE FROM audit WHERE position = 3`,
    `TRUNCATE audit`,
    `INSERT INTO audit (id, action, resource, position, hash) SELECT gen_random_uuid(), 'a', 'b', 1000000, hash FROM audit LIMIT 1`,
    `UPDATE audit_head SET position = position - 1`,
    `UPDATE audit_head SET hash = decode(repeat('00', 32), 'hex')`,
    `DELETE FROM audit_head`,
    `TRUNCATE audit_head`
  ])
    await t.rejects(db.query({ text }, []), /only added to|only moves on/, text)
  await t.rejects(
    db.transaction(async (tx) => {
      const id = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a77'
      await tx.query({ text: `INSERT INTO audit (id, action, resource) VALUES ('${id}', 'a', 'b')` }, [])
      await tx.query(
        { text: `UPDATE audit SET position = 1000000, hash = sha256('x'), action = 'c' WHERE id = '${id}'` },
        []
      )
    }),
    /only added to/,
    'nor is anything else changed along with sealing'
  )
  t.ok(row)
})

/** What is done here is undone: the verdict stays. */
async function tampered(...statements: string[]) {
  const undo = new Error('undone')
  let verdict: Awaited<ReturnType<typeof verifyAudit>> | undefined
  await db
    .transaction(async (tx: Transaction) => {
      for (const text of [
        'ALTER TABLE audit DISABLE TRIGGER USER',
        'ALTER TABLE audit_head DISABLE TRIGGER USER',
        ...statements
      ])
        await tx.query({ text }, [])
      verdict = await verifyAudit(tx)
      throw undo
    })
    .catch((error) => {
      if (error !== undo) throw error
    })
  return verdict
}

t.test('the first row that was touched is named', async (t) => {
  const { head } = await verifyAudit(db)
  const [ten] = await db.query<{ id: string }>({ text: 'SELECT id FROM audit WHERE position = 10' }, [])
  const last = head.position
  const cases: [what: string, statements: string[], position: number, reason: string][] = [
    ['altered', [`UPDATE audit SET action = 'tag.deleted' WHERE position = 10`], 10, 'altered'],
    [
      'its moment altered',
      [`UPDATE audit SET at = at + interval '1 millisecond' WHERE position = 10`],
      10,
      'altered'
    ],
    ['details put in', [`UPDATE audit SET details = '{}' WHERE position = 10`], 10, 'altered'],
    ['another hash', [`UPDATE audit SET hash = sha256('x') WHERE position = 10`], 10, 'altered'],
    ['missing', ['DELETE FROM audit WHERE position = 10'], 10, 'missing'],
    [
      'missing, and the rest moved up',
      [
        'DELETE FROM audit WHERE position = 10',
        'UPDATE audit SET position = -position WHERE position > 10',
        'UPDATE audit SET position = -position - 1 WHERE position < 0'
      ],
      10,
      'altered'
    ],
    [
      'two in each other’s place',
      [
        'UPDATE audit SET position = -10 WHERE position = 10',
        'UPDATE audit SET position = 10 WHERE position = 11',
        'UPDATE audit SET position = 11 WHERE position = -10'
      ],
      10,
      'altered'
    ],
    ['the beginning cut off', ['DELETE FROM audit WHERE position < 10'], 1, 'missing'],
    ['the end cut off', [`DELETE FROM audit WHERE position > ${last - 2}`], last - 1, 'missing'],
    ['all of it gone', ['DELETE FROM audit'], 1, 'missing'],
    [
      'made unsealed again',
      ['UPDATE audit SET position = NULL, hash = NULL WHERE position = 10'],
      10,
      'missing'
    ],
    [
      'put behind the end',
      [
        `INSERT INTO audit (id, action, resource, position, hash) VALUES (gen_random_uuid(), 'a', 'b', ${last + 1}, sha256('x'))`
      ],
      last + 1,
      'past_head'
    ],
    ['another end', [`UPDATE audit_head SET hash = sha256('x')`], last, 'other_head']
  ]
  for (const [what, statements, position, reason] of cases)
    t.match((await tampered(...statements))?.broken, { position, reason }, what)
  t.equal(
    (await tampered(`UPDATE audit SET action = 'tag.deleted' WHERE position = 10`))?.broken?.id,
    ten?.id
  )
  t.equal((await verifyAudit(db)).broken, null, 'as it is, it is whole')
})

t.test('several who seal at once, and are stopped, make one chain', async (t) => {
  let stopped = false
  const sealing = Array.from({ length: 3 }, async () => {
    while (!stopped) {
      const sequencer = startSequencer(db, () => {}, { pollMs: 5 })
      await new Promise((done) => setTimeout(done, 30))
      if (server)
        await db.query(
          {
            text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'dateline: sequencer' AND datname = current_database() AND random() < 0.5`
          },
          []
        )
      await sequencer.stop()
      await db.session('dateline: test', (session) => seal(session)).catch(() => {})
    }
  })
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 15; round++) await tag(room)
    })
  )
  stopped = true
  await Promise.all(sealing)
  await sealed()
  const verdict = await verifyAudit(db)
  const [{ count } = { count: 0 }] = await db.query<{ count: number }>(
    { text: 'SELECT count(*)::int AS count FROM audit' },
    []
  )
  t.equal(verdict.broken, null)
  t.equal(verdict.verified, count, 'everything has its place')
})

t.test('ends that were written down are read', async (t) => {
  t.same(readHead(`12:${'AB'.repeat(32)}`), { position: 12, hash: 'ab'.repeat(32) })
})
