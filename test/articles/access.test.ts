import t from 'tap'
import { author, CANARY, draft, everyone, newsroom, unique } from '../helper.ts'
import { writesNothing } from './ledger.ts'
import { type Article, articleIn, states, whoMay } from './states.ts'

const room = await newsroom(t)
const { api } = room

t.test('who may list articles, and sees which', async (t) => {
  const all: Article[] = []
  for (const as of ['contributor', 'author', 'editor'] as const) {
    for (const state of states) all.push({ ...(await articleIn(room, state, as)), state })
  }
  const untrashed = all.filter(({ state }) => state !== 'trashed')
  for (const who of everyone) {
    const answer = await api('GET /v1/articles?limit=100', { as: who })
    t.equal(answer.status, who === 'nobody' ? 401 : 200, who)
    if (who === 'nobody') continue
    const seen = untrashed.filter(
      ({ createdBy }) => who !== 'contributor' || createdBy === room.userIds.contributor
    )
    t.same(answer.body.data.map(({ id }: Article) => id).sort(), seen.map(({ id }) => id).sort(), who)
    const trash = (await api('GET /v1/articles?trashed=true&count=exact', { as: who, expect: 200 })).body
    t.equal(trash.page.count, who === 'contributor' ? 1 : 3, `${who}: the trash`)
  }
})

t.test('who may write an article', async (t) => {
  for (const [who, status] of [
    ['nobody', 401],
    ['contributor', 201],
    ['author', 201],
    ['editor', 201],
    ['admin', 201]
  ] as const) {
    const { body } = await api('POST /v1/articles', {
      as: who,
      body: { locale: 'en', headline: unique(who) },
      expect: status
    })
    if (who !== 'nobody') t.equal(body.createdBy, room.userIds[who], who)
  }
})

t.test('who may read an article', (t) =>
  whoMay(t, room, ({ id }) => [`GET /v1/articles/${id}`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['200 200 200 200', '404 404 404 404'],
    author: ['200 200 200 200', '200 200 200 200'],
    editor: ['200 200 200 200', '200 200 200 200'],
    admin: ['200 200 200 200', '200 200 200 200']
  })
)

t.test('who may change an article', (t) =>
  whoMay(
    t,
    room,
    ({ id, version }) => [`PATCH /v1/articles/${id}`, { ifMatch: version, body: { kicker: 'Coast' } }],
    {
      nobody: ['', '401 401 401 401'],
      contributor: ['200 403 403 409', '404 404 404 404'],
      author: ['200 200 200 409', '403 403 403 403'],
      editor: ['200 200 200 409', '200 200 200 409'],
      admin: ['200 200 200 409', '200 200 200 409']
    }
  )
)

t.test('who may put an article in the trash', (t) =>
  whoMay(t, room, ({ id, version }) => [`DELETE /v1/articles/${id}`, { ifMatch: version }], {
    nobody: ['', '401 401 401 401'],
    contributor: ['204 403 403 409', '404 404 404 404'],
    author: ['204 204 409 409', '403 403 403 403'],
    editor: ['204 204 409 409', '204 204 409 409'],
    admin: ['204 204 409 409', '204 204 409 409']
  })
)

t.test('who may take an article out of the trash', (t) =>
  whoMay(t, room, ({ id }) => [`POST /v1/articles/${id}/restore`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['409 403 403 200', '404 404 404 404'],
    author: ['409 409 409 200', '403 403 403 403'],
    editor: ['409 409 409 200', '409 409 409 200'],
    admin: ['409 409 409 200', '409 409 409 200']
  })
)

t.test('who may purge an article', (t) =>
  whoMay(t, room, ({ id, version }) => [`DELETE /v1/articles/${id}?purge=true`, { ifMatch: version }], {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['403 403 403 403', '403 403 403 403'],
    editor: ['403 403 403 403', '403 403 403 403'],
    admin: ['409 409 409 204', '409 409 409 204']
  })
)

t.test('an article one signs is one’s own', async (t) => {
  const mine = await author(room, { userId: room.userIds.contributor })
  const theirs = await author(room, { userId: room.userIds.author })
  const article = await draft(room, { as: 'editor', authors: [theirs.id, mine.id] })
  const read = await api(`GET /v1/articles/${article.id}`, { as: 'contributor', expect: 200 })
  t.equal(read.body.headline, article.headline)
  const list = await api(`GET /v1/articles?author=${mine.id}`, { as: 'contributor', expect: 200 })
  t.same(
    list.body.data.map(({ id }: Article) => id),
    [article.id]
  )
  await api(`PATCH /v1/articles/${article.id}`, {
    as: 'contributor',
    ifMatch: 1,
    body: { kicker: 'Signed' },
    expect: 200
  })
  await api(`PATCH /v1/articles/${article.id}`, {
    as: 'author',
    ifMatch: 2,
    body: { authors: [theirs.id] },
    expect: 200
  })
  await api(`GET /v1/articles/${article.id}`, { as: 'contributor', expect: 404 })
})

t.test('a contributor may no longer change what was published, even when it has ended', async (t) => {
  const { id, version } = await articleIn(room, 'live', 'contributor')
  await api(`POST /v1/articles/${id}/unpublish`, { as: 'editor', expect: 200 })
  await writesNothing(t, room, async () => {
    await api(`PATCH /v1/articles/${id}`, {
      as: 'contributor',
      ifMatch: version,
      body: { kicker: 'No' },
      expect: 403
    })
    await api(`DELETE /v1/articles/${id}`, { as: 'contributor', ifMatch: version, expect: 403 })
  })
  await api(`DELETE /v1/articles/${id}`, { as: 'editor', ifMatch: version, expect: 204 })
  await api(`POST /v1/articles/${id}/restore`, { as: 'contributor', expect: 403 })
})

t.test('what a contributor may not know of looks like what is not there', async (t) => {
  const hidden = await draft(room, { as: 'editor' })
  for (const request of [
    'GET /v1/articles/:id',
    'PATCH /v1/articles/:id',
    'DELETE /v1/articles/:id',
    'POST /v1/articles/:id/restore',
    'GET /v1/articles/:id/publications'
  ]) {
    const body = request.startsWith('PATCH') ? { kicker: 'No' } : undefined
    const ask = async (id: string) => {
      const answer = await api(request.replace(':id', id), {
        as: 'contributor',
        ifMatch: 1,
        body,
        expect: 404
      })
      return { ...answer.body, requestId: '' }
    }
    t.same(await ask(hidden.id), await ask('019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'), request)
  }
})

t.test('who is asked for before what is sent', async (t) => {
  for (const request of [
    'POST /v1/articles',
    'PATCH /v1/articles/nonsense',
    'DELETE /v1/articles/nonsense'
  ]) {
    const { headers, body } = await api(request, {
      headers: { 'content-type': 'application/json' },
      raw: '{',
      expect: 401
    })
    t.equal(headers.get('www-authenticate'), 'Bearer', request)
    t.equal(body.code, 'unauthenticated', request)
  }
  await api('GET /v1/articles/nonsense', { as: 'editor', expect: 400 })
})

t.test('answers to editors are nobody else’s to keep', async (t) => {
  const { id } = await draft(room)
  const answer = await api(`GET /v1/articles/${id}`, {
    as: 'editor',
    headers: { 'if-none-match': '"1"' },
    expect: 200
  })
  t.equal(answer.headers.get('cache-control'), 'private, no-store')
  t.equal(answer.headers.get('etag'), '"1"')
  t.match(answer.body.headline, CANARY)
})
