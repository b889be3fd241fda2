/** Robots get a card, people a redirect; who was there is told by referrer, country and device. */
import t from 'tap'
import { countryOf, referrerOf } from '../../src/counting/origins.ts'
import { writesNothing } from '../articles/ledger.ts'
import { BROWSER, newsroom, story } from '../helper.ts'
import { linksOf, PHONE, ROBOT } from './links.ts'

const room = await newsroom(t, { trustProxy: 1 })
const { made, follow, head, from, totals, rows, ...things } = linksOf(room)
const robot = from('192.0.2.1', ROBOT)

/** What a page says, as a browser would read it. */
function headOf(html: string) {
  const text = (escaped: string) =>
    escaped
      .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
  const tags = html.matchAll(/<meta (?:name|property)="([^"]*)" content="([^"]*)">/g)
  const meta: Record<string, string> = {}
  for (const [, name, content] of tags) meta[name ?? ''] = text(content ?? '')
  return {
    meta,
    names: [...html.matchAll(/<(\w+)/g)].map(([, name]) => name),
    canonical: text(/<link rel="canonical" href="([^"]*)">/.exec(html)?.[1] ?? ''),
    title: text(/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''),
    link: text(/<a href="([^"]*)">/.exec(html)?.[1] ?? ''),
    language: /<html lang="([^"]*)">/.exec(html)?.[1]
  }
}

const image = {
  url: 'https://images.example/ferry.jpg?a=1&b=2',
  alt: 'A ferry',
  caption: null,
  credit: null,
  width: 1600,
  height: 900
}

t.test('a card shows the article, and is nobody’s to keep, list or frame', async (t) => {
  const article = await story(room, { headline: 'Ferries are back', standfirst: 'In two sentences.', image })
  const link = await made(article)
  const { headers, text } = await follow(link, { ...robot, expect: 200 })
  t.equal(headers.get('content-type'), 'text/html; charset=utf-8')
  t.equal(headers.get('cache-control'), 'private, no-store')
  t.equal(headers.get('x-robots-tag'), 'noindex')
  t.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
  t.equal(headers.get('location'), null)
  const page = headOf(text)
  t.match(page, {
    language: 'en',
    title: 'Ferries are back',
    canonical: `https://news.example/en/${article.slug}`,
    link: `https://news.example/en/${article.slug}?utm_source=telegram&utm_medium=social`
  })
  t.same(page.meta, {
    ...page.meta,
    robots: 'noindex',
    description: 'In two sentences.',
    'og:type': 'article',
    'og:title': 'Ferries are back',
    'og:description': 'In two sentences.',
    'og:url': `http://dateline.test/s/${link.code}`,
    'og:site_name': 'Site en',
    'og:locale': 'en',
    'og:image': image.url,
    'og:image:alt': 'A ferry',
    'og:image:width': '1600',
    'og:image:height': '900',
    'twitter:card': 'summary_large_image',
    'twitter:title': 'Ferries are back',
    'twitter:image': image.url
  })
  const looked = await head(link, { ...robot, expect: 200 })
  for (const name of ['content-type', 'cache-control', 'x-robots-tag', 'content-security-policy'])
    t.equal(looked.headers.get(name), headers.get(name), `HEAD: ${name}`)
})

t.test('a card of its own, and one that may be listed', async (t) => {
  const article = await story(room, {
    locale: 'ru',
    image,
    seo: { description: 'For machines', canonicalUrl: 'https://elsewhere.example/first' }
  })
  const plain = headOf((await follow(await made(article, {}, { channel: 'x' }), robot)).text)
  t.match(plain.meta, { 'og:description': 'For machines', 'og:site_name': 'Site ru', 'og:locale': 'ru' })
  t.equal(plain.canonical, 'https://elsewhere.example/first')

  const link = await made(article, {
    card: { title: 'Читайте', description: null, image: 'https://images.example/own.png' },
    indexable: true
  })
  const { headers, text } = await follow(link, { ...robot, expect: 200 })
  const { meta, names } = headOf(text)
  t.match(meta, {
    'og:title': 'Читайте',
    'og:description': 'For machines',
    'og:image': 'https://images.example/own.png'
  })
  t.notOk('og:image:width' in meta, 'the size of another picture is not told')
  t.notOk('robots' in meta)
  t.equal(headers.get('x-robots-tag'), null)
  t.ok(names.includes('title'))

  const bare = headOf((await follow(await made(await story(room)), robot)).text)
  t.equal(bare.meta['twitter:card'], 'summary')
  t.notOk('og:image' in bare.meta)
})

t.test('hostile text stays text', async (t) => {
  const hostile = `"><script>alert(1)</script><!-- ' onload=x & </title> &amp; `
  const article = await story(room, {
    headline: hostile,
    standfirst: hostile,
    seo: { description: hostile },
    image: { ...image, alt: hostile }
  })
  const link = await made(
    article,
    { card: { title: null, description: hostile, image: null } },
    { campaign: `'"<b>` }
  )
  const query = `a=${encodeURIComponent(hostile)}&b=%22%3E%3Cscript%3E`
  const { text } = await room.api(`GET /s/${link.code}?${query}`, { ...robot, expect: 200 })
  const { names, meta, title, link: target } = headOf(text)
  t.same(
    [...new Set(names)].sort(),
    ['a', 'body', 'head', 'html', 'link', 'meta', 'title'],
    'no element but those of the card'
  )
  t.notMatch(text, /<script|<!--|<b>/)
  t.equal(title.trim(), hostile.trim())
  t.equal(meta['og:title']?.trim(), hostile.trim())
  t.equal(new URL(target).searchParams.get('a'), hostile)
  t.equal(new URL(target).host, 'news.example')
})

