/** What pages of other origins may do: read what anybody may, and the rest only those of CORS_ORIGINS. */
import t from 'tap'
import { ConfigError, readConfig } from '../../src/config.ts'
import { newsroom, type Options, story } from '../helper.ts'

const OURS = 'https://news.example'
const THEIRS = 'https://elsewhere.example'
const EXPOSED = 'ETag, Location, Content-Language, Retry-After, x-request-id'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'

const room = await newsroom(t, { corsOrigins: [OURS, 'http://localhost:4000'] })
const { api } = room
const article = await story(room)
const { body: links } = await api(`GET /v1/share-links?articleId=${article.id}`, { as: 'editor' })
const { code } = links.data[0]
const beacon = `/v1/content/articles/${article.id}/views`

const allowed = (headers: Headers) => ({
  origin: headers.get('access-control-allow-origin'),
  credentials: headers.get('access-control-allow-credentials'),
  exposed: headers.get('access-control-expose-headers')
})
const anybody = { origin: '*', credentials: null, exposed: EXPOSED }
const nobody = { origin: null, credentials: null, exposed: null }
const only = (origin: string) => ({ origin, credentials: 'true', exposed: EXPOSED })
const ask = (request: string, origin: string | null, options: Options = {}) =>
  api(request, {
    ...options,
    headers: { 'user-agent': FIREFOX, ...(origin !== null && { origin }), ...options.headers }
  })

t.test('what anybody may read, any page may: kept or not, found or not', async (t) => {
  const address = `/v1/content/articles/${article.slug}?locale=en`
  for (const [request, status] of [
    [`GET ${address}`, 200],
    [`GET ${address}`, 200],
    [`HEAD ${address}`, 200],
    ['GET /v1/content/articles?limit=1', 200],
    ['GET /v1/content/articles?limit=0', 400],
    ['GET /v1/content/articles/nothing', 404],
    ['GET /v1/content/nothing', 404],
    ['GET /feeds/rss.xml', 200],
    [`GET /s/${code}/qr.svg`, 200],
    [`GET /s/${code}/qr.svg`, 200],
    [`GET /s/${code}/qr.png`, 200],
    [`GET /s/${code}/qr.png`, 200],
    ['GET /openapi.json', 200],
    [`GET /v1/content/views?ids=${article.id}`, 200]
  ] as const)
    for (const origin of [THEIRS, OURS, null]) {
      const { headers } = await ask(request, origin, { expect: status })
      t.same(allowed(headers), anybody, `${request} from ${origin}`)
      t.notMatch(headers.get('vary') ?? '', /origin/i, 'one answer for all')
    }
  const { headers } = await ask(`GET ${address}`, THEIRS)
  const etag = headers.get('etag') as string
  const known = await ask(`GET ${address}`, THEIRS, { headers: { 'if-none-match': etag }, expect: 304 })
  t.same(allowed(known.headers), anybody, '304')
})

t.test('beacons and editing: the pages of CORS_ORIGINS, with who they are', async (t) => {
  const requests: [request: string, options: Options, status: number][] = [
    [`POST ${beacon}`, {}, 204],
    ['POST /v1/content/articles/nothing/views', {}, 400],
    ['GET /v1/articles', { as: 'editor' }, 200],
    ['GET /v1/articles', {}, 401],
    ['POST /v1/tags', { as: 'editor', body: {} }, 400],
    ['POST /v1/sessions', { body: { email: 'a@b.example', password: 'not the one' } }, 401],
    ['DELETE /v1/tags', {}, 405],
    ['GET /s/nothing', {}, 404]
  ]
  for (const [request, options, expect] of requests) {
    for (const origin of [OURS, 'http://localhost:4000']) {
      const { headers } = await ask(request, origin, { ...options, expect })
      t.same(allowed(headers), only(origin), `${request} from ${origin}`)
      t.match(headers.get('vary'), /\borigin\b/)
    }
    for (const origin of [
      THEIRS,
      'null',
      'https://news.example.evil',
      'http://news.example',
      `${OURS}/`,
      OURS.toUpperCase(),
      null
    ]) {
      const { headers } = await ask(request, origin, { ...options, expect })
      t.same(allowed(headers), nobody, `${request} from ${origin}`)
      t.match(headers.get('vary'), /\borigin\b/)
    }
  }
})

