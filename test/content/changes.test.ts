/** What readers are told of each thing editors do, page by page. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { root } from '../../src/root.ts'
import { author, draft, newsroom, story, tag, unique } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { type Change, liveNow, readOn, replayed, settled, untruths } from './feed.ts'

const room = await newsroom(t)
const { api, db } = room
const { publish, patch, read, soon, unpublish, withdraw, reinstate, write, cancel, change, clock } =
  desk(room)
const editor = { as: 'editor' } as const

/** The changes that `work` makes, in words. */
async function told(work: () => Promise<unknown>) {
  await settled(room)
  const { next } = await readOn(room, null)
  await work()
  await settled(room)
  const { changes } = await readOn(room, next)
  return changes
}
const words = (changes: Change[]) =>
  changes.map(({ type, reason, article, at }) => [type, reason, article.slug, at])
const past = async (moment: string) => {
  while ((await clock()).toISOString() <= moment) await new Promise((done) => setTimeout(done, 5))
}

t.test('each deed and what is told of it', async (t) => {
  const article = await write({ slug: unique('first') })
  const { id, storyId, locale, slug } = article
  let publication = { liveFrom: '' }
  const first = await told(async () => {
    publication = await publish(article)
  })
  t.match(first, [
    { type: 'upsert', reason: 'published', article: { id, storyId, locale, slug }, at: publication.liveFrom }
  ])
  t.same(Object.keys(first[0]?.article ?? {}), ['id', 'storyId', 'locale', 'slug'])

  t.same(await told(() => patch(article, { headline: 'Only a draft' })), [], 'editing tells nothing')
  const other = `${slug}-now`
  const renamed = await patch(await read(article), { slug: other })
  t.same(
    words(
      await told(async () => {
        publication = await publish(renamed)
      })
    ),
    [['upsert', 'corrected', other, publication.liveFrom]]
  )
  t.same(
    await told(() => publish(renamed, {}, { expect: 200 })),
    [],
    'publishing what is there tells nothing'
  )

  let answer = await unpublish(article)
  await settled(room)
  const ended = (await readOn(room, null)).changes.at(-1) as Change
  t.same(words([ended]), [['remove', 'ended', other, answer.body.liveUntil]])

  t.same(
    words(
      await told(async () => {
        publication = await publish(renamed)
      })
    ),
    [['upsert', 'published', other, publication.liveFrom]]
  )
  t.same(
    words(
      await told(async () => {
        answer = await withdraw(article)
      })
    ),
    [['remove', 'withdrawn', other, answer.body.liveUntil]]
  )
  t.same(await told(() => reinstate(article)), [], 'lifting a withdrawal publishes nothing')
  t.same(await told(() => withdraw(article)), [], 'nor is anything said of what was not live')
})

t.test('due moments are told, at the moment itself', async (t) => {
  const article = await write({ slug: unique('due') })
  const [from, then, end] = [await soon(2500), await soon(3000), await soon(3500)]
  const changes = await told(async () => {
    await publish(article, { liveFrom: from, liveUntil: end })
    const corrected = await patch(article, { headline: 'Better' })
    await publish(corrected, { liveFrom: then })
    t.equal((await api(`GET /v1/content/changes`)).text.includes(article.id), false, 'nothing before')
    await past(end)
  })
  t.same(words(changes), [
    ['upsert', 'published', article.slug, from],
    ['upsert', 'corrected', article.slug, then],
    ['remove', 'ended', article.slug, end]
  ])
  const events = await db.query<{ type: string; at: Date; keys: string[]; payload: Record<string, unknown> }>(
    {
      text: `SELECT type, at, surrogate_keys AS keys, payload FROM events WHERE subject_id = $1::uuid
        AND type IN ('article.published', 'article.ended') ORDER BY position`
    },
    [article.id]
  )
  t.match(
    events.map(({ type, at, payload }) => [type, at.toISOString(), payload.slug]),
    [
      ['article.published', from, article.slug],
      ['article.published', then, article.slug],
      ['article.ended', end, article.slug]
    ],
    'the outbox has them too'
  )
  for (const { keys, payload } of events) {
    t.ok(keys.includes(`article:${article.id}`) && keys.includes(`slug:${article.slug}`))
    t.match(payload, { id: article.id, locale: 'en', publicationId: String, liveFrom: String })
  }
})

t.test('a correction that lies ahead changes nothing yet, and holds up nobody', async (t) => {
  const article = await story(room)
  t.same(await told(() => publish(article, { liveFrom: '2089-01-01T00:00:00Z' })), [])
  t.equal((await told(() => story(room))).length, 1)
  t.same(
    (await told(() => unpublish(article))).map(({ reason }) => reason),
    ['ended']
  )
})

