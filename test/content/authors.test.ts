import t from 'tap'
import type { Article } from '../articles/states.ts'
import { author, CANARY, draft, everyone, newsroom, type Options, story, unique } from '../helper.ts'

const room = await newsroom(t)
const { api } = room
// biome-ignore lint/suspicious/noExplicitAny: an author as the API shows it
type Author = any

const editor = { as: 'editor' } as const
const get = (path: string, options: Options = {}) => api(`GET /v1/content/authors${path}`, options)
const list = async (query = ''): Promise<Author[]> => (await get(query, { expect: 200 })).body.data
const unpublish = ({ id }: Article) => api(`POST /v1/articles/${id}/unpublish`, { ...editor, expect: 200 })
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { ...editor, ifMatch: version, body, expect: 201 })
const shown = ({ slug, articleCount }: Author) => [slug, articleCount]

t.test('those who signed live articles, with how many there are in the locale', async (t) => {
  const picture = { url: 'https://images.example/ada.jpg', alt: 'Ada' }
  const ada = await author(room, {
    slug: 'a-ada',
    name: 'Ada Moss',
    bios: { en: 'Ada writes about tides.', ru: 'Ада пишет о приливах.' },
    image: picture,
    links: [{ label: 'Her site', url: 'https://ada.example/' }]
  })
  const bo = await author(room, { slug: 'b-bo', name: 'Bo Reed' })
  const idle = await author(room, { slug: 'c-idle', name: CANARY, bios: { en: CANARY } })
  await story(room, { authors: [ada.id] })
  const both = await story(room, { authors: [bo.id, ada.id] })
  await story(room, { authors: [bo.id], locale: 'ru' })
  await draft(room, { authors: [ada.id, idle.id] })
  await unpublish(await story(room, { authors: [ada.id, idle.id] }))
  await publish(await draft(room, { authors: [ada.id, idle.id] }), { liveFrom: '2090-01-01T00:00:00Z' })
  await publish(
    (
      await api(`PATCH /v1/articles/${both.id}`, {
        ...editor,
        ifMatch: 1,
        body: { kicker: 'Again' },
        expect: 200
      })
    ).body
  )

  t.same((await list()).map(shown), [
    ['a-ada', 2],
    ['b-bo', 1]
  ])
  t.same((await list('?locale=ru')).map(shown), [['b-bo', 1]], 'counts never fall back')
  t.same(await list('?locale=hy'), [])
  t.same((await get('/a-ada', { expect: 200 })).body, {
    slug: 'a-ada',
    name: 'Ada Moss',
    bio: 'Ada writes about tides.',
    locale: 'en',
    image: { ...picture, caption: null, credit: null, width: null, height: null },
    links: [{ label: 'Her site', url: 'https://ada.example/' }],
    articleCount: 2
  })
  const plain = await get('/b-bo?locale=ru', { expect: 200 })
  t.same(plain.body, {
    slug: 'b-bo',
    name: 'Bo Reed',
    bio: null,
    locale: null,
    image: null,
    links: [],
    articleCount: 1
  })
  t.equal(plain.headers.get('content-language'), null, 'there is no text in any language')
  await get('/a-ada?locale=ru', { expect: 404 })
  await unpublish(both)
  t.same((await list()).map(shown), [['a-ada', 1]])
  await get('/b-bo', { expect: 404 })
})

t.test('one without live articles answers as one that never was', async (t) => {
  const idle = await author(room)
  await draft(room, { authors: [idle.id] })
  const strip = ({ status, body, headers }: Awaited<ReturnType<typeof get>>) => ({
    status,
    body: { ...body, requestId: '' },
    cache: headers.get('cache-control')
  })
  const random = strip(await get(`/${unique('random')}`))
  t.match(random, { status: 404, cache: 'no-store' })
  t.same(strip(await get(`/${idle.slug}`)), random)
  t.same(strip(await get(`/${idle.id}`)), random)
})

t.test('the biography in the locale, else along its site’s chain, else whatever there is', async (t) => {
  for (const [bios, locale, bio, language] of [
    [{ en: 'Fog', ru: 'Туман' }, 'ru', 'Туман', 'ru'],
    [{ en: 'Fog', de: 'Nebel' }, 'ru', 'Fog', 'en'],
    [{ de: 'Nebel', fr: 'Brouillard' }, 'ru', 'Nebel', 'de'],
    [{ ru: 'Туман' }, 'en', 'Туман', 'ru']
  ] as const) {
    const made = await author(room, { bios })
    await story(room, { authors: [made.id], locale })
    const answer = await get(`/${made.slug}?locale=${locale}`, { expect: 200 })
    t.match(answer.body, { bio, locale: language })
    t.equal(answer.headers.get('content-language'), language)
    t.match(
      (await list(`?limit=100&locale=${locale}`)).find(({ slug }) => slug === made.slug),
      { bio, locale: language }
    )
  }
})