const preflight = (path: string, method: string, origin: string, options: Options = {}) =>
  fetchPreflight(path, { origin, 'access-control-request-method': method }, options)
const fetchPreflight = (path: string, headers: Record<string, string>, options: Options = {}) =>
  // Not an operation of the document: asked without its check.
  fetch(room.url + path, { method: 'OPTIONS', headers: { ...headers, ...options.headers } })

t.test('preflights', async (t) => {
  const rows: [path: string, method: string, origin: string, allowed: string | null, methods: string][] = [
    [beacon, 'POST', OURS, OURS, 'POST'],
    [beacon, 'POST', THEIRS, null, 'POST'],
    ['/v1/content/articles', 'GET', THEIRS, '*', 'GET, HEAD'],
    ['/v1/content/articles/some-slug', 'HEAD', OURS, '*', 'GET, HEAD'],
    ['/v1/tags', 'POST', OURS, OURS, 'GET, HEAD, POST'],
    ['/v1/tags', 'POST', THEIRS, null, 'GET, HEAD, POST'],
    ['/v1/tags', 'GET', THEIRS, null, 'GET, HEAD, POST'],
    [`/v1/tags/${article.id}`, 'PATCH', OURS, OURS, 'DELETE, GET, HEAD, PATCH'],
    ['/v1/content/articles', 'DELETE', THEIRS, null, 'GET, HEAD']
  ]
  for (const [path, method, origin, allowedOrigin, methods] of rows) {
    const answer = await preflight(path, method, origin)
    const told = `${method} ${path} from ${origin}`
    t.equal(answer.status, 204, told)
    t.equal(await answer.text(), '')
    t.equal(answer.headers.get('access-control-allow-origin'), allowedOrigin, told)
    const credentials = allowedOrigin === origin ? 'true' : null
    t.equal(answer.headers.get('access-control-allow-credentials'), credentials, told)
    t.equal(answer.headers.get('access-control-allow-methods'), methods, told)
    for (const name of ['content-type', 'authorization', 'if-match', 'idempotency-key'])
      t.match(answer.headers.get('access-control-allow-headers'), name, told)
    t.equal(answer.headers.get('access-control-max-age'), '7200')
    t.match(answer.headers.get('cache-control'), 'no-store')
    t.ok(answer.headers.get('x-request-id'))
  }
})

t.test('other OPTIONS are refused as they were', async (t) => {
  for (const headers of [{}, { origin: OURS }, { 'access-control-request-method': 'POST' }]) {
    const answer = await fetchPreflight('/v1/tags', headers as Record<string, string>)
    t.equal(answer.status, 405)
    t.equal(answer.headers.get('allow'), 'GET, HEAD, POST')
  }
  t.equal((await preflight('/v1/nothing', 'GET', OURS)).status, 404, 'of what is not there')
})

t.test('without CORS_ORIGINS nobody may but read', async (t) => {
  const closed = await newsroom(t)
  const { id } = await story(closed)
  const { headers } = await closed.api(`POST /v1/content/articles/${id}/views`, {
    headers: { origin: OURS, 'user-agent': FIREFOX },
    expect: 204
  })
  t.same(allowed(headers), nobody)
  t.equal(headers.get('vary'), null)
  const read = await closed.api('GET /v1/content/site', { headers: { origin: OURS }, expect: 200 })
  t.same(allowed(read.headers), anybody)
})

t.test('CORS_ORIGINS must be origins as browsers send them', async (t) => {
  const folder = t.testdir()
  const read = (CORS_ORIGINS: string) => readConfig({ DATELINE_DATA: folder, CORS_ORIGINS }).corsOrigins
  t.same(read(''), [])
  t.same(read(' https://a.example , http://localhost:4000,https://a.example'), [
    'https://a.example',
    'http://localhost:4000'
  ])
  for (const text of [
    '*',
    'null',
    'news.example',
    'https://news.example/',
    'https://News.example',
    'https://a.example/path',
    'https://a.example:443',
    'https://a.example,',
    'ftp://a.example',
    'https://*.example.org',
    'https://a@b.example'
  ])
    t.throws(() => read(text), ConfigError, text)
})
