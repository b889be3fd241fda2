import { Readable } from 'node:stream'
import { parseSitemap, parseSitemapIndex } from 'sitemap'
import t from 'tap'
import { newsLanguage, PAGE_LENGTH, urlset } from '../../src/content/sitemaps.ts'
import type { Article } from '../articles/states.ts'
import { alter, draft, newsroom, type Options, story, unique } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { reading, refuseInvalidSitemap } from './foreign-xml.ts'

const room = await newsroom(t)
const { api, db } = room
const { patch, publish, unpublish, withdraw, write } = desk(room)

const get = (path: string, options: Options = {}) => api(`GET ${path}`, options)
const PAGES = 'http://dateline.test/sitemaps/'
/** The pages the index names, as a foreign parser finds them. */
const pages = async () => {
  const { text } = await get('/sitemap.xml', { expect: 200 })
  const items = await parseSitemapIndex(Readable.from([text]))
  return items.map(({ url }) => url.replace(PAGES, ''))
}
/** The entries of a sitemap, as a foreign parser finds them. */
const entries = async (path: string) => {
  const { text, headers } = await get(path, { expect: 200 })
  t.equal(headers.get('content-type'), 'application/xml; charset=utf-8')
  refuseInvalidSitemap(text)
  return parseSitemap(Readable.from([text]))
}
const addresses = async (path: string) => (await entries(path)).map(({ url }) => url)
const addressOf = ({ locale, slug }: Article) => `https://news.example/${locale}/${slug}`

/** As if it had been first published, and last changed, then. */
const sayPublished = ({ id }: Article, moment: string) =>
  db.query(
    {
      text: 'UPDATE publications SET published_at = $2::timestamptz, live_from = $2::timestamptz WHERE article_id = $1::uuid'
    },
    [id, moment]
  )
const storyOf = async (moment: string, fields: Record<string, unknown> = {}) => {
  const article = await story(room, fields)
  await sayPublished(article, moment)
  return article
}
const translate = async ({ id }: Article, locale: string) => {
  const answer = await api(`POST /v1/articles/${id}/translations`, {
    as: 'editor',
    body: { locale },
    expect: 201
  })
  await publish(answer.body)
  return answer.body as Article
}

t.test('without articles there are no pages', async (t) => {
  t.same(await pages(), [])
  await get('/sitemaps/en-2026-01-1.xml', { expect: 404 })
  t.same(reading((await get('/news-sitemap.xml', { expect: 200 })).text)('//map:url'), [])
})

t.test('a page for each locale and month', async (t) => {
  const january = await storyOf('2021-01-01T00:00:00.000Z')
  const late = await storyOf('2021-01-31T23:59:59.999Z')
  const february = await storyOf('2021-02-01T00:00:00.000Z')
  const russian = await storyOf('2021-02-10T12:00:00.000Z', { locale: 'ru' })
  const script = await storyOf('2021-02-10T12:00:00.000Z', { locale: 'zh-Hant-TW' })
  await draft(room)
  const future = await draft(room)
  await publish(future, { liveFrom: '2089-01-01T00:00:00Z' })
  const ended = await storyOf('2020-12-01T00:00:00.000Z')
  await unpublish(ended, { expect: 200 })
  const withdrawn = await storyOf('2020-11-01T00:00:00.000Z')
  await withdraw(withdrawn, { expect: 200 })

  t.same(await pages(), [
    'en-2021-01-1.xml',
    'en-2021-02-1.xml',
    'ru-2021-02-1.xml',
    'zh-Hant-TW-2021-02-1.xml'
  ])
  t.same(await addresses('/sitemaps/en-2021-01-1.xml'), [addressOf(january), addressOf(late)])
  t.same(await addresses('/sitemaps/en-2021-02-1.xml'), [addressOf(february)])
  t.same(await addresses('/sitemaps/ru-2021-02-1.xml'), [addressOf(russian)])
  t.same(await addresses('/sitemaps/zh-Hant-TW-2021-02-1.xml'), [addressOf(script)])
  t.same(
    reading((await get('/sitemap.xml')).text)('//map:lastmod')[0],
    '2021-01-31T23:59:59.999Z',
    'the newest change in it'
  )
  for (const none of [
    'en-2020-12-1.xml',
    'en-2020-11-1.xml',
    'en-2089-01-1.xml',
    'en-2021-01-2.xml',
    'en-2021-13-1.xml',
    'en-0000-01-1.xml',
    'en-9999-12-1.xml',
    'en-2021-01-0.xml',
    'en-2021-01-01.xml',
    'en-2021-01-999999.xml',
    'en-2021-01-1000000.xml',
    'en-2021-01-1',
    'EN-2021-01-1.xml',
    'hy-2021-01-1.xml',
    'x',
    "en'--2021-01-1.xml"
  ])
    await get(`/sitemaps/${encodeURIComponent(none)}`, { expect: 404 })
  await get('/sitemap.xml?page=2', { expect: 400 })
  await get('/sitemaps/en-2021-01-1.xml?locale=en', { expect: 400 })
})

