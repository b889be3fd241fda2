import fc from 'fast-check'
import t from 'tap'
import { embeddedAsXml } from '../../src/content/oembed.ts'
import type { Article } from '../articles/states.ts'
import { author, draft, newsroom, type Options, story } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { reading } from './foreign-xml.ts'

const room = await newsroom(t)
const { api } = room
const { patch, publish, unpublish, withdraw } = desk(room)

const ask = (url: string, more = '', options: Options = {}) =>
  api(`GET /oembed?url=${encodeURIComponent(url)}${more}`, options)
const addressOf = ({ locale, slug }: Article) => `https://news.example/${locale}/${slug}`
const image = { url: 'https://images.example/f.jpg?a=1&b=2', alt: 'A ferry', width: 1600, height: 900 }

const maya = await author(room, { name: 'Maya "May" Lindqvist' })
const noor = await author(room, { name: 'Noor & Co' })
const ferry = await story(room, {
  slug: 'ferry',
  headline: 'Ferry <b>reopens</b> & sails',
  authors: [maya.id, noor.id],
  image
})
const card = {
  version: '1.0',
  type: 'link',
  title: 'Ferry <b>reopens</b> & sails',
  author_name: 'Maya "May" Lindqvist, Noor & Co',
  provider_name: 'Site en',
  provider_url: 'https://news.example/en',
  cache_age: 3600
}
const picture = { thumbnail_url: image.url, thumbnail_width: 1600, thumbnail_height: 900 }

t.test('as JSON and as XML', async (t) => {
  for (const more of ['', '&format=json']) {
    const answer = await ask(addressOf(ferry), more, { expect: 200 })
    t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
    t.same(answer.body, { ...card, ...picture })
  }
  const answer = await ask(addressOf(ferry), '&format=xml', { expect: 200 })
  t.equal(answer.headers.get('content-type'), 'text/xml; charset=utf-8')
  const find = reading(answer.text)
  for (const [name, value] of Object.entries({ ...card, ...picture }))
    t.same(find(`/oembed/${name}`), [String(value)], name)
  t.equal(find('/oembed/*').length, Object.keys({ ...card, ...picture }).length)
  const etag = answer.headers.get('etag') ?? ''
  await ask(addressOf(ferry), '&format=xml', { headers: { 'if-none-match': etag }, expect: 304 })
})

t.test('a picture only when its size is known and fits', async (t) => {
  for (const [more, shown] of [
    ['&maxwidth=1600', true],
    ['&maxwidth=1599', false],
    ['&maxheight=900', true],
    ['&maxheight=899', false],
    ['&maxwidth=2000&maxheight=300', false],
    ['&maxwidth=2000&maxheight=1000', true]
  ] as const)
    t.same(
      (await ask(addressOf(ferry), more, { expect: 200 })).body,
      shown ? { ...card, ...picture } : card,
      more
    )
  const { width: _, ...halfKnown } = image
  const unknown = await story(room, { image: halfKnown })
  t.notMatch((await ask(addressOf(unknown), '', { expect: 200 })).text, /thumbnail|author_name/)
})

t.test('which addresses are ours', async (t) => {
  for (const [url, status] of [
    ['https://news.example/en/ferry', 200],
    ['http://news.example/en/ferry', 200],
    ['https://NEWS.example:443/en/ferry/', 200],
    ['https://news.example/en/ferry?utm_source=x#top', 200],
    ['https://news.example/en/f%65rry', 200],
    ['https://news.example:8443/en/ferry', 404],
    ['https://other.example/en/ferry', 404],
    ['https://news.example.other.example/en/ferry', 404],
    ['https://other.example@news.example/en/ferry', 200],
    ['https://news.example@other.example/en/ferry', 404],
    ['https://news.example/ru/ferry', 404],
    ['https://news.example/ferry', 404],
    ['https://news.example/en/ferry/more', 404],
    ['https://news.example/en/nothing', 404],
    ['https://news.example/', 404],
    ['https://news.example', 404],
    ['//news.example/en/ferry', 404],
    ['/en/ferry', 404],
    ['ftp://news.example/en/ferry', 404],
    ['javascript:alert(1)', 404],
    ['https://news.example/en/%zz', 404],
    ['https://[', 404],
    ['x', 404]
  ] as const)
    t.equal((await ask(url)).status, status, url)
})