t.test('what is cancelled or moved before its moment is not told', async (t) => {
  const article = await write({ slug: unique('moved') })
  const moment = await soon(3000)
  const later = await soon(3500)
  const changes = await told(async () => {
    const scheduled = await publish(article, { liveFrom: moment })
    await change(scheduled, { liveFrom: later }, { expect: 200 })
    const second = await publish(await patch(article, { headline: 'Other' }), { liveFrom: await soon(3250) })
    await cancel(second, { expect: 200 })
    await past(later)
  })
  t.same(words(changes), [['upsert', 'published', article.slug, later]])
})

t.test('tags and authors are shown by their present names', async (t) => {
  const [topic, other, person] = [await tag(room), await tag(room), await author(room)]
  const shown = await story(room, { tags: [topic.id], authors: [person.id] })
  const survivorOnly = await story(room, { tags: [other.id] })
  await draft(room, { tags: [topic.id], authors: [person.id] })
  const past = await story(room, { tags: [topic.id], authors: [person.id] })
  await unpublish(past)
  const version = async (path: string) => (await api(`GET ${path}`, editor)).body.version
  const send = async (method: string, path: string, body?: object, search = '') =>
    api(`${method} ${path}${search}`, { ...editor, ifMatch: await version(path), body, expect: [200, 204] })

  const tagPath = `/v1/tags/${topic.id}`
  t.same(
    await told(() => send('PATCH', tagPath, { descriptions: { en: 'More' } })),
    [],
    'a description is not shown'
  )
  const rows: [what: string, reason: string, slugs: string[], work: () => Promise<unknown>][] = [
    ['a tag has another name', 'tags', [shown.slug], () => send('PATCH', tagPath, { names: { en: 'Else' } })],
    ['a tag has another slug', 'tags', [shown.slug], () => send('PATCH', tagPath, { slug: unique('else') })],
    [
      'an author has another name',
      'corrected',
      [shown.slug],
      () => send('PATCH', `/v1/authors/${person.id}`, { name: 'Anew' })
    ],
    [
      'a tag is merged into another',
      'tags',
      [shown.slug],
      () => api(`POST ${tagPath}/merge`, { ...editor, body: { into: other.id }, expect: 200 })
    ],
    [
      'a tag is deleted by force',
      'tags',
      [shown.slug, survivorOnly.slug].sort(),
      () => send('DELETE', `/v1/tags/${other.id}`, undefined, '?force=true')
    ]
  ]
  for (const [what, reason, slugs, work] of rows) {
    const changes = await told(work)
    t.same(
      changes.map(({ type, reason }) => [type, reason]),
      slugs.map(() => ['upsert', reason]),
      what
    )
    t.same(changes.map(({ article }) => article.slug).sort(), slugs, what)
  }
})

t.test('a purged article was told to be gone before', async (t) => {
  const article = await story(room)
  await unpublish(article)
  await api(`DELETE /v1/articles/${article.id}`, { ...editor, ifMatch: article.version, expect: 204 })
  const purge = () =>
    api(`DELETE /v1/articles/${article.id}?purge=true`, {
      as: 'admin',
      ifMatch: article.version,
      expect: 204
    })
  t.same(await told(purge), [])
  const { changes } = await readOn(room, null)
  t.same(
    changes.filter((one) => one.article.id === article.id).map(({ reason }) => reason),
    ['published', 'ended']
  )
})

t.test('pages, cursors and filters', async (t) => {
  const russian = await story(room, { locale: 'ru', slug: unique('ru') })
  await settled(room)
  const whole = await readOn(room, null)
  t.same(untruths(whole.changes), [])
  t.same(replayed(whole.changes), await liveNow(room))
  t.same((await readOn(room, null, { limit: 2 })).changes, whole.changes, 'by twos')
  for (const { id } of whole.changes.slice(3, 6)) {
    const index = whole.changes.findIndex((one) => one.id === id)
    t.same((await readOn(room, id)).changes, whole.changes.slice(index + 1), 'an id is a cursor')
  }
  const end = await api(`GET /v1/content/changes?cursor=${whole.next}`, { expect: 200 })
  t.match(end.body, { data: [], page: { limit: 100, hasMore: false, next: whole.next, prev: null } })
  t.equal(end.headers.get('cache-control'), 'public, max-age=0, s-maxage=1')
  const signed = await api('GET /v1/content/changes', editor)
  t.equal(signed.headers.get('cache-control'), 'private, no-store')

  const some = await readOn(room, null, { locale: 'ru' })
  t.same(
    some.changes.map(({ article }) => article.slug),
    [russian.slug]
  )
  await story(room)
  await settled(room)
  const quiet = await readOn(room, some.next, { locale: 'ru' })
  t.same(quiet.changes, [])
  t.not(quiet.next, some.next, 'the cursor of a quiet locale goes on')

  for (const cursor of ['x', whole.next.slice(0, -1), some.next, `${whole.next}A`]) {
    for (const route of ['changes', 'stream']) {
      const answer = await api(`GET /v1/content/${route}?cursor=${cursor}`, { expect: 400 })
      t.match(answer.body, { code: 'invalid_cursor', errors: [{ pointer: '/query/cursor' }] })
    }
  }
  for (const search of ['limit=0', 'limit=101', 'at=2030-01-01T00:00:00Z', 'locale=EN', 'cursor='])
    await api(`GET /v1/content/changes?${search}`, { expect: 400 })
})

