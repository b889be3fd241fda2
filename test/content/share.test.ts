/** The share bar: what it holds, whose words, and that it is as true and as cacheable as its article. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Article } from '../articles/states.ts'
import { draft, everyone, newsroom, story, unique } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'

const room = await newsroom(t)
const { api } = room
const { patch, publish, unpublish, withdraw, soon } = desk(room)
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const bar = async ({ slug }: { slug: string }, query = '') =>
  (await api(`GET /v1/content/articles/${slug}/share${query}`, { expect: 200 })).body
const linksOf = async ({ id }: Article): Promise<Record<string, Link>> => {
  const { body } = await api(`GET /v1/articles/${id}/share-links?limit=100`, { as: 'editor', expect: 200 })
  return Object.fromEntries(body.data.map((link: Link) => [link.channel, link]))
}
const change = async ({ id }: Link, body: object) => {
  const { version } = (await api(`GET /v1/share-links/${id}`, { as: 'editor', expect: 200 })).body
  return (await api(`PATCH /v1/share-links/${id}`, { as: 'editor', ifMatch: version, body, expect: 200 }))
    .body
}
const archive = ({ id, version }: Link) =>
  api(`DELETE /v1/share-links/${id}`, { as: 'editor', ifMatch: version, expect: 204 })
const site = async (locale: string, body: object) => {
  const { version } = (await api(`GET /v1/site/${locale}`, { as: 'admin', expect: 200 })).body
  return api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: version, body, expect: 200 })
}
// biome-ignore lint/suspicious/noExplicitAny: a network as the bar shows it
const channels = (networks: any[]) => networks.map(({ channel }) => channel)

t.test('all of it, for everybody', async (t) => {
  const article = await story(room, { headline: 'Ferries & fog: "100%" back?' })
  const links = await linksOf(article)
  const shown = (text: string) => encodeURIComponent(text)
  const title = shown(article.headline)
  const url = (channel: string) => shown(links[channel].url)
  for (const who of everyone) {
    const { body } = await api(`GET /v1/content/articles/${article.slug}/share`, { as: who, expect: 200 })
    t.same(
      body,
      {
        prompt: 'Liked the story? Share it on social media!',
        copy: { label: 'Copy link', url: links.copy.url, done: 'Link copied' },
        networks: [
          ['x', 'X', `https://x.com/intent/post?text=${title}&url=${url('x')}`],
          ['facebook', 'Facebook', `https://www.facebook.com/sharer/sharer.php?u=${url('facebook')}`],
          ['telegram', 'Telegram', `https://t.me/share/url?url=${url('telegram')}&text=${title}`],
          ['whatsapp', 'WhatsApp', `https://wa.me/?text=${title}%20${url('whatsapp')}`],
          ['linkedin', 'LinkedIn', `https://www.linkedin.com/sharing/share-offsite/?url=${url('linkedin')}`],
          ['reddit', 'Reddit', `https://www.reddit.com/submit?url=${url('reddit')}&title=${title}`],
          ['bluesky', 'Bluesky', `https://bsky.app/intent/compose?text=${title}%20${url('bluesky')}`],
          ['threads', 'Threads', `https://www.threads.com/intent/post?text=${title}&url=${url('threads')}`],
          ['email', 'Email', `mailto:?subject=${title}&body=${title}%0D%0A%0D%0A${url('email')}`]
        ].map(([channel, label, url]) => ({ channel, label, url })),
        qr: `${links.qr.url}/qr.svg`
      },
      who
    )
    t.match(links.copy.url, /^http:\/\/dateline\.test\/s\/[2-9a-hjkmnp-z]{8}$/)
  }
})

t.test('whatever the headline, it arrives as it is', async (t) => {
  let article = await story(room)
  const links = await linksOf(article)
  const text = fc
    .string({
      unit: fc.oneof(fc.constantFrom(...'&=?#%+ "\'<>/\\:;@,!()*~«ё中😀'), fc.string({ unit: 'grapheme' })),
      minLength: 1,
      maxLength: 60
    })
    .filter((text) => /\S/.test(text) && !text.includes('\0'))
  let looked = 0
  await fc.assert(
    fc.asyncProperty(text, async (headline) => {
      const changed = await patch(article, { headline })
      // The same headline twice in a row is no change, and what is live cannot be published again.
      if (changed.version !== article.version) await publish(changed)
      article = changed
      const { headline: kept } = (await api(`GET /v1/content/articles/${article.slug}`, { expect: 200 })).body
      for (const { channel, url } of (await bar(article)).networks) {
        // Not told by tap: a headline may hold what it reads as its own.
        assert.match(url, /^[\x21-\x7e]+$/)
        const search = url.slice(url.indexOf('?') + 1)
        // As mail programs and apps read it, which take a plus for a plus.
        const values = search
          .split('&')
          .map((pair: string) => decodeURIComponent(pair.slice(pair.indexOf('=') + 1)))
        const forms = new Map([...new URL(url).searchParams].map(([name, value]) => [name, value]))
        const link = links[channel].url
        const expected: Record<string, string[]> = {
          facebook: [link],
          linkedin: [link],
          x: [kept, link],
          threads: [kept, link],
          telegram: [link, kept],
          reddit: [link, kept],
          whatsapp: [`${kept} ${link}`],
          bluesky: [`${kept} ${link}`],
          email: [kept, `${kept}\r\n\r\n${link}`]
        }
        assert.deepEqual(values, expected[channel], channel)
        assert.deepEqual([...forms.values()], expected[channel], `${channel}, as a form`)
        looked++
      }
    }),
    { numRuns: 25, examples: [['a&b=c#d?e%20f+g'], ['%'], ['%'], ['“Ça” — ёж 😀 & «ы»']] }
  )
  t.ok(looked >= 25 * 9, `${looked} addresses were read`)
})

t.test('found as the article is', async (t) => {
  const renamed = await story(room)
  const former = renamed.slug
  const now = await patch(renamed, { slug: unique('renamed') })
  await publish(now)
  const ended = await story(room)
  await unpublish(ended, { expect: 200 })
  const ahead = await draft(room)
  await publish(ahead, { liveFrom: Y2089 })
  const gone = await story(room)
  await withdraw(gone, { expect: 200 })
  const hidden = await draft(room)
  const live = await story(room)
  for (const [what, slug, query, status] of [
    ['live', live.slug, '', 200],
    ['live, by locale', live.slug, '?locale=en', 200],
    ['live in a fallback', live.slug, '?locale=ru', 200],
    ['live in no fallback', live.slug, '?locale=fr', 404],
    ['a former slug', former, '', 301],
    ['a former slug in a fallback', former, '?locale=ru', 301],
    ['ended', ended.slug, '', 404],
    ['scheduled', ahead.slug, '', 404],
    ['withdrawn', gone.slug, '', 410],
    ['a draft', hidden.slug, '', 404],
    ['nothing', 'there-never-was-such-a-slug', '', 404],
    ['a strange name', '%00', '', 400],
    ['a parameter it does not have', live.slug, '?include=share', 400]
  ] as const) {
    const path = `GET /v1/content/articles/${slug}`
    const [article, share] = [
      await api(`${path}${what.startsWith('a parameter') ? '?x=1' : query}`),
      await api(`${path}/share${query}`)
    ]
    t.equal(share.status, status, what)
    t.equal(article.status, status, `${what}: the article too`)
    for (const header of ['content-language', 'cache-control', 'vary'])
      t.equal(share.headers.get(header), article.headers.get(header), `${what}: ${header}`)
    const [to, shareTo] = [article, share].map(({ headers }) => headers.get('location'))
    const [path301 = '', search = ''] = (to ?? '').split('?')
    t.equal(shareTo, to && `${path301}/share${search && `?${search}`}`, `${what}: leads on likewise`)
  }
  await api(`GET /v1/content/articles/${ahead.slug}/share?at=${encodeURIComponent(Y2089)}`, { expect: 401 })
  const at = await api(`GET /v1/content/articles/${ahead.slug}/share?at=${encodeURIComponent(Y2089)}`, {
    as: 'editor',
    expect: 200
  })
  t.equal(at.body.copy.url, (await linksOf(ahead)).copy.url)
  t.equal(at.headers.get('cache-control'), 'private, no-store')
})

t.test('caches may keep it: ETag, 304, HEAD, keys', async (t) => {
  const article = await story(room)
  const path = `/v1/content/articles/${article.slug}/share`
  const { headers } = await api(`GET ${path}`, { expect: 200 })
  const etag = headers.get('etag') as string
  t.match(etag, /^"[\w-]+"$/)
  t.match(headers.get('cache-control'), /^public, max-age=0, s-maxage=\d+, stale-while-revalidate=\d+$/)
  const keys = (headers.get('surrogate-key') ?? '').split(' ')
  for (const key of [
    `article:${article.id}`,
    `share:${article.id}`,
    `slug:${article.slug}`,
    'sites',
    'addresses'
  ])
    t.ok(keys.includes(key), key)
  await api(`GET ${path}`, { headers: { 'if-none-match': etag }, expect: 304 })
  t.equal((await api(`HEAD ${path}`, { expect: 200 })).headers.get('etag'), etag)
  t.equal(await room.statements(() => api(`GET ${path}`, { expect: 200 })), 0, 'it is kept')
})

t.test('what changes it is seen at once', async (t) => {
  let article = await story(room)
  const links = await linksOf(article)
  const whole = `/v1/content/articles/${article.slug}?include=share`
  const seen = async (what: string) => {
    const shown = await bar(article)
    t.same((await api(`GET ${whole}`, { expect: 200 })).body.share, shown, `${what}: in the article too`)
    return shown
  }
  t.equal((await seen('first')).networks.length, 9)

  await archive(links.facebook)
  t.notOk(channels((await seen('archived')).networks).includes('facebook'))
  const again = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: article.id, channel: 'facebook', code: unique('again') },
      expect: 201
    })
  ).body
  t.match(
    (await seen('made anew')).networks.find(({ channel }: Link) => channel === 'facebook').url,
    encodeURIComponent(again.url)
  )

  const renamed = await change(links.copy, { code: unique('copied') })
  t.equal((await seen('another code')).copy.url, renamed.url)
  await archive(renamed)
  t.equal(
    (await seen('nothing to copy')).copy.url,
    `https://news.example/en/${article.slug}`,
    'the article’s own'
  )
  await archive(links.qr)
  t.equal((await seen('no QR code')).qr, null)

  article = await patch(article, { headline: 'Another headline' })
  t.notMatch(JSON.stringify(await seen('a change not published')), 'Another')
  await publish(article)
  t.match((await seen('corrected')).networks[0].url, 'Another%20headline')

  await site('en', { strings: { sharePrompt: 'Pass it on!', linkCopied: 'There you are' } })
  t.match(await seen('other words'), { prompt: 'Pass it on!', copy: { done: 'There you are' } })
  await site('en', { shareChannels: ['email', 'x'] })
  t.same(channels((await seen('other channels')).networks), ['email', 'x'], 'in the site’s order')
  const another = await story(room)
  t.equal((await bar(another)).networks.length, 2)
  await site('en', { shareChannels: ['email', 'x', 'reddit'] })
  t.same(
    channels((await bar(another)).networks),
    ['email', 'x', 'reddit'],
    'a channel more, also where it was not'
  )
  await site('en', { articleUrl: 'https://other.example/{slug}' })
  t.equal((await seen('another template')).copy.url, `https://other.example/${article.slug}`)
  await site('en', {
    articleUrl: 'https://news.example/{locale}/{slug}',
    strings: { sharePrompt: null, linkCopied: null }
  })

  await unpublish(article, { expect: 200 })
  await api(`GET /v1/content/articles/${article.slug}/share`, { expect: 404 })
})

t.test('links that lead nowhere right now are left out, and no cache keeps the bar past that', async (t) => {
  const article = await story(room)
  const { email, x, reddit } = await linksOf(article)
  const path = `GET /v1/content/articles/${article.slug}/share`
  const longest = async () => {
    const control = (await api(path, { expect: 200 })).headers.get('cache-control') ?? ''
    return [...control.matchAll(/(?:s-maxage|revalidate)=(\d+)/g)].reduce(
      (sum, [, more]) => sum + Number(more),
      0
    )
  }
  const shown = async () => channels((await bar(article)).networks).join(' ')
  t.equal(await shown(), 'email x reddit')
  t.equal(await longest(), 60)
  await change(email, { validFrom: Y2089 })
  t.equal(await shown(), 'x reddit', 'not yet valid')
  await change(x, { expiresAt: await soon(20_000) })
  t.equal(await shown(), 'x reddit', 'still valid')
  const seconds = await longest()
  t.ok(seconds > 10 && seconds <= 20, `${seconds} s`)
  await change(x, { expiresAt: await soon(1_200) })
  t.equal(await shown(), 'x reddit')
  const end = Date.now() + 10_000
  while ((await shown()) !== 'reddit' && Date.now() < end) await new Promise((done) => setTimeout(done, 50))
  t.equal(await shown(), 'reddit', 'expired, and nobody had to say so')
  await change(reddit, { maxClicks: 3 })
  t.equal(await shown(), 'reddit')
  const minute = await longest()
  t.ok(minute > 50 && minute <= 60, `${minute} s`)
  await room.db.query({ text: 'UPDATE share_link_totals SET human = 3 WHERE share_link_id = $1::uuid' }, [
    reddit.id
  ])
  t.equal(await shown(), '', 'used up')
})

t.test('with the article: the same, beside what else was asked for', async (t) => {
  const article = await story(room)
  const shown = await bar(article)
  for (const include of ['share', 'share,related,jsonld', 'jsonld,share']) {
    const { body, headers } = await api(`GET /v1/content/articles/${article.slug}?include=${include}`, {
      expect: 200
    })
    t.same(body.share, shown, include)
    t.ok(headers.get('surrogate-key')?.split(' ').includes(`share:${article.id}`))
  }
  t.notOk('share' in (await api(`GET /v1/content/articles/${article.slug}`, { expect: 200 })).body)
  const russian = (
    await api(`GET /v1/content/articles/${article.slug}?include=share&locale=ru`, { expect: 200 })
  ).body
  t.same(russian.share, shown, 'in the language the article is in')
})
