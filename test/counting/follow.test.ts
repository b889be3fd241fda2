import t from 'tap'
import { ask, writesNothing } from '../articles/ledger.ts'
import type { Article } from '../articles/states.ts'
import { draft, everyone, newsroom, story, unique } from '../helper.ts'
import { linksOf } from './links.ts'

const room = await newsroom(t)
const { api } = room
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const things = linksOf(room)
const { follow } = things
const made = (article: Article, body: object = {}): Promise<Link> => things.made(article, {}, body)
const read = async ({ id }: Link): Promise<Link> =>
  (await api(`GET /v1/share-links/${id}`, { as: 'editor', expect: 200 })).body
const patch = ({ id, version }: Link, body: object) =>
  api(`PATCH /v1/share-links/${id}`, { as: 'editor', ifMatch: version, body, expect: 200 })
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })
const unpublish = ({ id }: Article) => api(`POST /v1/articles/${id}/unpublish`, { as: 'editor', expect: 200 })
const told = ({ status, body, headers }: Awaited<ReturnType<typeof api>>) => ({
  status,
  body: { ...body, requestId: '' },
  cache: headers.get('cache-control')
})

t.test('everybody may follow a link; the answer is nobody’s to keep', async (t) => {
  const article = await story(room)
  const link = await made(article)
  for (const who of everyone) {
    const { headers, text } = await follow(link, { as: who, expect: 302 })
    t.equal(
      headers.get('location'),
      `https://news.example/en/${article.slug}?utm_source=telegram&utm_medium=social`,
      who
    )
    t.equal(headers.get('cache-control'), 'private, no-store')
    t.equal(text, '')
  }
  t.equal((await read(link)).clicks.total, everyone.length)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    t.equal((await api(`${method} /s/${link.code}`)).status, 405, method)
  }
  t.equal((await read(link)).clicks.total, everyone.length, 'other methods count nothing')
})

t.test('what others hang on a link does not break it, and is passed on', async (t) => {
  const article = await story(room)
  const link = await made(article)
  const { headers } = await api(`GET /s/${link.code}?fbclid=a%20b%26c&x=1&x=2&utm_source=mine`, {
    expect: 302
  })
  const address = new URL(headers.get('location') ?? '')
  t.equal(address.origin + address.pathname, `https://news.example/en/${article.slug}`)
  t.same([...address.searchParams].sort(), [
    ['fbclid', 'a b&c'],
    ['utm_medium', 'social'],
    ['utm_source', 'telegram'],
    ['x', '1'],
    ['x', '2']
  ])
})

t.test('UTM parameters', async (t) => {
  const article = await story(room)
  for (const [body, query] of [
    [{ channel: 'x' }, '?utm_source=x&utm_medium=social'],
    [{ channel: 'x', campaign: 'spring' }, '?utm_source=x&utm_medium=social&utm_campaign=spring'],
    [
      {
        channel: 'email',
        utm: { source: 'letter', medium: 'e-mail', campaign: 'May 7', term: 'a&b=c', content: 'ещё' }
      },
      '?utm_source=letter&utm_medium=e-mail&utm_campaign=May+7&utm_term=a%26b%3Dc&utm_content=%D0%B5%D1%89%D1%91'
    ],
    [{ channel: 'copy', utm: { source: null, medium: null } }, '']
  ] as const) {
    const { headers } = await follow(await made(article, body), { expect: 302 })
    t.equal(headers.get('location'), `https://news.example/en/${article.slug}${query}`, JSON.stringify(body))
  }
})

t.test('a code is the same in any case', async (t) => {
  const link = await made(await story(room), { code: unique('Mixed-Case') })
  const [lower, upper] = [
    await follow(link, { expect: 302 }),
    await follow({ code: link.code.toUpperCase() }, { expect: 302 })
  ]
  t.equal(upper.headers.get('location'), lower.headers.get('location'))
  t.equal((await read(link)).clicks.total, 2)
})

t.test('it follows the article to its new slug, when that is published', async (t) => {
  const article = await story(room)
  const link = await made(article)
  const target = async () =>
    new URL((await follow(link, { expect: 302 })).headers.get('location') ?? '').pathname
  t.equal(await target(), `/en/${article.slug}`)
  const { body: next } = await api(`PATCH /v1/articles/${article.id}`, {
    as: 'editor',
    ifMatch: 1,
    body: { slug: unique('next') },
    expect: 200
  })
  t.equal(await target(), `/en/${article.slug}`, 'not before')
  await publish(next)
  t.equal(await target(), `/en/${next.slug}`)
  await unpublish(next)
  t.equal((await follow(link)).status, 404)
})

