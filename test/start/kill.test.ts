/** kill -9 in the middle of everything: what was acknowledged is there, what was not has left nothing half done. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { freshDatabase } from '../helper.ts'
import { freePort, launch, start } from './process.ts'

const ADMIN = { email: 'chief@example.org', password: 'nine blue lamps in fog' }
const WRITES = 200
const KILLS = 6

const folder = mkdtempSync(join(tmpdir(), 'dateline-kill-'))
const onServer = process.env.TEST_DATABASE_URL ? await freshDatabase() : null
t.teardown(async () => {
  await onServer?.drop()
  rmSync(folder, { recursive: true, force: true })
})
const url = onServer?.settings.kind === 'server' ? onServer.settings.url : null
const settings = {
  DATELINE_DATA: folder,
  PORT: String(await freePort()),
  DEMO: 'false',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  ...(url && { DATABASE_URL: url })
}
const connection: pg.ClientConfig = url
  ? { connectionString: url }
  : { host: folder, user: 'postgres', database: 'postgres' }

t.test('starts cut short at any moment are simply repeated', async (t) => {
  for (const moment of [50, 400, 900, 1500, 2200]) {
    const cut = launch({ ...settings, DEMO: 'true' })
    // Where in the start this falls is left to chance on purpose: no moment may be a bad one.
    await new Promise((done) => setTimeout(done, moment))
    await cut.stop('SIGKILL')
  }
  const dateline = await start({ ...settings, DEMO: 'true' })
  const { data } = await json(await fetch(`${dateline.url}/v1/content/articles?limit=100`))
  t.equal(data.length, 12, 'the demo newsroom is there whole')
  for (const [locale, title] of [
    ['en', 'The most important world news'],
    ['ru', 'Самые важные новости мира']
  ]) {
    const list = await json(await fetch(`${dateline.url}/v1/content/lists/world-news?locale=${locale}`))
    t.match(list, { title, data: { length: 5 } }, 'with its curated list')
  }
  await dateline.stop()
})

t.test(`${WRITES} writes with ${KILLS} kills: every acknowledged one is there`, async (t) => {
  const acknowledged: { id: string; version: number; live: boolean }[] = []
  const killAt = new Set(
    Array.from({ length: KILLS }, (_, index) => Math.floor(((index + Math.random()) * WRITES) / KILLS))
  )
  // A port of its own each time: no connection of before is taken up again.
  const again = async () => start({ ...settings, PORT: String(await freePort()) })
  let dateline = await again()
  let token = await signIn(dateline.url)
  for (let write = 0; write < WRITES; write++) {
    const work = writeOne(dateline.url, token, write, acknowledged)
    if (!killAt.has(write)) {
      await work.catch(() => {})
      continue
    }
    // The kill comes while the writes are under way: some more of them, so that it falls into the midst of one.
    const more = Array.from({ length: 4 }, (_, index) =>
      writeOne(dateline.url, token, write * 1000 + index, acknowledged)
    )
    const crowd = Promise.allSettled([work, ...more])
    await new Promise((done) => setTimeout(done, Math.random() * 30))
    await dateline.stop('SIGKILL')
    await crowd
    dateline = await again()
    token = await signIn(dateline.url)
  }

  t.ok(acknowledged.length > WRITES / 2, `${acknowledged.length} writes were acknowledged`)
  const client = new pg.Client(connection)
  await client.connect()
  for (const { id, version, live } of acknowledged) {
    const { rows } = await client.query(
      `SELECT a.version, (SELECT count(*)::int FROM revisions r WHERE r.article_id = a.id) AS revisions,
        (SELECT count(*)::int FROM publications p WHERE p.article_id = a.id) AS publications
       FROM articles a WHERE a.id = $1`,
      [id]
    )
    t.ok(rows[0]?.version >= version, `${id} is there with version ${version}`)
    t.equal(rows[0]?.revisions, rows[0]?.version, 'with a revision for each version')
    if (live) t.equal(rows[0]?.publications, 1, 'and its publication')
  }
  const orphans = async (what: string, query: string) =>
    t.equal((await client.query(query)).rowCount, 0, what)
  await orphans(
    'no article without its revisions',
    `SELECT FROM articles a WHERE version <> (SELECT count(*) FROM revisions r WHERE r.article_id = a.id)`
  )
  await orphans(
    'no article without its event',
    `SELECT FROM articles a WHERE NOT EXISTS (SELECT FROM events e WHERE e.subject_id = a.id AND e.type = 'article.created')`
  )
  await orphans(
    'no article without its audit row',
    `SELECT FROM articles a WHERE NOT EXISTS (SELECT FROM audit e WHERE e.resource_id = a.id AND e.action = 'article.created')`
  )
  await orphans(
    'no event without its article',
    `SELECT FROM events e WHERE e.type LIKE 'article.%' AND NOT EXISTS (SELECT FROM articles a WHERE a.id = e.subject_id)`
  )
  await orphans(
    'no audit row without its article',
    `SELECT FROM audit e WHERE e.resource = 'article' AND NOT EXISTS (SELECT FROM articles a WHERE a.id = e.resource_id)`
  )
  await orphans(
    'no publication without its event',
    `SELECT FROM publications p WHERE NOT EXISTS (SELECT FROM events e WHERE e.subject_id = p.article_id AND e.type IN ('article.published', 'article.scheduled'))`
  )
  await client.end()
  t.equal(await dateline.stop(), 0)
})

// biome-ignore lint/suspicious/noExplicitAny: read as what is expected, and failing where it is not
const json = (response: Response) => response.json() as Promise<any>

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN)
  })
  return (await json(response)).accessToken
}

/** Writes an article, changes every second one, publishes every third. Notes what was acknowledged as it comes. */
async function writeOne(
  url: string,
  token: string,
  number: number,
  acknowledged: { id: string; version: number; live: boolean }[]
) {
  const send = (method: string, path: string, version: number | null, body: object) =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(version && { 'if-match': `"${version}"` })
      },
      body: JSON.stringify(body)
    })
  const made = await send('POST', '/v1/articles', null, {
    locale: 'en',
    headline: `Story ${number}`,
    body: { markdown: 'It was late.' }
  })
  if (made.status !== 201) return
  const note = { id: (await json(made)).id, version: 1, live: false }
  acknowledged.push(note)
  if (
    number % 2 === 0 &&
    (await send('PATCH', `/v1/articles/${note.id}`, 1, { kicker: 'Coast' })).status === 200
  )
    note.version = 2
  if (
    number % 3 === 0 &&
    (await send('POST', `/v1/articles/${note.id}/publications`, note.version, {})).status === 201
  )
    note.live = true
}
