import fc from 'fast-check'
import { parseAtomFeed, parseJsonFeed, parseRssFeed } from 'feedsmith'
import { parseDocument } from 'htmlparser2'
import t from 'tap'
import { atom } from '../../src/content/feeds/atom.ts'
import type { Feed, FeedItem } from '../../src/content/feeds/feed.ts'
import { jsonFeed } from '../../src/content/feeds/json-feed.ts'
import { rss } from '../../src/content/feeds/rss.ts'
import type { Article } from '../articles/states.ts'
import { alter, author, CANARY, draft, newsroom, type Options, story, tag } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { reading } from './foreign-xml.ts'

const room = await newsroom(t)
const { api, db } = room
const { patch, publish, unpublish, withdraw, write } = desk(room)
const editor = { as: 'editor' } as const
const formats = ['rss.xml', 'atom.xml', 'feed.json'] as const
type Format = (typeof formats)[number]

const get = (path: string, options: Options = {}) => api(`GET /feeds/${path}`, options)

/** The ids of a feed's items, as a foreign parser finds them. */
const idsIn = (format: Format, text: string): string[] => {
  const ids =
    format === 'rss.xml'
      ? parseRssFeed(text).items?.map((item) => item.guid?.value)
      : format === 'atom.xml'
        ? parseAtomFeed(text).entries?.map((entry) => entry.id)
        : parseJsonFeed(text).items?.map((item) => item.id)
  return (ids ?? []).map((id) => String(id).replace('urn:uuid:', ''))
}
const idsOf = async (query: string) => {
  const all = []
  for (const format of formats)
    all.push(idsIn(format, (await get(`${format}?${query}`, { expect: 200 })).text))
  return all
}

const site = async (locale: string, fields: object) => {
  const { version } = (await api(`GET /v1/site/${locale}`, { as: 'admin', expect: 200 })).body
  await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: version, body: fields, expect: 200 })
}
const sayPublished = ({ id }: Article, moment: string) =>
  db.query(
    {
      text: 'UPDATE publications SET published_at = $2::timestamptz, live_from = $2::timestamptz WHERE article_id = $1::uuid'
    },
    [id, moment]
  )

t.test('an empty feed is a feed', async (t) => {
  const rssText = (await get('rss.xml', { expect: 200 })).text
  t.match(parseRssFeed(rssText), { title: 'Site en', link: 'https://news.example/en', language: 'en' })
  t.notMatch(rssText, /lastBuildDate|copyright/, 'there is nothing to take a time or a year from')
  t.match(parseAtomFeed((await get('atom.xml', { expect: 200 })).text), {
    updated: '1970-01-01T00:00:00.000Z'
  })
  t.match((await get('feed.json', { expect: 200 })).body, { title: 'Site en', items: [] })
})