t.test('who is a robot', async (t) => {
  const link = await made(await things.story())
  for (const [agent, status] of [
    ['Twitterbot/1.0', 200],
    ['facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)', 200],
    ['TelegramBot (like TwitterBot)', 200],
    ['WhatsApp/2.24.6 A', 200],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 200],
    ['LinkedInBot/1.0', 200],
    ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)', 200],
    ['Bluesky Cardyb/1.1', 200],
    ['Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)', 200],
    // A robot for the counts, but whoever asks with it wants to see where the link leads.
    ['curl/8.5.0', 302],
    ['node', 302],
    // Nothing said is nothing said against them.
    ['', 302],
    [BROWSER, 302],
    [PHONE, 302]
  ] as const)
    t.equal((await follow(link, { headers: { 'user-agent': agent } })).status, status, agent)
  t.match(await totals(link), { human: 3, bots: 11, clicked: true })
})

t.test('HEAD and browsers that look ahead get what they would get, and are not counted', async (t) => {
  const link = await made(await things.story())
  await writesNothing(t, room, async () => {
    for (const [name, value] of [
      ['sec-purpose', 'prefetch'],
      ['sec-purpose', 'prefetch;prerender'],
      ['purpose', 'prefetch'],
      ['x-moz', 'prefetch'],
      ['x-purpose', 'preview']
    ] as const) {
      const headers = { [name]: value }
      await follow(link, { headers, expect: 302 })
      await follow(link, { headers: { ...headers, 'user-agent': ROBOT }, expect: 200 })
    }
    await head(link, { expect: 302 })
    await head(link, { ...robot, expect: 200 })
  })
})

t.test('where clicks come from', async (t) => {
  const link = await made(await things.story())
  for (const [referer, country, agent, times] of [
    ['https://www.Reddit.com/r/news?x=1', 'AM', BROWSER, 2],
    ['https://reddit.com:8443/', 'am', BROWSER, 1],
    ['https://t.co/abc', 'XX', PHONE, 1],
    ['android-app://com.example/', 'T1', PHONE, 1],
    ['not an address', 'Armenia', BROWSER, 1],
    ['', '', ROBOT, 1]
  ] as const)
    for (let number = 0; number < times; number++)
      await follow(link, {
        headers: {
          'user-agent': agent,
          'x-forwarded-for': '192.0.2.9',
          'cf-ipcountry': country,
          ...(referer && { referer })
        },
        expect: [200, 302]
      })
  t.same(await rows(link), [
    { referrer: '', country: '', device: 'desktop', robot: false, clicks: 1 },
    { referrer: '', country: '', device: 'mobile', robot: false, clicks: 1 },
    { referrer: '', country: '', device: 'other', robot: true, clicks: 1 },
    { referrer: 'reddit.com', country: 'AM', device: 'desktop', robot: false, clicks: 3 },
    { referrer: 't.co', country: '', device: 'mobile', robot: false, clicks: 1 }
  ])
  await t.test('a country is believed from a trusted proxy only', async (t) => {
    const link = await made(await things.story())
    await follow(link, { headers: { 'cf-ipcountry': 'AM' }, expect: 302 })
    t.match(await rows(link), [{ country: '' }])
  })
})

t.test('referrers and countries, as they are read', async (t) => {
  for (const [header, host] of [
    [undefined, ''],
    ['https://www.example.org/path', 'example.org'],
    ['HTTP://EXAMPLE.org.:80/', 'example.org'],
    ['https://user:secret@example.org/', 'example.org'],
    ['https://новости.example/', 'xn--b1amnebsh.example'],
    [`https://${'a'.repeat(60)}.${'b'.repeat(60)}.example/`, `${'a'.repeat(60)}.${'b'.repeat(39)}`],
    ['javascript:alert(1)', ''],
    ['https://', ''],
    ['https://[::1]/', '[::1]']
  ] as const)
    t.equal(referrerOf(header), host, String(header))
  for (const [headers, country] of [
    [{}, ''],
    [{ 'x-vercel-ip-country': 'fr' }, 'FR'],
    [{ 'cf-ipcountry': 'XX', 'x-country-code': 'FR' }, ''],
    [{ 'cf-ipcountry': 'F', 'cloudfront-viewer-country': 'DE' }, 'DE'],
    [{ 'x-appengine-country': 'ZZ' }, ''],
    [{ 'x-country-code': '12' }, '']
  ] as const)
    t.equal(countryOf(headers), country, JSON.stringify(headers))
})

t.test('two hundred referrers of an hour are told apart, more are others', async (t) => {
  const link = await made(await things.story())
  const ask = (host: string) => follow(link, { headers: { referer: `https://${host}/` }, expect: 302 })
  for (let begin = 0; begin < 240; begin += 40)
    await Promise.all(Array.from({ length: 40 }, (_, index) => ask(`h${begin + index}.example`)))
  for (const host of ['late.example', 'late.example']) await ask(host)
  const before = await rows(link)
  t.equal(before.length, 201)
  t.equal(before.find(({ referrer }) => referrer === 'other')?.clicks, 42)
  const known = before.find(({ referrer }) => referrer !== 'other')?.referrer ?? ''
  await ask(known)
  t.equal(
    (await rows(link)).find(({ referrer }) => referrer === known)?.clicks,
    2,
    'who is known stays known'
  )
  t.match(await totals(link), { human: 243 })
})
