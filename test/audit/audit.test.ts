/** Reading the audit: who may, and what each filter gives. */
import t from 'tap'
import { draft, everyone, newsroom, story, tag } from '../helper.ts'
import { walk } from '../traces.ts'

const room = await newsroom(t)
const { api, db, userIds } = room
const admin = { as: 'admin' } as const
const entries = async (query: string) =>
  (await api(`GET /v1/audit?limit=100&${query}`, { ...admin, expect: 200 })).body.data

for (const who of everyone) {
  const status = who === 'nobody' ? 401 : who === 'admin' ? 200 : 403
  t.test(`${who} reads the audit: ${status}`, async () => {
    await api('GET /v1/audit', { as: who, expect: status })
  })
}

t.test('what is told', async (t) => {
  const article = await draft(room)
  const moved = await api(`POST /v1/articles/${article.id}/stage`, {
    as: 'editor',
    ifMatch: 1,
    body: { to: 'in_review', note: 'Please look at the headline.' },
    expect: 200
  })
  const [entry] = await entries(`resourceId=${article.id}`)
  t.match(entry, {
    userId: userIds.editor,
    apiKeyId: null,
    action: 'article.stage_moved',
    resource: 'article',
    resourceId: article.id,
    fields: ['stage'],
    details: { from: 'draft', to: 'in_review' },
    network: '127.0.0.0/24',
    requestId: moved.headers.get('x-request-id')
  })

  const [{ id: personId }] = await entries('action=user.created')
  t.ok(personId)
  await api(`PATCH /v1/users/${userIds.contributor}`, {
    ...admin,
    body: { role: 'author', disabled: true },
    expect: 200
  })
  await api(`PATCH /v1/users/${userIds.contributor}`, {
    ...admin,
    body: { name: 'Another', disabled: false },
    expect: 200
  })
  const [back, away] = await entries(`resourceId=${userIds.contributor}&action=user.changed`)
  t.same(away.details, { roleFrom: 'contributor', roleTo: 'author', disabled: true })
  t.same(back.details, { disabled: false }, 'names are not told')

  const live = await story(room)
  const [published] = await entries(`resourceId=${live.id}&action=article.published`)
  t.match(published.details, { version: 1, liveFrom: live.publication.liveFrom, liveUntil: null })
  const at = new Date(Date.now() + 3_600_000).toISOString()
  await api(`POST /v1/articles/${live.id}/unpublish`, { as: 'editor', body: { at }, expect: 200 })
  t.same((await entries(`resourceId=${live.id}&action=article.unpublished`))[0].details, { at })
})

t.test('filters', async (t) => {
  for (let round = 0; round < 5; round++) await tag(room)
  await api('POST /v1/sessions', {
    body: { email: 'nobody@example.org', password: 'nothing to see here' },
    expect: 401
  })
  await db.query(
    {
      text: `INSERT INTO audit (id, action, resource, api_key_id) VALUES (gen_random_uuid(), 'tag.created', 'tag', $1::uuid)`
    },
    ['019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a33']
  )
  const all = await entries('')
  t.ok(all.length > 20 && all.length < 100, `${all.length}`)
  t.same(
    all,
    all.toSorted((a: { at: string; id: string }, b: { at: string; id: string }) =>
      a.at + a.id < b.at + b.id ? 1 : -1
    ),
    'newest first'
  )
  const session = all.find((entry: { sessionId: string }) => entry.sessionId).sessionId
  const middle = all[Math.floor(all.length / 2)]
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)
  const by = (query: string, keep: (entry: Record<string, string>) => boolean) =>
    t.test(query, async (t) => {
      const kept = all.filter(keep)
      t.ok(kept.length > 0 && kept.length < all.length, `${kept.length} of ${all.length}`)
      t.same(ids(await entries(query)), ids(kept))
    })
  await by(`user=${userIds.editor}`, (entry) => entry.userId === userIds.editor)
  await by(`session=${session}`, (entry) => entry.sessionId === session)
  await by('key=019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a33', (entry) => entry.apiKeyId !== null)
  await by('action=tag.created', (entry) => entry.action === 'tag.created')
  await by('action=session.refused', (entry) => entry.action === 'session.refused')
  await by('resource=site:en', (entry) => entry.resource === 'site:en')
  await by(`resourceId=${middle.resourceId}`, (entry) => entry.resourceId === middle.resourceId)
  await by(`since=${middle.at}`, (entry) => (entry.at as string) >= middle.at)
  await by(`until=${middle.at}`, (entry) => (entry.at as string) < middle.at)
  await by(
    `user=${userIds.editor}&action=tag.created&until=${all[1].at}`,
    (entry) =>
      entry.userId === userIds.editor && entry.action === 'tag.created' && (entry.at as string) < all[1].at
  )

  const { there, back } = await walk(room, '/v1/audit?action=tag.created'.replace('/v1', 'GET /v1'), admin, 2)
  t.same(there, ids(all.filter(({ action }: { action: string }) => action === 'tag.created')))
  t.same(back, there)
})

for (const [query, pointer] of [
  ['user=me', '/query/user'],
  ['action=', '/query/action'],
  ['action=%00', '/query/action'],
  ['since=yesterday', '/query/since'],
  ['until=2026-13-01T00:00:00Z', '/query/until'],
  ['limit=101', '/query/limit'],
  ['cursor=abc', '/query/cursor'],
  ['actor=me', '/query/actor']
] as const)
  t.test(`${query} is refused`, async (t) => {
    const { body } = await api(`GET /v1/audit?${query}`, { ...admin, expect: 400 })
    t.equal(body.errors?.[0]?.pointer, pointer)
  })