t.test('what an article is, in each format', async (t) => {
  await site('en', {
    name: 'Harbour & Co',
    tagline: 'News <from> the coast',
    terms: { text: 'Use only with a link to {link}.', link: { label: 'us', url: '/about' } }
  })
  const sea = await tag(room, { names: { en: 'Sea & <sky>' }, slug: 'sea' })
  const port = await tag(room, { names: { en: 'Port' }, slug: 'port', kind: 'place' })
  const maya = await author(room, { name: 'Maya "May" Lindqvist' })
  const noor = await author(room, { name: 'Noor' })
  const written = await write({
    headline: 'Ferry <b>reopens</b> & sails',
    standfirst: 'Forty & a <dog>.\nTwo lines.',
    slug: 'ferry',
    tags: [sea.id, port.id],
    authors: [maya.id, noor.id],
    source: { name: 'Nikkei & Sons', url: 'https://nikkei.example/?a=1&b=2' },
    image: {
      url: 'https://images.example/f.jpg?w=1&h=2',
      alt: 'A ferry',
      credit: 'R & H',
      width: 1600,
      height: 900
    },
    rights: { licence: 'https://creativecommons.org/licenses/by/4.0/', notice: 'Photo © R & H' }
  })
  await publish(written)
  await sayPublished(written, '2026-03-02T08:15:30.123Z')
  const corrected = await patch(written, { kicker: 'Coast' })
  const { liveFrom } = await publish(corrected)
  const urn = `urn:uuid:${written.id}`
  const rights = '© 2026 Site Use only with a link to us (https://news.example/about).'

  const rssAnswer = await get('rss.xml?locale=en', { expect: 200 })
  t.equal(rssAnswer.headers.get('content-type'), 'application/rss+xml; charset=utf-8')
  t.equal(rssAnswer.headers.get('content-language'), 'en')
  const channel = parseRssFeed(rssAnswer.text)
  t.match(channel, {
    title: 'Harbour & Co',
    description: 'News <from> the coast',
    link: 'https://news.example/en',
    language: 'en',
    copyright: rights,
    lastBuildDate: new Date(liveFrom).toUTCString(),
    atom: { links: [{ rel: 'self', href: 'http://dateline.test/feeds/rss.xml?locale=en' }] }
  })
  t.match(channel.items?.[0], {
    title: 'Ferry <b>reopens</b> & sails',
    link: 'https://news.example/en/ferry',
    description: 'Forty &amp; a &lt;dog&gt;.\nTwo lines.',
    guid: { value: urn, isPermaLink: false },
    pubDate: 'Mon, 02 Mar 2026 08:15:30 GMT',
    categories: [{ name: 'Sea & <sky>' }, { name: 'Port' }],
    source: { title: 'Nikkei & Sons', url: 'https://nikkei.example/?a=1&b=2' },
    dc: { creators: ['Maya "May" Lindqvist', 'Noor'], rights: ['Photo © R & H'] },
    atom: {
      updated: liveFrom,
      links: [{ rel: 'license', href: 'https://creativecommons.org/licenses/by/4.0/' }]
    },
    media: {
      contents: [
        {
          url: 'https://images.example/f.jpg?w=1&h=2',
          medium: 'image',
          width: 1600,
          height: 900,
          description: { value: 'A ferry' },
          credits: [{ value: 'R & H' }]
        }
      ]
    }
  })

  const atomAnswer = await get('atom.xml?tag=sea', { expect: 200 })
  t.equal(atomAnswer.headers.get('content-type'), 'application/atom+xml; charset=utf-8')
  const whole = parseAtomFeed(atomAnswer.text)
  t.match(whole, {
    id: 'http://dateline.test/feeds/atom.xml?tag=sea',
    title: { value: 'Sea & <sky> – Harbour & Co' },
    updated: liveFrom,
    rights: { value: rights },
    authors: [{ name: 'Harbour & Co', uri: 'https://news.example/en' }],
    xml: { lang: 'en' }
  })
  t.match(whole.links, [
    { rel: 'self', href: 'http://dateline.test/feeds/atom.xml?tag=sea', type: 'application/atom+xml' },
    { rel: 'alternate', href: 'https://news.example/en' }
  ])
  t.match(whole.entries?.[0], {
    id: urn,
    title: { value: 'Ferry <b>reopens</b> & sails' },
    summary: { value: 'Forty & a <dog>.\nTwo lines.' },
    published: '2026-03-02T08:15:30.123Z',
    updated: liveFrom,
    authors: [{ name: 'Maya "May" Lindqvist' }, { name: 'Noor' }],
    categories: [
      { term: 'sea', label: 'Sea & <sky>' },
      { term: 'port', label: 'Port' }
    ],
    links: [
      { rel: 'alternate', href: 'https://news.example/en/ferry' },
      { rel: 'via', href: 'https://nikkei.example/?a=1&b=2', title: 'Nikkei & Sons' },
      { rel: 'license', href: 'https://creativecommons.org/licenses/by/4.0/' }
    ],
    rights: { value: 'Photo © R & H' },
    media: { contents: [{ url: 'https://images.example/f.jpg?w=1&h=2' }] }
  })

  const jsonAnswer = await get('feed.json', { expect: 200 })
  t.equal(jsonAnswer.headers.get('content-type'), 'application/feed+json; charset=utf-8')
  const json = parseJsonFeed(jsonAnswer.text)
  t.match(json, {
    title: 'Harbour & Co',
    home_page_url: 'https://news.example/en',
    feed_url: 'http://dateline.test/feeds/feed.json',
    language: 'en'
  })
  t.match(json.items?.[0], {
    id: urn,
    url: 'https://news.example/en/ferry',
    title: 'Ferry <b>reopens</b> & sails',
    content_text: 'Forty & a <dog>.\nTwo lines.',
    image: 'https://images.example/f.jpg?w=1&h=2',
    date_published: '2026-03-02T08:15:30.123Z',
    date_modified: liveFrom,
    authors: [{ name: 'Maya "May" Lindqvist' }, { name: 'Noor' }],
    tags: ['Sea & <sky>', 'Port']
  })
  t.match(JSON.parse(jsonAnswer.text), {
    _dateline: { rights },
    items: [{ _dateline: { source: { name: 'Nikkei & Sons' }, rights: { notice: 'Photo © R & H' } } }]
  })

  // Another address, the same article.
  await publish(await patch(corrected, { slug: 'ferry-again' }))
  const moved = parseRssFeed((await get('rss.xml', { expect: 200 })).text).items?.[0]
  t.match(moved, { link: 'https://news.example/en/ferry-again', guid: { value: urn } })
  await unpublish(written, { expect: 200 })
})

