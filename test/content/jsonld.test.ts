import fc from 'fast-check'
import { parseDocument } from 'htmlparser2'
import t from 'tap'
import { type Described, jsonLd, newsArticle } from '../../src/content/jsonld.ts'
import { type Publisher, publisherOf } from '../../src/content/publisher.ts'
import { author, newsroom, story, tag } from '../helper.ts'
import { desk } from '../publishing/desk.ts'

const PUBLIC = 'http://dateline.test'
const publisher: Publisher = {
  name: 'The Harbour Record',
  tagline: '',
  timeZone: 'Pacific/Auckland',
  copyright: '© {year} The Harbour Record',
  terms: { text: 'Only with a hyperlink to {link}.', link: { label: 'us', url: '/terms' } },
  articleUrl: 'https://news.example/{locale}/{slug}'
}
const tagOf = (kind: string, name: string) =>
  ({ id: name, kind, slug: name.toLowerCase(), name, locale: 'en' }) as Described['tags'][number]
const article: Described = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
  locale: 'en',
  slug: 'ferry',
  url: 'https://news.example/en/ferry',
  headline: 'Ferry line reopens',
  kicker: 'Coast',
  standfirst: 'Forty passengers and a dog.',
  authors: [{ name: 'Maya', url: 'https://news.example/maya' }, { name: 'Noor' }],
  source: { name: 'Nikkei', url: 'https://nikkei.example/' },
  tags: [
    tagOf('section', 'World'),
    tagOf('topic', 'Shipping'),
    tagOf('person', 'Ada'),
    tagOf('organisation', 'Port Co'),
    tagOf('place', 'Riga'),
    tagOf('series', 'Winter')
  ],
  image: {
    url: 'https://images.example/f.jpg',
    alt: 'A ferry',
    caption: 'The first boat',
    credit: 'R. Holt',
    width: 1600,
    height: 900
  },
  dateline: 'Port Ansel',
  breaking: false,
  accessibleForFree: false,
  sensitive: false,
  wordCount: 312,
  seo: { title: null, description: null, canonicalUrl: null },
  rights: { licence: 'https://creativecommons.org/licenses/by/4.0/', notice: null },
  corrections: [{ at: '2026-01-02T00:00:00.000Z', text: 'It was forty, not fourteen.' }],
  publishedAt: '2025-12-31T20:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
  translations: [{ locale: 'ru', slug: 'parom', url: 'https://news.example/ru/parom' }]
}
const house = { '@type': 'Organization', name: 'The Harbour Record', url: 'https://news.example/en' }

t.test('all there is to say of an article', async (t) => {
  t.same(newsArticle(article, publisher, PUBLIC), {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    identifier: 'urn:uuid:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
    url: 'https://news.example/en/ferry',
    mainEntityOfPage: { '@type': 'WebPage', '@id': 'https://news.example/en/ferry' },
    headline: 'Ferry line reopens',
    description: 'Forty passengers and a dog.',
    inLanguage: 'en',
    image: {
      '@type': 'ImageObject',
      url: 'https://images.example/f.jpg',
      contentUrl: 'https://images.example/f.jpg',
      description: 'A ferry',
      caption: 'The first boat',
      creditText: 'R. Holt',
      width: 1600,
      height: 900
    },
    datePublished: '2025-12-31T20:00:00.000Z',
    dateModified: '2026-01-02T00:00:00.000Z',
    author: [
      { '@type': 'Person', name: 'Maya', url: 'https://news.example/maya' },
      { '@type': 'Person', name: 'Noor' }
    ],
    publisher: house,
    dateline: 'Port Ansel',
    articleSection: ['World'],
    keywords: ['World', 'Shipping', 'Ada', 'Port Co', 'Riga', 'Winter'],
    about: [
      { '@type': 'Thing', name: 'Shipping' },
      { '@type': 'Person', name: 'Ada' },
      { '@type': 'Organization', name: 'Port Co' },
      { '@type': 'Place', name: 'Riga' }
    ],
    isPartOf: [{ '@type': 'CreativeWorkSeries', name: 'Winter' }],
    wordCount: 312,
    isAccessibleForFree: false,
    isBasedOn: { '@type': 'CreativeWork', name: 'Nikkei', url: 'https://nikkei.example/' },
    correction: [
      {
        '@type': 'CorrectionComment',
        text: 'It was forty, not fourteen.',
        datePublished: '2026-01-02T00:00:00.000Z'
      }
    ],
    license: 'https://creativecommons.org/licenses/by/4.0/',
    usageInfo: {
      '@type': 'CreativeWork',
      text: 'Only with a hyperlink to us (https://news.example/terms).',
      url: 'https://news.example/terms'
    },
    // It was the first of January there.
    copyrightNotice: '© 2026 The Harbour Record',
    copyrightYear: 2026,
    copyrightHolder: house,
    workTranslation: [{ '@type': 'NewsArticle', inLanguage: 'ru', url: 'https://news.example/ru/parom' }]
  })
})

t.test('what is not there is not said', async (t) => {
  const plain: Described = {
    ...article,
    standfirst: '',
    authors: [],
    source: null,
    tags: [],
    image: null,
    dateline: '',
    rights: null,
    corrections: [],
    translations: []
  }
  t.same(Object.keys(newsArticle(plain, { ...publisher, terms: null, copyright: '' }, PUBLIC)), [
    '@context',
    '@type',
    'identifier',
    'url',
    'mainEntityOfPage',
    'headline',
    'inLanguage',
    'datePublished',
    'dateModified',
    'author',
    'publisher',
    'wordCount',
    'isAccessibleForFree',
    'copyrightYear',
    'copyrightHolder'
  ])
  t.same(newsArticle(plain, publisher, PUBLIC).author, house, 'what nobody signs, the house does')
  t.notMatch(
    jsonLd(plain, null, PUBLIC),
    /publisher|copyrightHolder|author/,
    'without a site there is no house'
  )
})

