import t from 'tap'
import { ask, tellsOnce, writesNothing } from '../articles/ledger.ts'
import { whoMay } from '../articles/states.ts'
import { CANARY, newsroom, story, tag, unique } from '../helper.ts'
import { desk, Y2089 } from './desk.ts'

const room = await newsroom(t)
const { api } = room
const { clock, patch, publish, read, reinstate, seen, seenAt, timeline, unpublish, withdraw, write } =
  desk(room)

t.test('who may withdraw', (t) =>
  whoMay(t, room, ({ id }) => [`POST /v1/articles/${id}/withdraw`, { body: { reason: 'Court order' } }], {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['409 409 200 409', '403 403 403 403'],
    editor: ['409 409 200 409', '409 409 200 409'],
    admin: ['409 409 200 409', '409 409 200 409']
  })
)

t.test('who may reinstate', async (t) => {
  for (const [who, status] of [
    ['nobody', 401],
    ['contributor', 403],
    ['author', 403],
    ['editor', 200],
    ['admin', 200]
  ] as const) {
    const article = await story(room, { as: who === 'author' ? 'author' : 'editor' })
    await withdraw(article, { expect: 200 })
    t.equal((await reinstate(article, { as: who })).status, status, who)
  }
})

t.test(
  'withdrawn: 410 at every moment and address, in no list, with no way back but reinstating',
  async (t) => {
    const topic = await tag(room)
    const first = await story(room, { tags: [topic.id], headline: `${CANARY} in a published headline` })
    // From here on the canary is what was withdrawn.
    const second = await patch(first, { slug: unique('second-slug') })
    const before = (await clock()).toISOString()
    await publish(second)
    await publish(await patch(second, { kicker: 'Later' }), { liveFrom: Y2089 })
    const link = (
      await api(`POST /v1/articles/${first.id}/share-links`, {
        as: 'editor',
        body: { channel: 'x' },
        expect: 200
      })
    ).body
    const preview = (
      await api(`POST /v1/articles/${first.id}/previews`, { as: 'editor', body: {}, expect: 201 })
    ).body
    const { body } = await tellsOnce(t, room, { event: ['article.unscheduled', 'article.withdrawn'] }, () =>
      withdraw(first, { expect: 200 })
    )
    t.match(body, { version: 2, state: 'withdrawn' })
    t.equal((await timeline(first)).length, 2, 'what was scheduled is gone')
    t.match((await read(first)).publication, { state: 'withdrawn', hasUnpublishedChanges: false })

    for (const article of [first, second]) {
      t.match(await seen(article), { status: 410, body: { code: 'gone' } }, article.slug)
      for (const at of ['2001-01-01T00:00:00Z', before, Y2089, (await clock()).toISOString()])
        t.equal((await seenAt(article, at)).status, 410, `${article.slug} at ${at}`)
    }
    for (const path of ['/v1/content/articles?limit=100', `/v1/content/articles?tag=${topic.slug}`])
      t.notOk((await api(`GET ${path}`, { expect: 200 })).text.includes(first.id), path)
    t.notOk(
      (
        await api(`GET /v1/content/articles?at=${before}&limit=100`, { as: 'editor', expect: 200 })
      ).text.includes(first.id)
    )
    t.equal((await api(`GET /v1/content/tags/${topic.slug}`)).status, 404)
    t.match(await api(`GET /s/${link.code}`), { status: 410, body: { code: 'gone' } })
    t.equal((await api(`GET /v1/content/previews/${preview.token}`)).status, 404)
    t.match((await api(`GET /v1/content/resolve?path=/en/${first.slug}`, { expect: 200 })).body, {
      type: 'gone'
    })
    const found = (await api('GET /v1/articles?state=withdrawn&limit=100', { as: 'editor', expect: 200 }))
      .body.data
    t.ok(found.some(({ id }: { id: string }) => id === first.id))

    const version = (await read(first)).version
    for (const call of [
      () => api(`POST /v1/articles/${first.id}/publications`, { as: 'editor', ifMatch: version, body: {} }),
      () => withdraw(first)
    ]) {
      t.match(await writesNothing(t, room, call), { status: 409, body: { code: 'article_withdrawn' } })
    }
    t.match(await writesNothing(t, room, () => unpublish(first)), {
      status: 409,
      body: { code: 'not_on_timeline' }
    })
    await patch({ ...first, version }, { headline: 'As the court wants it', standfirst: '' })
    t.equal((await seen(second)).status, 410, 'the working copy is another matter')

    t.match(
      (await tellsOnce(t, room, { event: 'article.reinstated' }, () => reinstate(first, { expect: 200 })))
        .body,
      {
        state: 'ended',
        version: 2
      }
    )
    t.match(await writesNothing(t, room, () => reinstate(first)), {
      status: 409,
      body: { code: 'article_not_withdrawn' }
    })
    t.equal((await seen(second)).status, 404, 'nothing resumes by itself')
    t.equal((await api(`GET /v1/content/previews/${preview.token}`)).status, 404, 'nor do previews')
    const again = await publish(await read(first))
    t.equal((await seen(second, { expect: 200 })).body.headline, 'As the court wants it')
    t.equal(again.publishedAt, (await timeline(first))[0]?.from, 'first published is first published')
  }
)