t.test('a big month has several pages, and the earlier ones stay', async (t) => {
  const article = await storyOf('2019-05-01T00:00:00.000Z')
  await alter(
    db,
    `ALTER TABLE publications DROP CONSTRAINT publications_revision, DROP CONSTRAINT publications_article_id_fkey,
    DROP CONSTRAINT publications_one_per_article, DROP CONSTRAINT publications_one_per_slug`
  )
  const more = (from: number, to: number) =>
    db.query(
      {
        text: `INSERT INTO publications SELECT made.*
        FROM publications p, generate_series($2::int, $3::int) n, LATERAL jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'article_id', gen_random_uuid(), 'story_id', gen_random_uuid(),
          'slug', 'big-' || n, 'published_at', p.published_at + n * interval '1 second', 'live_from', p.published_at + n * interval '1 second')) made WHERE p.article_id = $1::uuid`
      },
      [article.id, from, to]
    )
  await more(1, PAGE_LENGTH + 1)
  const names = (await pages()).filter((name) => name.startsWith('en-2019-05'))
  t.same(names, ['en-2019-05-1.xml', 'en-2019-05-2.xml'])
  const first = await get('/sitemaps/en-2019-05-1.xml', { expect: 200 })
  t.equal(reading(first.text)('//map:loc').length, PAGE_LENGTH)
  t.same(await addresses('/sitemaps/en-2019-05-2.xml'), [
    `https://news.example/en/big-${PAGE_LENGTH}`,
    `https://news.example/en/big-${PAGE_LENGTH + 1}`
  ])
  await more(PAGE_LENGTH + 2, PAGE_LENGTH + 3)
  t.equal((await get('/sitemaps/en-2019-05-1.xml', { expect: 200 })).text, first.text)
  await db.query({ text: 'DELETE FROM publications WHERE slug LIKE $1::text' }, ['big-%'])
})

t.test('each language names the others', async (t) => {
  const english = await storyOf('2018-03-05T00:00:00.000Z', { slug: 'harbour' })
  const russian = await translate(english, 'ru')
  const armenian = await translate(english, 'hy')
  await sayPublished(armenian, '2018-03-07T00:00:00.000Z')
  await sayPublished(russian, '2018-03-06T00:00:00.000Z')
  const all = [
    { lang: 'en', url: addressOf(english) },
    { lang: 'hy', url: addressOf(armenian) },
    { lang: 'ru', url: addressOf(russian) },
    { lang: 'x-default', url: addressOf(english) }
  ]
  const byLanguage = (a: { lang: string }, b: { lang: string }) => (a.lang < b.lang ? -1 : 1)
  for (const locale of ['en', 'ru', 'hy']) {
    const [entry] = await entries(`/sitemaps/${locale}-2018-03-1.xml`)
    t.same([...(entry?.links ?? [])].sort(byLanguage), all, locale)
  }
  await unpublish(english, { expect: 200 })
  const [entry] = await entries('/sitemaps/ru-2018-03-1.xml')
  t.same(
    entry?.links?.map(({ lang }) => lang),
    ['ru', 'hy'],
    'what is not live is named nowhere; without the default one there is none for others'
  )
  await unpublish(armenian, { expect: 200 })
  t.same((await entries('/sitemaps/ru-2018-03-1.xml'))[0]?.links, [], 'alone, it needs no alternates')
})

t.test('the last change, minor ones aside; what is canonical elsewhere is not listed', async (t) => {
  const article = await storyOf('2017-01-05T00:00:00.000Z', { slug: 'mended' })
  await publish(await patch(article, { kicker: 'x' }), { minor: true })
  const [minor] = await entries('/sitemaps/en-2017-01-1.xml')
  t.equal(minor?.lastmod, '2017-01-05T00:00:00.000Z')
  const own = 'https://news.example/en/own'
  await storyOf('2017-02-05T00:00:00.000Z', { slug: 'own', seo: { canonicalUrl: own } })
  await storyOf('2017-02-05T00:00:00.000Z', { seo: { canonicalUrl: 'https://other.example/a' } })
  t.same(await addresses('/sitemaps/en-2017-02-1.xml'), [own])
})

