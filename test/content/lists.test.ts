import t from 'tap'
import type { Article } from '../articles/states.ts'
import { CANARY, draft, everyone, newsroom, type Options, story, tag, unique } from '../helper.ts'

const room = await newsroom(t)
const { api, db } = room
// biome-ignore lint/suspicious/noExplicitAny: a list as the API shows it
type List = any

const editor = { as: 'editor' } as const
const get = (path: string, options: Options = {}) => api(`GET /v1/content/lists/${path}`, options)
const ids = async (path: string, options: Options = {}): Promise<string[]> =>
  (await get(path, { expect: 200, ...options })).body.data.map(({ id }: Article) => id)
const idsOf = (...articles: Article[]) => articles.map(({ id }) => id)
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { ...editor, ifMatch: version, body, expect: 201 })
const unpublish = ({ id }: Article) => api(`POST /v1/articles/${id}/unpublish`, { ...editor, expect: 200 })

type Pin = { storyId: string; pinnedUntil?: string | null }

/** A list with these items. */
async function list(items: Pin[], fields: object = {}): Promise<List> {
  const body = { slug: unique('list'), titles: { en: 'World' }, size: 100, ...fields }
  const made = (await api('POST /v1/lists', { ...editor, body, expect: 201 })).body
  return put(made, items)
}

const put = async ({ id, version }: List, items: Pin[]): Promise<List> =>
  (
    await api(`PUT /v1/lists/${id}/items`, {
      ...editor,
      ifMatch: version,
      body: items.map(({ storyId, pinnedUntil }) => ({ storyId, pinnedUntil: pinnedUntil ?? null })),
      expect: 200
    })
  ).body

/** As if its time had come: until a moment that is past. */
const expire = ({ id }: List, { storyId }: Pin) =>
  db.query(
    {
      text: `UPDATE list_items SET pinned_until = clock_timestamp() WHERE list_id = $1::uuid AND story_id = $2::uuid`
    },
    [id, storyId]
  )

t.test('live stories of one locale, in the order of the list', async (t) => {
  const [one, two, three] = [await story(room), await story(room), await story(room)]
  const other = (
    await api('POST /v1/articles', {
      ...editor,
      body: { locale: 'ru', headline: 'Только по-русски', body: { markdown: 'Да.' } },
      expect: 201
    })
  ).body
  await publish(other)
  const made = await list([two, other, three, one], { titles: { en: 'World', ru: 'Мир' } })
  const { body, headers } = await get(made.slug, { expect: 200 })
  t.match(body, { slug: made.slug, title: 'World', locale: 'en' })
  t.same(Object.keys(body), ['slug', 'title', 'locale', 'data'])
  t.same(idsOf(...body.data), idsOf(two, three, one))
  t.equal(headers.get('content-language'), 'en')

  const items = (await api('GET /v1/content/articles?limit=100', { expect: 200 })).body.data
  t.same(
    body.data,
    [two, three, one].map(({ id }) => items.find((item: Article) => item.id === id)),
    'each as it is in other lists'
  )

  const russian = await get(`${made.slug}?locale=ru`, { expect: 200 })
  t.match(russian.body, { title: 'Мир', locale: 'ru' })
  t.same(idsOf(...russian.body.data), idsOf(other))
  t.equal(russian.headers.get('content-language'), 'ru')
  t.match((await get(`${made.slug}?locale=hy`, { expect: 200 })).body, {
    title: null,
    locale: 'hy',
    data: []
  })
  const english = await list([two])
  t.match((await get(`${english.slug}?locale=ru`, { expect: 200 })).body, { title: null, data: [] })

  await put(made, [one, two])
  t.same(await ids(made.slug), idsOf(one, two), 'a change is there at once')
})

t.test('what is not live is not there, and nothing of it', async (t) => {
  const live = await story(room)
  const [plain, scheduled, ended, bounded, withdrawn, revised] = [
    await draft(room),
    await draft(room),
    await story(room),
    await story(room),
    await story(room, { headline: unique('Story') }),
    await story(room)
  ]
  await publish(scheduled, { liveFrom: '2090-01-01T00:00:00Z' })
  await unpublish(ended)
  await db.query(
    {
      text: `UPDATE publications SET live_until = live_from + interval '1 millisecond' WHERE article_id = $1::uuid`
    },
    [bounded.id]
  )
  await db.query({ text: 'UPDATE publications SET withdrawn = true WHERE article_id = $1::uuid' }, [
    withdrawn.id
  ])
  await api(`PATCH /v1/articles/${revised.id}`, {
    ...editor,
    ifMatch: 1,
    body: { headline: CANARY, standfirst: CANARY, kicker: CANARY },
    expect: 200
  })
  const stories = [plain, scheduled, ended, bounded, withdrawn, revised, live]
  for (const fields of [{}, { tail: { tag: null } }]) {
    const made = await list(stories, fields)
    const answer = await get(made.slug, { expect: 200 })
    t.notMatch(answer.text, CANARY)
    t.same(idsOf(...answer.body.data).slice(0, 2), idsOf(revised, live))
    for (const article of [plain, scheduled, ended, bounded, withdrawn]) {
      t.notMatch(answer.text, article.id)
      t.notMatch(answer.text, article.storyId)
    }
  }
  const nothing = await list([plain, scheduled])
  t.same((await get(nothing.slug, { expect: 200 })).body.data, [])
})

t.test('what has had its time is left out', async (t) => {
  const [one, two, three] = [await story(room), await story(room), await story(room)]
  const pinnedUntil = '2090-01-01T00:00:00Z'
  const made = await list([{ ...one, pinnedUntil }, { ...two, pinnedUntil }, three])
  t.same(await ids(made.slug), idsOf(one, two, three))
  await expire(made, one)
  t.same(await ids(made.slug), idsOf(two, three))
})