t.test('it leads to the site of the article’s locale, else of the default one', async (t) => {
  const { version } = (await api('GET /v1/site/ru', { as: 'admin' })).body
  await api('PATCH /v1/site/ru', {
    as: 'admin',
    ifMatch: version,
    body: { articleUrl: 'https://ru.news.example/a/{slug}?from=short' },
    expect: 200
  })
  const [ru, hy] = [await story(room, { locale: 'ru' }), await story(room, { locale: 'hy' })]
  t.equal(
    (await follow(await made(ru))).headers.get('location'),
    `https://ru.news.example/a/${ru.slug}?from=short&utm_source=telegram&utm_medium=social`
  )
  t.equal(
    (await follow(await made(hy))).headers.get('location'),
    `https://news.example/hy/${hy.slug}?utm_source=telegram&utm_medium=social`
  )
})

t.test('what is not live, or never was, is the same 404 and counts nothing', async (t) => {
  const planned = await draft(room)
  await publish(planned, { liveFrom: '2090-01-01T00:00:00Z' })
  const ended = await story(room)
  await unpublish(ended)
  const trashed = await draft(room)
  const links = [
    await made(await draft(room)),
    await made(planned),
    await made(ended),
    await made(trashed),
    await made(await draft(room), { expiresAt: '2020-01-01T00:00:00Z' })
  ]
  await api(`DELETE /v1/articles/${trashed.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  await writesNothing(t, room, async () => {
    const unknown = told(await follow({ code: unique('nobody-has-this') }))
    t.match(unknown, { status: 404, body: { code: 'not_found' }, cache: 'no-store' })
    for (const link of links) t.same(told(await follow(link)), unknown)
    for (const code of ['x', 'x'.repeat(400), '%D0%BF', 'a%20b', "';--"])
      t.same(told(await follow({ code })), unknown, code)
  })
})

t.test('archived and expired links are gone and count nothing', async (t) => {
  const article = await story(room)
  const archived = await made(article, { channel: 'x' })
  await follow(archived, { expect: 302 })
  await api(`DELETE /v1/share-links/${archived.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  const expired = await made(article, { channel: 'email', expiresAt: '2020-01-01T00:00:00Z' })
  await writesNothing(t, room, async () => {
    for (const link of [archived, expired])
      t.match(told(await follow(link)), { status: 410, body: { code: 'gone' }, cache: 'no-store' })
  })
  t.equal((await read(archived)).clicks.total, 1, 'what was counted stays')
  await patch(expired, { expiresAt: null })
  await follow(expired, { expect: 302 })
  await unpublish(article)
  t.equal((await follow(archived)).status, 410, 'also when the article is down')
})

t.test('a link works until exactly expiresAt', async (t) => {
  const link = await made(await story(room))
  const clock = () => ask<Date>(room, 'SELECT clock_timestamp()')
  const expiresAt = new Date((await clock()).getTime() + 400).toISOString()
  await patch(link, { expiresAt })
  let followed = 0
  for (let status = 302; status !== 410; ) {
    const before = await clock()
    status = (await follow(link, { expect: [302, 410] })).status
    const after = await clock()
    if (status === 302) followed++
    if (status === 410) t.ok(after.toISOString() >= expiresAt, 'not before')
    else if (before.toISOString() >= expiresAt) return t.fail('not after')
  }
  t.equal((await read(link)).clicks.total, followed)
})

t.test('HEAD looks and does not count', async (t) => {
  const link = await made(await story(room))
  const { headers } = await follow(link, { expect: 302 })
  await writesNothing(t, room, async () => {
    const head = await api(`HEAD /s/${link.code}`, { expect: 302 })
    for (const name of ['location', 'cache-control']) t.equal(head.headers.get(name), headers.get(name), name)
    await api(`HEAD /s/${unique('nobody-has-this')}`, { expect: 404 })
  })
})

t.test('a click changes the count, and nothing else of the link', async (t) => {
  const link = await made(await story(room))
  const before = await ask<Date>(room, `SELECT date_trunc('milliseconds', clock_timestamp())`)
  await follow(link, { expect: 302 })
  const { clicks, lastClickedAt, ...rest } = await read(link)
  const { clicks: _, lastClickedAt: __, ...unchanged } = link
  t.same(rest, unchanged)
  t.same(clicks, { total: 1, human: 1, bots: 0 })
  t.ok(Date.parse(lastClickedAt) >= before.getTime())
  t.equal((await api(`GET /v1/share-links/${link.id}`, { as: 'editor' })).headers.get('etag'), '"1"')
})

t.test('two hundred who follow at once are counted, each of them', async (t) => {
  const article = await story(room)
  const [one, two] = [await made(article), await made(article, { channel: 'x' })]
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => follow(index % 4 === 0 ? two : one))
  )
  t.same([...new Set(answers.map(({ status }) => status))], [302])
  t.equal((await read(one)).clicks.total, 150)
  t.equal((await read(two)).clicks.total, 50)
  t.equal((await api(`GET /v1/articles/${article.id}`, { as: 'editor' })).body.updatedAt, article.updatedAt)
})

t.test('following takes one statement', async (t) => {
  const link = await made(await story(room))
  t.equal(await room.statements(() => follow(link, { expect: 302 })), 1)
  t.equal(await room.statements(() => api(`HEAD /s/${link.code}`, { expect: 302 })), 1)
})
