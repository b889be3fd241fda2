/** The news page of `examples/` over HTTP, and its sources. What only a browser can tell is in test/browser. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import t from 'tap'
import ts from 'typescript'
import { Reading } from '../../examples/news-page/api.ts'
import { fill, href, html, marked } from '../../examples/news-page/html.ts'
import { root } from '../../src/root.ts'
import { demoPage, hostile } from './demo-page.ts'

const room = await demoPage(t)
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(room.url + path, { headers, method, redirect: 'manual' })
const trams = 'port-ansel-trams-will-run-all-night-after-a-baker-counts-the-passengers'

t.test('addresses and what they answer', async (t) => {
  await room.api('POST /v1/redirects', { path: '/old/trams.html', target: `/en/${trams}` })
  for (const [path, status, location] of [
    ['/', 302, '/en'],
    ['/en', 200],
    ['/ru', 200],
    ['/xx', 404],
    ['/en/', 301, '/en'],
    ['//evil.example/', 301, '//evil.example'],
    [`/en/${trams}`, 200],
    [`/en/${trams}?utm_source=x`, 200],
    ['/en/taken-down', 410],
    ['/en/no-such-story', 404],
    ['/en/tag/science', 200],
    ['/en/tag/no-such-tag', 404],
    ['/en/author/leila-tamrazi', 200],
    ['/en/author/nobody', 404],
    ['/en?cursor=forged', 404],
    ['/en?q=', 200],
    ['/en?q=%20', 200],
    [`/en?q=${'x'.repeat(300)}`, 404],
    ['/en/a/b/c', 404],
    ['/old/trams.html', 301, `/en/${trams}`],
    ['/archive/taken-down', 410],
    [`/archive/${trams}`, 301, `/en/${trams}`],
    ['/en/%E0%A4%A', 404],
    ['/en/%00', 404],
    ['/en/%2e%2e/%2e%2e/metrics', 404],
    [`/en/${'x'.repeat(3000)}`, 404]
  ] as [string, number, string?][]) {
    const response = await get(path)
    t.equal(response.status, status, path)
    const { pathname } = new URL(response.headers.get('location') ?? '/none', 'http://elsewhere.example')
    if (location) t.equal(response.headers.get('location')?.replace(room.url, ''), location, pathname)
    if (status < 300) t.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
    if (status >= 400) t.equal(response.headers.get('cache-control'), 'no-store')
  }
})

t.test('pages of what is not there are in the language of the address', async (t) => {
  for (const [path, words] of [
    ['/en/no-such-story', 'There is no such page'],
    ['/ru/no-such-story', 'Такой страницы нет'],
    ['/en/taken-down', 'This story has been taken down']
  ] as const)
    t.match(await (await get(path)).text(), `<h1>${words}</h1>`)
})

t.test('a renamed slug and a tag’s alias lead on for good, another language for now', async (t) => {
  const story = await room.write({ locale: 'en', headline: 'Old name', slug: 'old-name' })
  const renamed = await room.api(`PATCH /v1/articles/${story.id}`, { slug: 'new-name' }, story.version)
  await room.api(`POST /v1/articles/${story.id}/publications`, {}, renamed.version)
  const tags = (await room.api('GET /v1/tags?limit=100')).data as {
    id: string
    slug: string
    aliases: string[]
    version: number
  }[]
  const science = tags.find(({ slug }) => slug === 'science') as (typeof tags)[number]
  await room.api(
    `PATCH /v1/tags/${science.id}`,
    { aliases: [...science.aliases, 'old-science'] },
    science.version
  )
  for (const [path, status, to] of [
    ['/en/old-name', 301, '/en/new-name'],
    ['/en/tag/old-science', 301, '/en/tag/science'],
    ['/ru/new-name', 302, '/en/new-name']
  ] as const) {
    const response = await get(path)
    t.equal(response.status, status, path)
    t.equal(new URL(response.headers.get('location') ?? '', room.url).pathname, to)
  }
})

t.test('a site with addresses of another shape', async (t) => {
  const { version, articleUrl } = await room.api('GET /v1/site/en')
  const changed = await room.api(
    'PATCH /v1/site/en',
    { articleUrl: `${room.url}/{locale}/news/{slug}` },
    version
  )
  const response = await get(`/en/${trams}`)
  t.equal(response.headers.get('location'), `${room.url}/en/news/${trams}`)
  const there = await get(`/en/news/${trams}`)
  t.equal(there.status, 200)
  t.match(await there.text(), '<h1>Port Ansel trams')
  await room.api('PATCH /v1/site/en', { articleUrl }, changed.version)
})

t.test('the head of an article', async (t) => {
  const text = await (await get(`/en/${room.rich.slug}`)).text()
  const heads: string[] = []
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'link' || name === 'meta') heads.push(Object.values(attributes).join(' '))
    }
  })
  parser.end(text)
  const article = await room.api(`GET /v1/content/articles/${room.rich.slug}?locale=en`)
  for (const expected of [
    `canonical ${article.url}`,
    `alternate en ${article.url}`,
    `alternate ru ${article.translations[0].url}`,
    `alternate x-default ${article.url}`,
    `alternate application/rss+xml Meridian Post ${room.plain.url}/feeds/rss.xml?locale=en`,
    `og:title ${article.headline}`,
    `og:url ${article.url}`,
    'og:type article',
    `article:published_time ${article.publishedAt}`,
    `article:modified_time ${article.updatedAt}`,
    `og:image ${room.pictureUrl}`
  ])
    t.ok(heads.includes(expected), `${expected} in ${heads}`)
})

t.test('how often a story was read, in the words and numbers of its language', async (t) => {
  const view = async (id: string) =>
    fetch(`${room.dateline}/v1/content/articles/${id}/views`, {
      method: 'POST',
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }
    })
  for (const [locale, line] of [
    ['en', 'Views: 1'],
    ['ru', 'Просмотры: 1']
  ] as const) {
    const { id, slug } = await room.write({ locale, headline: 'Read', slug: 'counted' })
    t.equal((await view(id)).status, 204)
    const response = await get(`/${locale}/${slug}`)
    const text = await response.text()
    t.match(text, `<span class="views">${line}</span>`)
    const beacon = `${room.plain.url}/v1/content/articles/${id}/views`
    t.match(text, `data-views="${beacon}" defer`, 'and where its browser tells of one more')
    t.match(response.headers.get('content-security-policy'), `connect-src ${room.plain.url};`)
    t.match(response.headers.get('cache-control'), /s-maxage=\d,/, 'no older than ten seconds')
  }
  const { headers } = await get('/views.js')
  t.match(headers.get('content-type'), 'text/javascript')
  room.plain.instead((path) => (path.startsWith('/v1/content/views') ? { status: 503 } : null))
  const without = await get('/en/counted')
  room.plain.instead(null)
  t.equal(without.status, 200, 'a page without it is better than none')
  t.notMatch(await without.text(), 'class="views"')
})

t.test('what caches are told', async (t) => {
  const response = await get('/en')
  const etag = response.headers.get('etag') as string
  t.match(response.headers.get('cache-control'), /^public/)
  t.equal(response.headers.get('set-cookie'), null)
  t.equal((await get('/en', { 'if-none-match': etag })).status, 304)
  t.equal((await get('/ru', { 'if-none-match': etag })).status, 200)
  const head = await get('/en', {}, 'HEAD')
  t.equal(head.headers.get('etag'), etag)
  t.equal((await get('/en', {}, 'POST')).status, 405)
  for (const [answers, told] of [
    [
      [
        'public, max-age=0, s-maxage=60, stale-while-revalidate=30',
        'public, max-age=0, s-maxage=9, stale-while-revalidate=51'
      ],
      'public, max-age=0, s-maxage=9, stale-while-revalidate=30'
    ],
    [['public, max-age=0, s-maxage=60, stale-while-revalidate=30', 'public, no-cache'], 'public, no-cache'],
    [['public, no-cache', 'private, no-store'], 'private, no-store'],
    [['public, no-cache', null], 'private, no-store']
  ] as [(string | null)[], string][]) {
    const reading = new Reading('', 1)
    for (const answer of answers)
      reading.headers.push(new Headers(answer ? { 'cache-control': answer, 'surrogate-key': 'sites' } : {}))
    t.equal(reading.cacheControl(), told)
    t.equal(reading.surrogateKeys(), 'sites')
  }
})

t.test('without Dateline: the status, and no words of its own', async (t) => {
  const before = Date.now()
  for (const [how, status, retryAfter] of [
    [() => 'silence', 503, '5'],
    [() => ({ status: 500 }), 503, '5'],
    [() => ({ status: 503, headers: { 'retry-after': '7' } }), 503, '7'],
    [() => ({ status: 429, headers: { 'retry-after': '9' } }), 429, '9'],
    [() => ({ status: 200 }), 503, '5']
  ] as [Parameters<typeof room.plain.instead>[0], number, string][]) {
    room.plain.instead(how)
    const response = await get('/en')
    t.equal(response.status, status)
    t.equal(response.headers.get('retry-after'), retryAfter)
    t.equal(response.headers.get('cache-control'), 'no-store')
    t.equal(
      await response.text(),
      `${status} ${status === 503 ? 'Service Unavailable' : 'Too Many Requests'}\n`
    )
  }
  room.plain.instead(null)
  t.ok(Date.now() - before < 20_000, 'silence is not waited for for ever')
  t.equal((await get('/en')).status, 200)
})

t.test('nothing put into markup gets out of its place', async (t) => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('<', '>', '"', "'", '&', '/', 'a', '{link}'), fc.string())
  })
  const parse = (markup: string) => {
    const seen = { text: '', attribute: '', tags: [] as string[] }
    const parser = new Parser({
      ontext: (more) => (seen.text += more),
      onopentag: (name, { title }) => {
        seen.tags.push(name)
        seen.attribute = title ?? seen.attribute
      }
    })
    parser.end(markup)
    return seen
  }
  fc.assert(
    fc.property(text, (text) => {
      const { text: shown, attribute, tags } = parse(html`<b title="${text}">${[text]}</b>`.text)
      return shown === text && attribute === text && tags.join() === 'b'
    })
  )
  fc.assert(
    fc.property(text, fc.array(fc.record({ start: fc.nat(30), end: fc.nat(30) })), (text, ranges) => {
      return parse(marked(text, ranges).text).text === text
    })
  )
  t.equal(
    marked('a night tram', [
      { start: 8, end: 12 },
      { start: 2, end: 7 }
    ]).text,
    'a <mark>night</mark> <mark>tram</mark>'
  )
  t.equal(fill('see {link}.', 'link', html`<a>${hostile.slice(0, 8)}</a>`).text, 'see <a>&lt;script&gt;</a>.')
  for (const url of ['https://a.example/', 'mailto:a@a.example', '/en/tag/x', '#content'])
    t.equal(href(url), url)
  for (const url of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    'vbscript:x'
  ])
    t.equal(href(url), '#')
})

t.test('a path is filled in, and cannot be left', async (t) => {
  const reading = new Reading(room.dateline, 5_000)
  for (const slug of ['../site', 'science?locale=ru&x=', 'science#']) {
    const error = await reading.get('/v1/content/tags/{slug}', { slug, locale: 'en' }).catch((error) => error)
    t.equal(error.status, 404, slug)
  }
})

t.test('its sources say nothing to readers', async (t) => {
  const folder = new URL('examples/news-page/', root)
  const files = readdirSync(folder).filter((name) => /\.(ts|js)$/.test(name))
  t.ok(files.length >= 8)
  let templates = 0
  for (const name of files) {
    const source = ts.createSourceFile(
      name,
      readFileSync(new URL(name, folder), 'utf8'),
      ts.ScriptTarget.ESNext,
      true
    )
    const said: string[] = []
    const look = (node: ts.Node): void => {
      if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'html') {
        templates++
        said.push(...spokenIn(node.template))
      } else if (
        ts.isStringLiteralLike(node) &&
        !ts.isTaggedTemplateExpression(node.parent) &&
        !ts.isLiteralTypeNode(node.parent)
      ) {
        // Two words, or one as sentences begin: no name of a thing in code. Headers and settings are none either.
        const technical = /^(default-src |public, |private, |text\/|max-age|GET, HEAD)|^[\w$]+:\/\//.test(
          node.text
        )
        if (
          !technical &&
          (/\p{L}{2,}[,.!?]? \p{L}{2,}/u.test(node.text) ||
            /^\p{Lu}\p{Ll}+$/u.test(node.text) ||
            /[^\x20-\x7e—\n]/.test(node.text))
        )
          said.push(node.text)
      }
      ts.forEachChild(node, look)
    }
    look(source)
    t.same(said, [], name)
    for (const found of source.text.matchAll(/from '([^']+)'|import\('([^']+)'\)/g)) {
      const target = found[1] ?? found[2] ?? ''
      t.ok(
        /^(node:|\.\/)/.test(target) || (name === 'api.ts' && target === '../../openapi/types.ts'),
        `${name} imports ${target}`
      )
    }
  }
  t.ok(templates > 30, `${templates} templates`)
  const style = readFileSync(new URL('style.css', folder), 'utf8')
  for (const [, content = ''] of style.matchAll(/(?<![-\w])content:([^;]+);/g))
    t.notMatch(content.replace(/[a-z]+\([^)]*\)/g, ''), /[\p{L}\p{N}]/u, `content: ${content}`)
})

/** Letters and digits of a template that stand outside of tags, or in attributes that are read out. */
function spokenIn(template: ts.TemplateLiteral): string[] {
  const text = ts.isNoSubstitutionTemplateLiteral(template)
    ? template.text
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)].join('\u0001')
  const said: string[] = []
  const keep = (value: string | undefined) => {
    if (value && /[\p{L}\p{N}]/u.test(value)) said.push(value)
  }
  const parser = new Parser({
    ontext: keep,
    onopentag: (
      _name,
      { alt, title, placeholder, label, value, content, property, name, charset, ...rest }
    ) => {
      for (const one of [alt, title, placeholder, label, value, rest['aria-label'], rest.summary]) keep(one)
      if (
        !charset &&
        !/^(viewport|color-scheme|robots|twitter:card)$/.test(name ?? '') &&
        property !== 'og:type'
      )
        keep(content)
    }
  })
  // A piece of a tag: attributes only.
  parser.end(/^(\s+[\w-]+="[^"]*")+$/.test(text) ? `<x${text}>` : text)
  return said
}