t.test('only what is live, and each locale its own', async (t) => {
  const sea = await tag(room, { names: { en: 'Waves', ru: 'Волны' }, slug: 'waves' })
  const one = await story(room, { tags: [sea.id] })
  const two = await story(room)
  const russian = await story(room, { locale: 'ru', tags: [sea.id] })
  await draft(room, { tags: [sea.id] })
  await publish(await draft(room, { tags: [sea.id] }), { liveFrom: '2089-01-01T00:00:00Z' })
  const ended = await story(room, { tags: [sea.id] })
  await unpublish(ended, { expect: 200 })
  const withdrawn = await story(room, { tags: [sea.id] })
  await withdraw(withdrawn, { expect: 200 })
  await publish(await patch(one, { headline: `${CANARY} tomorrow` }), { liveFrom: '2089-01-01T00:00:00Z' })

  for (const [query, expected] of [
    ['', [two.id, one.id]],
    ['locale=en', [two.id, one.id]],
    ['locale=ru', [russian.id]],
    ['locale=hy', []],
    ['tag=waves', [one.id]],
    ['tag=waves&locale=ru', [russian.id]]
  ] as const)
    t.same(await idsOf(query), [expected, expected, expected], query)
  t.match(parseRssFeed((await get('rss.xml?tag=waves&locale=ru', { expect: 200 })).text), {
    title: 'Волны – Site ru',
    link: 'https://news.example/ru',
    language: 'ru'
  })
})

t.test('tags', async (t) => {
  const old = await tag(room, { slug: 'old-name', names: { en: 'Old' } })
  const present = await tag(room, { slug: 'present-name', names: { en: 'Present' } })
  const hidden = await tag(room, { slug: 'hidden-name', names: { en: CANARY } })
  await draft(room, { tags: [hidden.id] })
  await story(room, { tags: [old.id, present.id] })
  await api(`POST /v1/tags/${old.id}/merge`, {
    ...editor,
    ifMatch: old.version,
    body: { into: present.id },
    expect: 200
  })
  for (const format of formats) {
    const moved = await get(`${format}?locale=en&tag=old-name`, { expect: 301 })
    t.equal(moved.headers.get('location'), `/feeds/${format}?locale=en&tag=present-name`, format)
    t.match((await get(`${format}?tag=old-name`)).headers.get('location'), /\?tag=present-name$/)
    for (const query of ['tag=nobody-has-this', 'tag=hidden-name', 'tag=present-name&locale=ru', 'tag=%00a'])
      t.ok([400, 404].includes((await get(`${format}?${query}`)).status), `${format}?${query}`)
    await get(`${format}?tag=hidden-name`, { expect: 404 })
  }
})

t.test('the 50 newest', async (t) => {
  const many = await tag(room, { slug: 'many' })
  const article = await story(room, { tags: [many.id] })
  // 60 more like it, a minute apart, the oldest last.
  await alter(
    db,
    `ALTER TABLE publications DROP CONSTRAINT publications_revision, DROP CONSTRAINT publications_article_id_fkey`
  )
  await db.query(
    {
      text: `WITH made AS (
        INSERT INTO publications SELECT made.*
        FROM publications p, generate_series(1, 60) n, LATERAL jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'article_id', gen_random_uuid(), 'story_id', gen_random_uuid(),
          'slug', p.slug || '-' || n, 'headline', 'Number ' || n, 'published_at', p.published_at - n * interval '1 minute', 'live_from', p.live_from - n * interval '1 minute')) made WHERE p.article_id = $1::uuid RETURNING id, article_id, locale, published_at)
        INSERT INTO publication_tags (publication_id, tag_id, position, article_id, locale, published_at)
        SELECT id, $2::uuid, 0, article_id, locale, published_at FROM made`
    },
    [article.id, many.id]
  )
  for (const query of ['tag=many', 'locale=en']) {
    const titles = parseRssFeed((await get(`rss.xml?${query}`, { expect: 200 })).text).items?.map(
      (item) => item.title
    )
    t.equal(titles?.length, 50, query)
    t.same(
      titles?.slice(-3),
      query === 'tag=many' ? ['Number 47', 'Number 48', 'Number 49'] : titles?.slice(-3)
    )
  }
  await db.query({ text: 'DELETE FROM publications WHERE headline LIKE $1::text' }, ['Number %'])
})

t.test('HEAD, 304, and what is no parameter', async (t) => {
  for (const format of formats) {
    const { headers } = await get(format, { expect: 200 })
    const etag = headers.get('etag') ?? ''
    t.match(etag, /^"[\w-]{20,}"$/)
    await get(format, { headers: { 'if-none-match': etag }, expect: 304 })
    const head = await api(`HEAD /feeds/${format}`, { expect: 200 })
    t.same([head.text, head.headers.get('etag')], ['', etag])
    for (const query of [
      'author=x',
      'at=2089-01-01T00:00:00Z',
      'tag=a&tag=b',
      'locale=EN',
      'tag=',
      'limit=5'
    ])
      await get(`${format}?${query}`, { expect: 400 })
  }
})