t.test('the size, and the tail that fills it up', async (t) => {
  const [sea, land] = [await tag(room), await tag(room)]
  const a = await story(room, { tags: [sea.id] })
  const b = await story(room, { tags: [land.id, sea.id] })
  const c = await story(room, { tags: [land.id] })
  const d = await story(room, { tags: [sea.id] })
  const e = await story(room)
  const russian = await story(room, { locale: 'ru', tags: [sea.id], headline: 'Море' })
  await draft(room, { tags: [sea.id] })
  await unpublish(await story(room, { tags: [sea.id] }))
  await publish(await draft(room, { tags: [sea.id] }), { liveFrom: '2090-01-01T00:00:00Z' })
  // A second publication moves nothing and comes once.
  await publish(
    (
      await api(`PATCH /v1/articles/${a.id}`, {
        ...editor,
        ifMatch: 1,
        body: { kicker: 'Again' },
        expect: 200
      })
    ).body
  )

  const all = { tag: null }
  const ofSea = { tag: sea.id }
  for (const [what, items, size, tail, expected] of [
    ['longer than its size', [a, c, b, e], 2, null, [a, c]],
    ['longer than its size, with a tail', [a, c, b, e], 2, all, [a, c]],
    ['as long as its size', [a, c], 2, all, [a, c]],
    ['shorter, without a tail', [a, c], 4, null, [a, c]],
    ['filled up with the newest', [c, a], 4, all, [c, a, e, d]],
    ['filled up with the newest, none of them twice', [e, b], 4, all, [e, b, d, c]],
    ['filled up from a tag', [a], 3, ofSea, [a, d, b]],
    ['what is pinned needs no tag', [e, d], 4, ofSea, [e, d, b, a]],
    ['filled up as far as there are', [c], 100, ofSea, [c, d, b, a]],
    ['a tail alone', [], 2, all, [e, d]],
    ['a tail of a tag alone', [], 100, ofSea, [d, b, a]],
    ['neither', [], 100, null, []]
  ] as const) {
    const made = await list([...items], { size, tail })
    t.same(await ids(made.slug), idsOf(...expected), what)
  }

  const inRussian = await list([a], { tail: ofSea })
  t.same(await ids(`${inRussian.slug}?locale=ru`), idsOf(russian), 'a tail does not fall back either')

  const made = await list([{ ...a, pinnedUntil: '2090-01-01T00:00:00Z' }, e], { size: 3, tail: ofSea })
  t.same(await ids(made.slug), idsOf(a, e, d))
  await expire(made, a)
  t.same(await ids(made.slug), idsOf(e, d, b), 'its place is filled')
  await unpublish(d)
  t.same(await ids(made.slug), idsOf(e, b, a), 'and one that had its time comes back with the tail')
})

t.test('as of another moment, for editors', async (t) => {
  const past = '2020-01-01T00:00:00Z'
  const [soon, later] = ['2090-01-01T00:00:00Z', '2090-02-01T00:00:00Z']
  const topic = await tag(room)
  const pinned = await story(room)
  const [coming, ending, tailing] = [
    await draft(room),
    await draft(room, { headline: unique('Ending'), standfirst: '', body: { markdown: 'Yes.' } }),
    await draft(room, { tags: [topic.id] })
  ]
  await publish(coming, { liveFrom: soon })
  await publish(tailing, { liveFrom: soon })
  await publish(ending, { liveUntil: later })
  const made = await list([{ ...pinned, pinnedUntil: later }, coming, ending], { tail: { tag: topic.id } })
  for (const [at, expected] of [
    [undefined, [pinned, ending]],
    [past, []],
    ['2089-12-31T23:59:59.999Z', [pinned, ending]],
    [soon, [pinned, coming, ending, tailing]],
    ['2090-01-31T23:59:59.999Z', [pinned, coming, ending, tailing]],
    [later, [coming, tailing]]
  ] as const) {
    const path = at ? `${made.slug}?at=${at}` : made.slug
    t.same(await ids(path, editor), idsOf(...expected), at ?? 'now')
  }
  for (const [who, status] of [
    ['nobody', 401],
    ['contributor', 403],
    ['author', 403],
    ['editor', 200],
    ['admin', 200]
  ] as const)
    await get(`${made.slug}?at=${soon}`, { as: who, expect: status })
})

t.test('everybody may read it, caches too', async (t) => {
  const made = await list([await story(room)])
  for (const who of everyone) {
    const { headers } = await get(made.slug, { as: who, expect: 200 })
    t.equal(headers.get('cache-control')?.startsWith('public'), who === 'nobody', who)
  }
  const { headers } = await get(made.slug)
  const etag = headers.get('etag') ?? ''
  t.match(etag, /^"[\w-]{27}"$/)
  await get(made.slug, { headers: { 'if-none-match': etag }, expect: 304 })
  await put(made, [])
  await get(made.slug, { headers: { 'if-none-match': etag }, expect: 200 })
  await api(`HEAD /v1/content/lists/${made.slug}`, { expect: 200 })
  for (const query of ['?limit=5', '?locale=English', '?at=now', '?tail=true'])
    await get(made.slug + query, { ...editor, expect: 400 })
})

t.test('one that is not there, or no more: 404', async (t) => {
  const made = await list([])
  await api(`DELETE /v1/lists/${made.id}`, { ...editor, ifMatch: made.version, expect: 204 })
  for (const slug of [unique('none'), made.slug, made.id, 'World'])
    t.equal((await get(slug, { expect: 404 })).headers.get('cache-control'), 'no-store')
})