t.test('a withdrawn slug may be another article’s', async (t) => {
  const slug = unique('contested')
  const first = await story(room, { slug })
  await withdraw(first, { expect: 200 })
  await api(`PATCH /v1/articles/${first.id}`, {
    as: 'editor',
    ifMatch: 1,
    body: { slug: unique('away') },
    expect: 200
  })
  const second = await story(room, { slug })
  t.equal((await seen({ slug }, { expect: 200 })).body.id, second.id)
  await unpublish(second, { expect: 200 })
  t.equal((await seen({ slug })).status, 404, 'the last one who had it is what counts')
  t.match((await api(`GET /v1/content/resolve?path=/en/${slug}`)).status, 404)
})

t.test('a withdrawn former slug takes nobody else’s way', async (t) => {
  const slug = unique('handed-on')
  const first = await story(room, { slug })
  await publish(await patch(first, { slug: unique('first-went-on') }))
  const second = await story(room, { slug })
  const moved = await patch(second, { slug: unique('second-went-on') })
  await publish(moved)
  await withdraw(first, { expect: 200 })
  const answer = await seen({ slug })
  t.match(
    [answer.status, answer.headers.get('location')],
    [301, `/v1/content/articles/${moved.slug}?locale=en`]
  )
  t.match((await api(`GET /v1/content/resolve?path=/en/${slug}`, { expect: 200 })).body, {
    type: 'article',
    slug: moved.slug
  })
})

t.test('in one language, the others stay', async (t) => {
  const en = await story(room)
  const ru = await story(room, { locale: 'ru', slug: en.slug })
  await withdraw(ru, { expect: 200 })
  t.equal(
    (await api(`GET /v1/content/articles/${en.slug}?locale=ru`)).status,
    410,
    'no falling back around a court'
  )
  t.equal((await seen(en, { expect: 200 })).body.id, en.id)
})

t.test('withdrawn before it was ever live', async (t) => {
  const article = await write()
  await publish(article, { liveFrom: Y2089 })
  t.match((await withdraw(article, { expect: 200 })).body, { state: 'cancelled', liveFrom: Y2089 })
  t.match((await read(article)).publication, { state: 'withdrawn' })
  t.equal((await seen(article)).status, 404, 'readers never knew of it')
  t.equal((await reinstate(article)).status, 204)
  t.match((await read(article)).publication, { state: 'none' })
})

t.test('the reason is kept for colleagues and never shown to readers', async (t) => {
  const article = await story(room)
  const reason = `${CANARY}: the judge says so`
  await withdraw(article, { body: { reason }, expect: 200 })
  t.match((await read(article)).withdrawal, { reason, at: /^\d{4}-/ })
  t.equal((await read(await story(room))).withdrawal, null)
  t.equal(
    await ask(room, 'SELECT count(*)::int FROM events WHERE payload::text LIKE $1', `%${CANARY}: the judge%`),
    0
  )
  t.equal((await seen(article)).status, 410)
})