t.test('the article’s own words come first', async (t) => {
  const own: Described = {
    ...article,
    seo: { title: null, description: 'Found like this', canonicalUrl: 'https://other.example/a' },
    rights: { licence: 'All rights reserved', notice: 'Photo © R. Holt' }
  }
  t.match(newsArticle(own, publisher, PUBLIC), {
    description: 'Found like this',
    mainEntityOfPage: { '@id': 'https://other.example/a' },
    license: { '@type': 'CreativeWork', name: 'All rights reserved' },
    copyrightNotice: 'Photo © R. Holt'
  })
})

t.test('terms whose link leads nowhere break nothing', async (t) => {
  const terms = { text: '{link}', link: { label: 'us', url: 'https://[' } }
  t.match(newsArticle(article, { ...publisher, terms }, PUBLIC).usageInfo, { url: 'https://news.example/en' })
})

t.test('it can be printed into a page as it is', async (t) => {
  const nasty = fc.constantFrom(
    '</script>',
    '<!--',
    '<script',
    '&lt;',
    ']]>',
    '\u2028',
    '\u2029',
    '"',
    '\\',
    '\u0000'
  )
  const text = fc
    .array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { maxLength: 5 })
    .map((parts) => `a${parts.join('')}`)
  fc.assert(
    fc.property(text, (any) => {
      const hostile: Described = {
        ...article,
        headline: any,
        authors: [{ name: any }],
        tags: [tagOf('topic', any)],
        source: { name: any, url: 'https://a.example/?a=1&b=2' },
        corrections: [{ at: article.updatedAt, text: any }]
      }
      const printed = jsonLd(hostile, { ...publisher, name: any, copyright: any }, PUBLIC)
      if (/[<>&\u2028\u2029]/.test(printed)) return false
      // As a browser finds it: one element, one text, and nothing after it.
      const [element, ...more] = parseDocument(`<script type="application/ld+json">${printed}</script>`)
        .children as unknown as { children: { data: string }[] }[]
      t.equal(more.length, 0)
      const read = JSON.parse(element?.children[0]?.data ?? '')
      const whole = JSON.parse(
        JSON.stringify(newsArticle(hostile, { ...publisher, name: any, copyright: any }, PUBLIC))
      )
      return JSON.stringify(read) === JSON.stringify(whole) && read.headline === any
    }),
    { numRuns: 200 }
  )
})

t.test('of an article as the API shows it, with its site from the same database', async (t) => {
  const room = await newsroom(t)
  const { patch, publish } = desk(room)
  const place = await tag(room, { kind: 'place', names: { en: 'Riga' } })
  const maya = await author(room, { name: 'Maya' })
  const first = await story(room, { slug: 'ferry', tags: [place.id], authors: [maya.id] })
  await publish(await patch(first, { kicker: 'x' }), { correction: 'It was Tuesday.' })
  const shown = (await room.api('GET /v1/content/articles/ferry', { expect: 200 })).body
  const siteFor = async (locale: string) => {
    const text = `SELECT ${publisherOf('$1::text')} AS publisher`
    return (await room.db.query<{ publisher: Publisher | null }>({ text }, [locale]))[0]?.publisher ?? null
  }
  t.match(JSON.parse(jsonLd(shown, await siteFor('en'), PUBLIC)), {
    headline: shown.headline,
    url: 'https://news.example/en/ferry',
    author: [{ name: 'Maya' }],
    publisher: { name: 'Site en' },
    about: [{ '@type': 'Place', name: 'Riga' }],
    correction: [{ text: 'It was Tuesday.', datePublished: shown.corrections[0].at }],
    datePublished: shown.publishedAt,
    copyrightNotice: `© ${new Date(shown.publishedAt).getUTCFullYear()} Site`
  })
  t.match(await siteFor('ru'), { name: 'Site ru' })
  t.match(await siteFor('hy'), { name: 'Site en' }, 'without a site of its own, the default one')
  await room.db.query({ text: 'DELETE FROM sites' }, [])
  t.equal(await siteFor('en'), null)
})

t.test('include=jsonld: with the article, as text to be printed', async (t) => {
  const room = await newsroom(t)
  const one = await story(room, {
    headline: 'Ferry </script> reopens',
    source: { name: 'Nikkei', url: 'https://n.example/1' }
  })
  const path = `/v1/content/articles/${one.slug}`
  const { body } = await room.api(`GET ${path}?include=jsonld`, { expect: 200 })
  t.notMatch(body.jsonld, /[<>&]/)
  t.match(JSON.parse(body.jsonld), {
    '@type': 'NewsArticle',
    headline: 'Ferry </script> reopens',
    url: body.url,
    publisher: { name: 'Site en' },
    isBasedOn: { name: 'Nikkei' }
  })
  t.equal(
    await room.statements(() => room.api(`GET ${path}?include=jsonld,related&body=text`, { expect: 200 })),
    2
  )
  t.notOk('jsonld' in (await room.api(`GET ${path}`, { expect: 200 })).body)
  await room.api(`GET ${path}?include=jsonld,sharing`, { expect: 400 })
  await room.api('PATCH /v1/site/en', { as: 'admin', ifMatch: 1, body: { name: 'The Record' }, expect: 200 })
  const renamed = await room.api(`GET ${path}?include=jsonld`, { expect: 200 })
  t.match(JSON.parse(renamed.body.jsonld), { publisher: { name: 'The Record' } })
})
