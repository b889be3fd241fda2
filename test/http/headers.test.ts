/** Headers that every answer has, whoever gives it. */
import { connect } from 'node:net'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { newsroom, story } from '../helper.ts'

const room = await newsroom(t)
const { api, app, config, url } = room
const { slug } = await story(room)

const SAFE = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'strict-origin-when-cross-origin'
}
const safe = (headers: Headers) =>
  Object.fromEntries(Object.keys(SAFE).map((name) => [name, headers.get(name)]))

t.test('on each kind of answer', async (t) => {
  for (const [what, request, as, status] of [
    ['from the database', `GET /v1/content/articles/${slug}`, 'nobody', 200],
    ['from the cache', `GET /v1/content/articles/${slug}`, 'nobody', 200],
    ['of the editing side', 'GET /v1/me', 'editor', 200],
    ['refused', 'GET /v1/me', 'nobody', 401],
    ['not there', 'GET /nothing', 'nobody', 404],
    ['no address', 'GET /v1/articles/%zz', 'nobody', 400],
    ['of health', 'GET /health/ready', 'nobody', 200]
  ] as const)
    t.test(what, async (t) => {
      const { headers } = await api(request, { as, expect: status })
      t.same(safe(headers), SAFE)
      t.equal(headers.get('strict-transport-security'), null, 'an http address promises no https')
      if (as !== 'nobody') t.equal(headers.get('cache-control'), 'private, no-store')
    })
  t.test('a 304 says what guides caches, and nothing of the content it does not have', async (t) => {
    const path = `/v1/content/articles/${slug}`
    const { headers } = await api(`GET ${path}`, { expect: 200 })
    const ifNoneMatch = { headers: { 'if-none-match': headers.get('etag') as string } }
    const kept = await api(`GET ${path}`, ifNoneMatch)
    app.cache.freshness.forget()
    const read = await api(`GET ${path}`, ifNoneMatch)
    for (const again of [kept, read]) {
      t.equal(again.status, 304)
      t.ok(again.headers.get('x-request-id'))
      t.match(again.headers.get('cache-control'), /^public, /)
      for (const name of ['etag', 'vary', 'surrogate-key', 'access-control-allow-origin'])
        t.equal(again.headers.get(name), headers.get(name), name)
      for (const name of [...Object.keys(SAFE), 'content-language', 'content-type', 'content-length'])
        t.equal(again.headers.get(name), null, name)
    }
  })
  t.test('what is no HTTP', async (t) => {
    const { port } = new URL(url)
    const text = await new Promise<string>((done) => {
      let said = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'))
      socket.on('data', (data) => (said += data)).on('close', () => done(said))
    })
    for (const [name, value] of Object.entries(SAFE)) t.ok(text.includes(`${name}: ${value}`), name)
  })
})

t.test('the docs page may load itself and nothing else', async (t) => {
  const { headers, text } = await api('GET /docs/', { expect: 200 })
  const policy = headers.get('content-security-policy') as string
  t.match(policy, /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/)
  t.notMatch(text, /<script>|<script [^>]*src="https?:/, 'no script in the page, none from elsewhere')
  t.equal(headers.get('x-content-type-options'), 'nosniff')
})

t.test('an https address promises to stay so', async (t) => {
  const secure = await buildApp({ ...config, publicUrl: 'https://news.example' }, app.db)
  t.teardown(() => secure.close())
  const at = await secure.listen({ port: 0, host: '127.0.0.1' })
  for (const path of ['/health/live', `/v1/content/articles/${slug}`, `/v1/content/articles/${slug}`]) {
    const { headers } = await fetch(at + path)
    t.equal(headers.get('strict-transport-security'), 'max-age=63072000', path)
  }
})
