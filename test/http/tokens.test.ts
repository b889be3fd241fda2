/** What is public needs no token, and refuses one that is not good. */
import t from 'tap'
import { newsroom, PASSWORD, story } from '../helper.ts'

const room = await newsroom(t, {
  trustProxy: 1,
  limits: { editing: 20, search: 1000, previews: 1000, refresh: 1000, reading: 0 }
})
const { api, tokens } = room
let places = 0
const place = () => ({ 'x-forwarded-for': `203.0.113.${++places}` })
const { slug } = await story(room)
const path = `GET /v1/content/articles/${slug}`
const key = (
  await api('POST /v1/api-keys', {
    as: 'editor',
    body: { name: 'Reader', scopes: ['tags:read'] },
    expect: 201
  })
).body.key

t.test('who asks for what is public', async (t) => {
  const rows: [who: string, authorization: string, status: number][] = [
    ['a token', `Bearer ${tokens.author}`, 200],
    ['a token, in small letters', `bearer ${tokens.author}`, 200],
    ['a key, whatever its scopes', `Bearer ${key}`, 200],
    ['for a proxy in front', 'Basic bWF5YTpzZXZlbg==', 200],
    ['nonsense', 'Bearer nonsense', 401],
    ['a key that was changed', `Bearer ${key.slice(0, -1)}!`, 401],
    ['no token at all', 'Bearer', 401],
    ['two', `Bearer ${tokens.author} ${tokens.author}`, 401]
  ]
  for (const [who, authorization, status] of rows)
    for (const request of [
      path,
      'GET /v1/content/articles',
      'GET /feeds/rss.xml',
      'GET /openapi.json',
      'GET /health/live'
    ]) {
      const answer = await api(request, { headers: { ...place(), authorization } })
      t.equal(answer.status, status, `${who}: ${request}`)
      if (status !== 401) continue
      t.equal(answer.body.code, 'unauthenticated')
      t.equal(answer.headers.get('www-authenticate'), 'Bearer')
    }
})

t.test('who asks why a token is good no more may still send it', async (t) => {
  const [head, body] = tokens.author.split('.')
  const ended = `${head}.${body}.AAAA`
  for (const [request, status] of [
    [path, 401],
    ['GET /problems/unauthenticated', 200],
    ['GET /problems', 200],
    ['GET /openapi.json', 200],
    ['GET /.well-known/jwks.json', 200],
    ['GET /health/live', 200],
    ['GET /health/ready', 200]
  ] as const)
    t.equal((await api(request, { token: ended, headers: place() })).status, status, request)
})

t.test('a good token is good whatever else its address sends', async (t) => {
  const headers = place()
  for (let index = 0; index < 21; index++) await api(path, { token: 'nonsense', headers })
  t.equal((await api(path, { token: tokens.author, headers })).status, 200)
})

t.test('an address that sends many wrong ones is refused, but only with a token', async (t) => {
  const headers = place()
  const wrong = () => api(path, { token: 'nonsense', headers })
  const first = await wrong()
  t.match(first.headers.get('ratelimit'), /^"tokens";r=19;t=\d+$/)
  for (let index = 1; index < 20; index++) t.equal((await wrong()).status, 401)
  t.match(await wrong(), { status: 429, body: { code: 'too_many_requests' } })
  t.equal((await api(path, { headers })).status, 200)
  t.equal((await api(path, { token: 'nonsense', headers: place() })).status, 401)
})

t.test('whoever signs in may still send an old token', async (t) => {
  const body = { email: 'author@example.org', password: PASSWORD }
  const session = await api('POST /v1/sessions', { token: 'nonsense', headers: place(), body, expect: 201 })
  const { refreshToken } = session.body
  const next = await api('POST /v1/sessions/refresh', {
    token: 'nonsense',
    headers: place(),
    body: { refreshToken }
  })
  t.equal(next.status, 201)
  const used = await api('POST /v1/password-links/use', {
    token: 'nonsense',
    headers: place(),
    body: { token: 'of nobody', password: 'four grey geese over town' }
  })
  t.match(used, { status: 404, body: { code: 'not_found' } })
})
