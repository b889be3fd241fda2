import t from 'tap'
import type { Article } from '../articles/states.ts'
import { draft, everyone, newsroom, type Options, story, tag, unique } from '../helper.ts'

const room = await newsroom(t)
const { api } = room
// biome-ignore lint/suspicious/noExplicitAny: a tag as the API shows it
type Tag = any

const get = (path: string, options: Options = {}) => api(`GET /v1/content/tags${path}`, options)
const list = async (query = ''): Promise<Tag[]> => (await get(query, { expect: 200 })).body.data
const change = async ({ id, version }: Tag, body: object): Promise<Tag> =>
  (await api(`PATCH /v1/tags/${id}`, { as: 'editor', ifMatch: version, body, expect: 200 })).body
const unpublish = ({ id }: Article) => api(`POST /v1/articles/${id}/unpublish`, { as: 'editor', expect: 200 })
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })

t.test('tags of live articles, with how many there are in the locale', async (t) => {
  const sea = await tag(room, { names: { en: 'Sea', ru: 'Море' }, slug: 'a-sea' })
  const port = await tag(room, {
    kind: 'place',
    names: { en: 'Port' },
    slug: 'b-port',
    parentId: sea.id,
    descriptions: { en: 'Where ships lie.' }
  })
  const idle = await tag(room, { slug: 'c-idle' })
  await story(room, { tags: [sea.id] })
  const both = await story(room, { tags: [port.id, sea.id] })
  await story(room, { tags: [port.id], locale: 'ru' })
  await draft(room, { tags: [sea.id, idle.id] })
  await unpublish(await story(room, { tags: [sea.id, idle.id] }))
  await publish(await draft(room, { tags: [sea.id, idle.id] }), { liveFrom: '2090-01-01T00:00:00Z' })
  await publish(
    (
      await api(`PATCH /v1/articles/${both.id}`, {
        as: 'editor',
        ifMatch: 1,
        body: { kicker: 'Again' },
        expect: 200
      })
    ).body
  )

  const shown = ({ slug, name, locale, articleCount }: Tag) => [slug, name, locale, articleCount]
  t.same((await list()).map(shown), [
    ['a-sea', 'Sea', 'en', 2],
    ['b-port', 'Port', 'en', 1]
  ])
  t.same(
    (await list('?locale=ru')).map(shown),
    [['b-port', 'Port', 'en', 1]],
    'counts never fall back, names do'
  )
  t.same((await list('?kind=place')).map(shown), [['b-port', 'Port', 'en', 1]])
  t.same(await list('?kind=person'), [])
  t.same(await list('?locale=hy'), [])
  t.same((await get('/b-port', { expect: 200 })).body, {
    id: port.id,
    kind: 'place',
    slug: 'b-port',
    name: 'Port',
    description: 'Where ships lie.',
    locale: 'en',
    parent: { slug: 'a-sea', name: 'Sea' },
    articleCount: 1
  })
  t.match((await get('/b-port?locale=ru', { expect: 200 })).body, {
    name: 'Port',
    locale: 'en',
    parent: { name: 'Море' },
    articleCount: 1
  })
  await unpublish(both)
  t.same((await list()).map(shown), [['a-sea', 'Sea', 'en', 1]])
  await get('/b-port', { expect: 404 })
})

t.test('a tag without live articles answers as one that never was', async (t) => {
  const idle = await tag(room, { aliases: [unique('idle-alias')] })
  await draft(room, { tags: [idle.id] })
  const strip = ({ status, body, headers }: Awaited<ReturnType<typeof get>>) => ({
    status,
    body: { ...body, requestId: '' },
    cache: headers.get('cache-control')
  })
  const random = strip(await get(`/${unique('random')}`))
  t.match(random, { status: 404, cache: 'no-store' })
  t.same(strip(await get(`/${idle.slug}`)), random)
  t.same(strip(await get(`/${idle.aliases[0]}`)), random, 'its alias too')
})