t.test('kept for thirty days, and the last word on what is live for good', async (t) => {
  const { trim } = await import('../../src/events/trimming.ts')
  const [steady, gone, renamed] = [await story(room), await story(room), await story(room)]
  await settled(room)
  const early = await readOn(room, null)
  await unpublish(gone)
  const again = await publish(await patch(await read(renamed), { headline: 'Again' }))
  await settled(room)
  const before = await readOn(room, null)
  const age = (days: number) =>
    db.query({ text: `UPDATE changes SET told_at = told_at - $1::int * interval '1 day'` }, [days])
  const cut = () => db.session('dateline: test', trim)
  await age(29)
  await cut()
  t.same((await readOn(room, null)).changes, before.changes, 'nothing goes before its time')
  await age(3)
  await story(room)
  await settled(room)

  // Somebody is on the way through the pages when they are cut.
  const started = (await api('GET /v1/content/changes?limit=1', { expect: 200 })).body.page.next
  await cut()
  const left = await readOn(room, null)
  t.ok(left.changes.length < before.changes.length)
  t.same(replayed(left.changes), await liveNow(room), 'from the beginning: exactly what is live')
  t.notOk(left.changes.some(({ article }) => article.id === gone.id))
  t.match(
    left.changes.filter(({ article }) => article.id === renamed.id),
    [{ reason: 'corrected', at: again.liveFrom }]
  )
  for (const cursor of [started, early.next, early.changes[0]?.id]) {
    for (const route of ['changes', 'stream']) {
      const { body } = await api(`GET /v1/content/${route}?cursor=${cursor}`, { expect: 410 })
      t.equal(body.code, 'cursor_expired')
    }
  }
  t.same((await readOn(room, before.next)).changes.length, 1, 'a cursor that is young enough goes on')
  t.same(
    (await readOn(room, null, { limit: 1 })).changes,
    left.changes,
    'a walk through what is left is not too old'
  )
  for (const [index, { id }] of left.changes.entries()) {
    t.same((await readOn(room, id)).changes, left.changes.slice(index + 1), `it goes on from change ${index}`)
    await api('GET /v1/content/stream', { headers: { 'last-event-id': id }, expect: 200 })
  }

  await unpublish(steady)
  await settled(room)
  const after = await readOn(room, null)
  t.same(
    after.changes.filter(({ article }) => article.id === steady.id).map(({ type }) => type),
    ['remove'],
    'old news goes when there is newer'
  )
  t.same(replayed(after.changes), await liveNow(room))
})

t.test('a database from before begins with what is live, and with what is due', async (t) => {
  const file = new URL('prisma/migrations/20261125030000_change_feed/migration.sql', root)
  const [, taking] =
    /^-- ---- What was there before -+\n([\s\S]*?)^-- ----/m.exec(readFileSync(file, 'utf8')) ?? []
  const article = await write({ slug: unique('upgrade') })
  const [from, end] = [await soon(4000), await soon(4500)]
  await publish(article, { liveFrom: from, liveUntil: end })
  await settled(room)
  const before = await liveNow(room)
  t.ok(Object.keys(before).length > 3)
  await db.session('dateline: test', (session) =>
    session.transaction(async () => {
      await session.query('SELECT FROM feed FOR UPDATE')
      await session.query('UPDATE events SET position = NULL')
      for (const table of ['changes', 'announced', 'feed']) await session.query(`DELETE FROM ${table}`)
      await session.query(taking as string)
    })
  )
  const { changes, next } = await readOn(room, null)
  t.same(replayed(changes), before)
  t.equal(changes.length, Object.keys(before).length, 'each once')
  t.same(new Set(changes.map(({ reason }) => reason)), new Set(['published']))
  await past(end)
  await settled(room)
  t.same(words((await readOn(room, next)).changes), [
    ['upsert', 'published', article.slug, from],
    ['remove', 'ended', article.slug, end]
  ])
})