t.test('what is not live is not there', async (t) => {
  const planned = await draft(room)
  await publish(planned, { liveFrom: '2089-01-01T00:00:00Z' })
  const ended = await story(room)
  await unpublish(ended, { expect: 200 })
  const withdrawn = await story(room)
  await withdraw(withdrawn, { expect: 200 })
  const never = (await ask('https://news.example/en/never-was', '', { expect: 404 })).body
  for (const article of [await draft(room), planned, ended, withdrawn]) {
    const { body } = await ask(addressOf(article), '', { expect: 404 })
    t.equal(body.detail, never.detail)
  }
})

t.test('a former address tells of the article that had it', async (t) => {
  const before = await story(room, { slug: 'before' })
  await publish(await patch(before, { slug: 'after' }))
  t.same(
    (await ask('https://news.example/en/before', '', { expect: 200 })).body,
    (await ask('https://news.example/en/after', '', { expect: 200 })).body
  )
  const heir = await story(room, { slug: 'before', headline: 'The heir' })
  t.equal((await ask('https://news.example/en/before', '', { expect: 200 })).body.title, 'The heir')
  await withdraw(heir, { expect: 200 })
  await ask('https://news.example/en/before', '', { expect: 404 })
})

t.test('each site by its own template, and without sites by our own address', async (t) => {
  const { version } = (await api('GET /v1/site/ru', { as: 'admin', expect: 200 })).body
  await api('PATCH /v1/site/ru', {
    as: 'admin',
    ifMatch: version,
    body: { articleUrl: 'https://ru.news.example/n/{slug}' },
    expect: 200
  })
  const russian = await story(room, { locale: 'ru', slug: 'parom' })
  t.match((await ask('https://ru.news.example/n/parom', '', { expect: 200 })).body, {
    title: russian.headline,
    provider_name: 'Site ru',
    provider_url: 'https://ru.news.example/'
  })
  await ask('https://ru.news.example/n/ferry', '', { expect: 404 })
  await ask('https://news.example/n/parom', '', { expect: 404 })
  await room.db.query({ text: 'DELETE FROM sites' }, [])
  const { body } = await ask('http://dateline.test/ru/parom', '', { expect: 200 })
  t.same(Object.keys(body), ['version', 'type', 'title', 'cache_age'])
})

t.test('parameters', async (t) => {
  for (const [query, pointer] of [
    ['', '/query/url'],
    ['url=', '/query/url'],
    ['url=x&format=yaml', '/query/format'],
    ['url=x&format=JSON', '/query/format'],
    ['url=x&maxwidth=0', '/query/maxwidth'],
    ['url=x&maxheight=1e3', '/query/maxheight'],
    ['url=x&maxwidth=99999999999999', '/query/maxwidth'],
    ['url=x&callback=f', '/query/callback'],
    [`url=${'x'.repeat(2501)}`, '/query/url']
  ] as const) {
    const { body } = await api(`GET /oembed?${query}`, { expect: 400 })
    t.equal(body.errors[0].pointer, pointer, query.slice(0, 40))
  }
})

t.test('nothing anybody asks with breaks it', async (t) => {
  const address = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: 'grapheme' }).map((rest) => `https://news.example/en/${rest}`),
    fc.string({ unit: 'grapheme' }).map((rest) => `http://dateline.test${rest}`)
  )
  await fc.assert(
    fc.asyncProperty(address, async (url) => {
      const { status } = await ask(url)
      return [200, 400, 404].includes(status)
    }),
    { numRuns: 200 }
  )
  t.pass('200 addresses')
})

t.test('any title comes out of the XML as it went in', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (title) => {
      const text = embeddedAsXml({ version: '1.0', type: 'link', title: `a${title}z`, cache_age: 1 })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what XML cannot hold
      const held = `a${title}z`.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      return reading(text)('/oembed/title')[0] === held
    }),
    { numRuns: 300 }
  )
  t.pass('300 titles')
})