t.test('no site, no feed', async () => {
  await db.query({ text: 'DELETE FROM sites' }, [])
  for (const format of formats) {
    await get(format, { expect: 404 })
    await get(`${format}?locale=en`, { expect: 404 })
  }
})

// ---- Any text --------------------------------------------------------------------------------------------------------

const nasty = fc.constantFrom(
  ']]>',
  '<script>alert(1)</script>',
  '&amp;',
  '&#0;',
  '<!--',
  '"\'',
  '\u202e\u200f',
  '👩‍👩‍👧',
  '\u0301',
  '\u0000',
  '\u0007\u000b',
  '\ufffe\uffff',
  '\ud800',
  '\r\n\t ',
  '\u0085\u2028'
)
const anyText = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), {
    minLength: 1,
    maxLength: 6
  })
  .map((parts) => `a${parts.join('')}z`)

/** What of a text XML 1.0 can hold, said in another way than in the code: character by character. */
const held = (text: string) =>
  [...text]
    .filter((character) => {
      const code = character.codePointAt(0) as number
      if (code < 32) return [9, 10, 13].includes(code)
      return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff
    })
    .join('')

const articleOf = (text: string): FeedItem => ({
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  urn: 'urn:uuid:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
  locale: 'en',
  slug: 'a',
  url: 'https://news.example/en/a?x=1&y=2',
  headline: text,
  kicker: text,
  standfirst: text,
  authors: [{ id: 'a', slug: 'a', name: text }],
  source: { name: text, url: 'https://source.example/?x=1&y=2' },
  tags: [{ id: 't', kind: 'topic', slug: 't', name: text, locale: 'en' }],
  image: {
    url: 'https://images.example/?x=1&y=2',
    alt: text,
    caption: null,
    credit: text,
    width: 1,
    height: null
  },
  dateline: text,
  breaking: false,
  accessibleForFree: true,
  sensitive: false,
  wordCount: 1,
  seo: { title: null, description: null, canonicalUrl: null },
  rights: { licence: null, notice: text },
  notice: text,
  licenceUrl: null,
  corrections: [],
  publishedAt: new Date(0),
  updatedAt: new Date(0),
  endsIn: null
})
const feedOf = (text: string): Feed => ({
  locale: 'en',
  title: text,
  description: text,
  publisher: text,
  home: 'https://news.example/en?x=1&y=2',
  self: 'https://dateline.example/feeds/rss.xml?locale=en&tag=t',
  rights: text,
  updated: new Date(0),
  items: [articleOf(text)],
  tag: null
})
/** The text of HTML. */
const textOf = (html: string): string =>
  (function inside(nodes: ReturnType<typeof parseDocument>['children']): string {
    return nodes
      .map((node) => ('data' in node ? node.data : 'children' in node ? `<>${inside(node.children)}` : ''))
      .join('')
  })(parseDocument(html).children)

t.test('any text comes out as the same text', async (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const same = held(text)
      const rssFind = reading(rss(feedOf(text)))
      for (const path of [
        '/rss/channel/title',
        '/rss/channel/description',
        '/rss/channel/copyright',
        '//item/title',
        '//item/dc:creator',
        '//item/category',
        '//item/source',
        '//item/dc:rights',
        '//media:description',
        '//media:credit'
      ])
        if (rssFind(path).join('|') !== same) throw new Error(`${path}: ${JSON.stringify(rssFind(path))}`)
      const [description = ''] = rssFind('//item/description')
      if (textOf(description) !== same) throw new Error(`description: ${JSON.stringify(description)}`)
      const atomFind = reading(atom(feedOf(text)))
      for (const path of [
        '/atom:feed/atom:title',
        '/atom:feed/atom:subtitle',
        '/atom:feed/atom:rights',
        '/atom:feed/atom:author/atom:name',
        '//atom:entry/atom:title',
        '//atom:entry/atom:summary',
        '//atom:entry/atom:author/atom:name',
        '//atom:entry/atom:category/@label',
        '//atom:entry/atom:link[@rel="via"]/@title',
        '//atom:entry/atom:rights'
      ])
        if (atomFind(path).join('|') !== same) throw new Error(`${path}: ${JSON.stringify(atomFind(path))}`)
      const json = JSON.parse(JSON.stringify(jsonFeed(feedOf(text))))
      return json.title === text && json.items[0].title === text && json.items[0].tags[0] === text
    }),
    { numRuns: 300 }
  )
  t.pass('300 texts')
})
