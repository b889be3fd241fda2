/** The front end as an HTTP server: which page an address is, and how it is answered. Keeps nothing between requests. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { Reading, Refused, type Site } from './api.ts'
import { articlePage } from './article.ts'
import { html } from './html.ts'
import { layout, type Page } from './layout.ts'
import { type Asked, authorPage, frontPage, type Moved, searchPage, tagPage } from './pages.ts'

export type Settings = {
  /** Where Dateline is asked. Addresses have no slash at the end. */
  dateline: string
  /** Where readers reach it, for the links to the feeds and to tell of a view. */
  datelinePublic: string
  /** Where readers reach this front end. */
  origin: string
  /** Slug of the curated list on the front page and beside the articles. */
  list: string
  /** How long one answer of Dateline is waited for. */
  timeoutMs: number
}

type Answer = { status: number; headers: Record<string, string>; body: string | Buffer }

const security = ({ datelinePublic }: Settings) => ({
  // No scripts in the page, and none but our own beside it. Data for search engines (JSON-LD) is no script to a browser.
  'content-security-policy': `default-src 'none'; script-src 'self'; connect-src ${new URL(datelinePublic).origin}; style-src 'self'; img-src 'self' https: http:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff'
})

const asset = (name: string, type: string) => {
  const body = readFileSync(new URL(name, import.meta.url))
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12)
  const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }
  return { address: `/${name}?${hash}`, answer: { status: 200, headers, body } }
}
const style = asset('style.css', 'text/css; charset=utf-8')
const views = asset('views.js', 'text/javascript; charset=utf-8')
const icon = asset('icon.svg', 'image/svg+xml')
const share = asset('share.js', 'text/javascript; charset=utf-8')

export function newsPage(settings: Settings): Server {
  const secured = security(settings)
  return createServer((request, response) => {
    answer(request, settings)
      .catch((error) => {
        if (error instanceof Refused) return refused(error)
        console.error(error)
        return told(500)
      })
      .then((given) => send(request, response, given, secured))
  })
}

async function answer(request: IncomingMessage, settings: Settings): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return told(405, { allow: 'GET, HEAD' })
  }
  const address = settings.origin + request.url
  if (!request.url?.startsWith('/') || !URL.canParse(address)) return told(400)
  const url = new URL(address)
  if (/.\/$/.test(url.pathname)) {
    const location = settings.origin + url.pathname.replace(/\/+$/, '') + url.search
    return { status: 301, headers: { location }, body: '' }
  }
  if (url.pathname === '/style.css') return style.answer
  if (url.pathname === '/icon.svg') return icon.answer
  if (url.pathname === '/views.js') return views.answer
  if (url.pathname === '/share.js') return share.answer
  return answerPage(url, settings)
}

async function answerPage({ pathname: path, searchParams: query }: URL, settings: Settings): Promise<Answer> {
  const reading = new Reading(settings.dateline, settings.timeoutMs)
  const [locale = '', ...parts] = path.slice(1).split('/')
  const site = await readSite(reading, locale)
  if (path === '/') return movedTo({ movedTo: `/${site.locale}`, forGood: false }, reading)
  const asked = { reading, site, path, slug: parts.at(-1) ?? '', query, ...settings }
  const shown = (page: Page, status = 200) => print(page, site, path, reading, settings, status)
  try {
    const found = await find(asked, locale, parts)
    return 'movedTo' in found ? movedTo(found, reading) : shown(found)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // A cursor or a question Dateline cannot read (400) was not made by this page.
    if (error.status === 410) return shown(sorry(site, site.strings.gone), 410)
    if (error.status === 404 || error.status === 400) return shown(sorry(site, site.strings.notFound), 404)
    throw error
  }
}

/** What is at this address: by its shape, else by what Dateline knows of it. */
async function find(asked: Asked, locale: string, parts: string[]): Promise<Page | Moved> {
  const page = asked.site.locale === locale ? route(asked, parts) : null
  try {
    if (page) return await page(asked)
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error
  }
  const there = await asked.reading.get('/v1/content/resolve', {
    path: asked.path,
    locale: asked.site.locale
  })
  if (there.type === 'gone') throw new Refused(410)
  if (there.type === 'tag' && page !== tagPage) {
    return { movedTo: `/${there.locale}/tag/${there.slug}`, forGood: true }
  }
  const movedTo = there.url ?? there.path
  if (!movedTo) throw new Refused(404)
  if (new URL(movedTo, asked.origin).pathname !== asked.path) return { movedTo, forGood: true }
  // An article whose site gives its addresses another shape than this front end does.
  if (page || !there.locale || !there.slug) throw new Refused(404)
  const site = await readSite(asked.reading, there.locale)
  return articlePage({ ...asked, site, slug: there.slug })
}

function route({ query }: Asked, parts: string[]) {
  const [first, second, ...rest] = parts
  if (first === undefined) return query.get('q')?.trim() ? searchPage : frontPage
  if (second === undefined) return first ? articlePage : null
  if (!second || rest.length > 0) return null
  return first === 'tag' ? tagPage : first === 'author' ? authorPage : null
}

const readSite = (reading: Reading, locale: string): Promise<Site> =>
  reading.get('/v1/content/site', /^[a-z]{2,3}(-[A-Za-z0-9]{2,4}){0,2}$/.test(locale) ? { locale } : {})

const sorry = (site: Site, words: string): Page => ({
  title: words,
  description: words,
  begins: words,
  canonical: null,
  alternates: [],
  unlisted: true,
  main: html`<header class="opening"><h1>${words}</h1></header>
<p class="more"><a href="/${site.locale}">${site.strings.home}</a></p>`
})

function print(
  page: Page,
  site: Site,
  path: string,
  reading: Reading,
  settings: Settings,
  status: number
): Answer {
  const places = {
    dateline: settings.datelinePublic,
    style: style.address,
    icon: icon.address,
    share: share.address,
    views: views.address
  }
  const body = layout(site, page, path, places).text
  const headers: Record<string, string> = {
    'content-type': 'text/html; charset=utf-8',
    'content-language': site.locale,
    'cache-control': status === 200 ? reading.cacheControl() : 'no-store'
  }
  const keys = reading.surrogateKeys()
  if (status === 200) headers.etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  if (status === 200 && keys) headers['surrogate-key'] = keys
  return { status, headers, body }
}

const movedTo = ({ movedTo, forGood }: Moved, reading: Reading): Answer => ({
  status: forGood ? 301 : 302,
  headers: { location: movedTo, 'cache-control': reading.cacheControl() },
  body: ''
})

const refused = ({ status, retryAfter }: Refused) =>
  status < 500
    ? told(status, retryAfter ? { 'retry-after': retryAfter } : {})
    : told(503, { 'retry-after': retryAfter ?? '5' })

/** Without Dateline there are no words to say it with: the name of the status has to do. */
const told = (status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: `${status} ${STATUS_CODES[status]}\n`
})

function send(
  { method, headers: asked }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
  secured: Record<string, string>
) {
  const known = headers.etag !== undefined && asked['if-none-match']?.includes(headers.etag)
  response.writeHead(known ? 304 : status, { ...secured, ...headers })
  response.end(known || method === 'HEAD' ? undefined : body)
}