t.test('news: the last 48 hours by the database’s clock, of all locales', async (t) => {
  const before = new Set(reading((await get('/news-sitemap.xml', { expect: 200 })).text)('//map:loc'))
  const headline = 'Ports & <ferries> “now” ]]>'
  const english = await write({ headline })
  await publish(english)
  const russian = await story(room, { locale: 'ru' })
  const chinese = await story(room, { locale: 'zh-Hant-TW' })
  const ago = (hours: number) =>
    db
      .query<{ at: Date }>({ text: `SELECT now() - $1::float8 * interval '1 hour' AS at` }, [hours])
      .then(([row]) => (row as { at: Date }).at.toISOString())
  const edge = await storyOf(await ago(47.9))
  const old = await storyOf(await ago(48.1))
  const elsewhere = await story(room, { seo: { canonicalUrl: 'https://other.example/b' } })
  await publish(await draft(room), { liveFrom: '2089-01-01T00:00:00Z' })

  const { text, headers } = await get('/news-sitemap.xml', { expect: 200 })
  refuseInvalidSitemap(text)
  t.equal(headers.get('content-type'), 'application/xml; charset=utf-8')
  const found = (await parseSitemap(Readable.from([text]))).filter(({ url }) => !before.has(url))
  t.same(
    found.map(({ url }) => url),
    [chinese, russian, english, edge].map(addressOf),
    'newest first'
  )
  t.notOk(found.some(({ url }) => [old, elsewhere].map(addressOf).includes(url)))
  t.same(found[2]?.news, {
    publication: { name: 'Site en', language: 'en' },
    publication_date: (await get(`/v1/content/articles/${english.slug}`)).body.publishedAt,
    title: headline
  })
  t.match(found[1]?.news, { publication: { name: 'Site ru', language: 'ru' } })
  t.match(found[0]?.news, { publication: { name: 'Site en', language: 'zh-tw' } }, 'no site of its own')
  await unpublish(elsewhere, { expect: 200 })

  await db.query(
    {
      text: `INSERT INTO publications SELECT made.*
      FROM publications p, generate_series(1, 1100) n, LATERAL jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'article_id', gen_random_uuid(), 'story_id', gen_random_uuid(),
        'slug', 'many-' || n, 'published_at', p.published_at - n * interval '1 second')) made WHERE p.article_id = $1::uuid`
    },
    [english.id]
  )
  t.equal(reading((await get('/news-sitemap.xml')).text)('//map:url').length, 1000)
  await db.query({ text: 'DELETE FROM publications WHERE slug LIKE $1::text' }, ['many-%'])
})

t.test('HEAD and 304', async (t) => {
  const [page] = await pages()
  for (const path of ['/sitemap.xml', `/sitemaps/${page}`, '/news-sitemap.xml']) {
    const etag = (await get(path, { expect: 200 })).headers.get('etag') ?? ''
    await get(path, { headers: { 'if-none-match': etag }, expect: 304 })
    t.equal((await api(`HEAD ${path}`, { expect: 200 })).headers.get('etag'), etag, path)
  }
})

t.test('addresses any template makes', async (t) => {
  const { version } = (await api('GET /v1/site/en', { as: 'admin', expect: 200 })).body
  await api('PATCH /v1/site/en', {
    as: 'admin',
    ifMatch: version,
    body: { articleUrl: 'https://новости.example/мир/{slug}?a=1&b="<' },
    expect: 200
  })
  const slug = unique('iri').toLowerCase()
  await storyOf('2016-01-05T00:00:00.000Z', { slug })
  t.same(await addresses('/sitemaps/en-2016-01-1.xml'), [
    `https://xn--b1amnebsh.example/%D0%BC%D0%B8%D1%80/${slug}?a=1&b=%22%3C`
  ])
})

t.test('a page stays within its size', async (t) => {
  const site = {
    name: 'N',
    isDefault: true,
    locale: 'en',
    articleUrl: 'https://news.example/{locale}/{slug}'
  }
  const rows = Array.from({ length: 100 }, (_, index) => ({
    locale: 'en',
    slug: `number-${index}`,
    updatedAt: '2026-01-01T00:00:00.000Z',
    canonicalUrl: null,
    translations: ['ru', 'hy', 'fr'].map((locale) => ({ locale, slug: `number-${index}` }))
  }))
  const whole = urlset(rows, [site], 'https://dateline.example')
  t.equal(reading(whole)('//xhtml:link').length, 500)
  const bound = urlset(rows, [site], 'https://dateline.example', Math.floor(whole.length / 2))
  t.equal(reading(bound)('//map:loc').length, 100, 'all articles are there')
  const links = reading(bound)('//xhtml:link').length
  t.ok(links > 0 && links < 500, `${links} of 500 alternates`)
})

t.test('languages as Google News writes them', async (t) => {
  for (const [locale, language] of [
    ['en', 'en'],
    ['pt-BR', 'pt'],
    ['sr-Latn', 'sr'],
    ['zh', 'zh-cn'],
    ['zh-Hans', 'zh-cn'],
    ['zh-TW', 'zh-tw'],
    ['zh-Hant-HK', 'zh-tw'],
    ['arc', 'arc']
  ] as const)
    t.equal(newsLanguage(locale), language, locale)
})