t.test('names in the locale, else along its site’s chain, else whatever there is', async (t) => {
  for (const [names, locale, name, shown] of [
    [{ en: 'Fog', ru: 'Туман' }, 'ru', 'Туман', 'ru'],
    [{ en: 'Fog', de: 'Nebel' }, 'ru', 'Fog', 'en'],
    [{ de: 'Nebel', fr: 'Brouillard' }, 'ru', 'Nebel', 'de'],
    [{ ru: 'Туман' }, 'en', 'Туман', 'ru']
  ] as const) {
    const made = await tag(room, { names })
    const article = await story(room, { tags: [made.id], locale })
    const answer = await get(`/${made.slug}?locale=${locale}`, { expect: 200 })
    t.match(answer.body, { name, locale: shown })
    t.equal(answer.headers.get('content-language'), shown)
    const live = (await api(`GET /v1/content/articles/${article.slug}?locale=${locale}`, { expect: 200 }))
      .body
    t.match(live.tags, [{ name, locale: shown }])
  }
})

t.test('a rename reaches live articles at once', async (t) => {
  const made = await tag(room)
  const article = await story(room, { tags: [made.id] })
  const [one, lists] = [
    `GET /v1/content/articles/${article.slug}`,
    `GET /v1/content/articles?tag=${made.slug}`
  ]
  const etag = (await api(one)).headers.get('etag') ?? ''
  const name = unique('Renamed')
  const renamed = await change(made, { names: { en: name }, kind: 'person' })
  t.match((await api(one, { headers: { 'if-none-match': etag }, expect: 200 })).body.tags, [
    { id: made.id, name, kind: 'person' }
  ])
  t.match((await api(lists, { expect: 200 })).body.data, [{ tags: [{ name }] }])
  t.equal((await get(`/${made.slug}`, { expect: 200 })).body.name, name)
  const editing = (await api(`GET /v1/articles/${article.id}`, { as: 'editor', expect: 200 })).body
  t.same(editing, article, 'and changes nothing of the working copy')

  const slug = unique('new-slug')
  await change(renamed, { slug })
  t.match((await api(one, { expect: 200 })).body.tags, [{ slug }])
  t.same(
    (await api(lists, { expect: 200 })).body.data.map(({ id }: Article) => id),
    [article.id],
    'the old slug still finds them'
  )
  t.equal((await get(`/${made.slug}`, { expect: 301 })).headers.get('location'), `/v1/content/tags/${slug}`)
})

t.test('an alias leads to the tag', async (t) => {
  const alias = unique('alias')
  const made = await tag(room, { aliases: [alias] })
  await story(room, { tags: [made.id] })
  for (const [query, status, location] of [
    ['', 301, ''],
    ['?locale=en', 301, '?locale=en'],
    ['?locale=ru', 404, null]
  ] as const) {
    const { headers } = await get(`/${alias}${query}`, { expect: status })
    t.equal(headers.get('location'), location === null ? null : `/v1/content/tags/${made.slug}${location}`)
    t.match(headers.get('cache-control'), status === 301 ? /^public/ : /^no-store$/)
  }
  t.equal(
    (await get(`/${alias}`, { as: 'author', expect: 301 })).headers.get('cache-control'),
    'private, no-store'
  )
})

t.test('pages by slug', async (t) => {
  const slugs = (await list('?limit=100')).map(({ slug }) => slug)
  t.same(slugs, [...slugs].sort())
  t.ok(slugs.length >= 4)
  const walked: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { data, page }: { data: Tag[]; page: { next: string | null } } = (
      await get(`?limit=2${cursor && `&cursor=${cursor}`}`, { expect: 200 })
    ).body
    walked.push(...data.map(({ slug }) => slug))
    cursor = page.next
  }
  t.same(walked, slugs)
  const first = (await get('?limit=2')).body
  const second = (await get(`?limit=2&cursor=${first.page.next}`)).body
  t.same((await get(`?limit=2&cursor=${second.page.prev}`)).body.data, first.data)
  for (const query of [
    `?locale=ru&cursor=${first.page.next}`,
    `?kind=topic&cursor=${first.page.next}`,
    `?cursor=${first.page.next}A`
  ]) {
    t.match((await get(query, { expect: 400 })).body, {
      code: 'invalid_cursor',
      errors: [{ pointer: '/query/cursor' }]
    })
  }
})

t.test('everybody may read them', async (t) => {
  const made = await tag(room)
  await story(room, { tags: [made.id] })
  for (const who of everyone) {
    t.equal((await get('', { as: who })).status, 200, who)
    t.equal(
      (await get(`/${made.slug}`, { as: who })).headers.get('cache-control')?.startsWith('public'),
      who === 'nobody',
      who
    )
  }
  for (const query of ['?kind=colour', '?limit=0', '?q=sea', '?locale=English', '?parentId=1'])
    await get(query, { expect: 400 })
})