t.test('a change reaches readers at once, and a slug given up is free', async (t) => {
  const made = await author(room)
  await story(room, { authors: [made.id] })
  const etag = (await get(`/${made.slug}`, { expect: 200 })).headers.get('etag') ?? ''
  await get(`/${made.slug}`, { headers: { 'if-none-match': etag }, expect: 304 })
  const [name, slug] = [unique('Renamed'), unique('renamed')]
  await api(`PATCH /v1/authors/${made.id}`, { ...editor, ifMatch: 1, body: { name }, expect: 200 })
  t.equal((await get(`/${made.slug}`, { headers: { 'if-none-match': etag }, expect: 200 })).body.name, name)
  await api(`PATCH /v1/authors/${made.id}`, { ...editor, ifMatch: 2, body: { slug }, expect: 200 })
  await get(`/${slug}`, { expect: 200 })
  await get(`/${made.slug}`, { expect: 404 })
})

t.test('pages by slug', async (t) => {
  const slugs = (await list('?limit=100')).map(({ slug }) => slug)
  t.same(slugs, [...slugs].sort())
  t.ok(slugs.length >= 3)
  const walked: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { data, page }: { data: Author[]; page: { next: string | null } } = (
      await get(`?limit=2${cursor && `&cursor=${cursor}`}`, { expect: 200 })
    ).body
    walked.push(...data.map(({ slug }) => slug))
    cursor = page.next
  }
  t.same(walked, slugs)
  const first = (await get('?limit=2')).body
  const second = (await get(`?limit=2&cursor=${first.page.next}`)).body
  t.same((await get(`?limit=2&cursor=${second.page.prev}`)).body.data, first.data)
  const tags = (await api('GET /v1/content/tags?limit=1')).body.page
  t.equal(tags.next, null)
  for (const query of [`?locale=ru&cursor=${first.page.next}`, `?cursor=${first.page.next}A`])
    t.match((await get(query, { expect: 400 })).body, { code: 'invalid_cursor' })
  const elsewhere = await api(`GET /v1/content/tags?limit=2&cursor=${first.page.next}`, { expect: 400 })
  t.equal(elsewhere.body.code, 'invalid_cursor', 'a cursor is of one list')
})

t.test('as of another moment, for editors', async (t) => {
  const made = await author(room)
  const at = '2095-01-01T00:00:00Z'
  await publish(await draft(room, { authors: [made.id] }), { liveFrom: at })
  await get(`/${made.slug}`, { as: 'editor', expect: 404 })
  t.match((await get(`/${made.slug}?at=${at}`, { as: 'editor', expect: 200 })).body, { articleCount: 1 })
  await get(`/${made.slug}?at=2094-12-31T23:59:59Z`, { as: 'editor', expect: 404 })
  const slugs = async (query: string) =>
    (await get(`?limit=100${query}`, { as: 'editor', expect: 200 })).body.data.map(({ slug }: Author) => slug)
  t.ok((await slugs(`&at=${at}`)).includes(made.slug))
  t.notOk((await slugs('')).includes(made.slug))
  t.same(await slugs('&at=2001-01-01T00:00:00Z'), [])
  for (const [who, status] of [
    ['nobody', 401],
    ['contributor', 403],
    ['author', 403],
    ['editor', 200],
    ['admin', 200]
  ] as const) {
    await get(`?at=${at}`, { as: who, expect: status })
    await get(`/${made.slug}?at=${at}`, { as: who, expect: status })
  }
})

t.test('everybody may read them', async (t) => {
  const made = await author(room)
  await story(room, { authors: [made.id] })
  for (const who of everyone) {
    t.equal((await get('', { as: who })).status, 200, who)
    const { headers } = await get(`/${made.slug}`, { as: who })
    t.equal(headers.get('cache-control')?.startsWith('public'), who === 'nobody', who)
  }
  for (const query of ['?kind=topic', '?limit=0', '?q=ada', '?locale=English', '?at=now'])
    await get(query, { ...editor, expect: 400 })
})
