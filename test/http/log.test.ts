/** The log at its most talkative: no secret is in it, whatever happens. And statements that take long are. */
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { draft, newsroom, PASSWORD } from '../helper.ts'

const room = await newsroom(t)
const { api, app, config } = room

const lines: string[] = []
const talkative = await buildApp({ ...config, logLevel: 'trace', slowStatementMs: 50 }, app.db, {
  write: (line) => void lines.push(line)
})
t.teardown(() => talkative.close())
const url = await talkative.listen({ port: 0, host: '127.0.0.1' })

type More = { token?: string; body?: unknown; headers?: Record<string, string>; raw?: string }
async function send(request: string, { token, body, raw, headers = {} }: More = {}) {
  const [method, path] = request.split(' ')
  const response = await fetch(url + path, {
    method: method as string,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...((body !== undefined || raw !== undefined) && { 'content-type': 'application/json' }),
      ...headers
    },
    ...((body !== undefined || raw !== undefined) && { body: raw ?? JSON.stringify(body) })
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

t.test('no secret', async (t) => {
  const secrets = new Map<string, string>()
  const secret = (name: string, value: string) => {
    secrets.set(name, value)
    return value
  }
  const wrong = secret('a wrong password', 'c4nary-wr0ng-passw0rd')
  const session = await send('POST /v1/sessions', {
    body: { email: 'editor@example.org', password: secret('the password', PASSWORD) }
  })
  const { accessToken: token, refreshToken } = session.body
  secret('an access token', token)
  secret('a refresh token', refreshToken)
  await send('POST /v1/sessions', { body: { email: 'editor@example.org', password: wrong } })
  await send('POST /v1/sessions', { body: { email: 'editor@example.org', password: wrong, more: wrong } })
  await send('POST /v1/sessions', { raw: `{"password": "${wrong}", ` })
  await send('POST /v1/sessions', { body: { email: wrong, password: [wrong] } })
  secret(
    'the next one',
    (await send('POST /v1/sessions/refresh', { body: { refreshToken } })).body.refreshToken
  )
  await send('POST /v1/sessions/refresh', {
    body: { refreshToken: secret('a forged one', 'dlr_c4naryforged') }
  })
  await send('GET /v1/me', { token: secret('a forged token', 'eyJc4nary.forged.token') })
  await send('GET /v1/me', { headers: { authorization: secret('another scheme', 'Basic c4narybasic') } })
  await send('GET /v1/me', {
    token,
    headers: {
      cookie: secret('a cookie', 'sid=c4narycookie'),
      'idempotency-key': secret('an idempotency key', 'c4nary-idempotency-key'),
      'proxy-authorization': secret('for a proxy', 'Basic c4naryproxy'),
      'x-api-key': secret('an api key', 'dl_c4nary_apikey')
    }
  })
  const article = await draft(room)
  const preview = (await send(`POST /v1/articles/${article.id}/previews`, { token, body: {} })).body
  secret('a preview token', preview.token)
  await send(`GET /v1/content/previews/${preview.token}`)
  await send(`GET /v1/content/previews/${preview.token}?unknown=1`)
  await send(`GET /v1/content/%70reviews/${preview.token}`)
  await send(`DELETE /v1/content/previews/${preview.token}`)
  const admin = (
    await send('POST /v1/sessions', { body: { email: 'admin@example.org', password: PASSWORD } })
  ).body.accessToken
  secret('the admin’s token', admin)
  const chosen = secret('a password that is given', 'c4nary over the cold weir')
  await send('POST /v1/users', {
    token: admin,
    body: { email: 'new@example.org', name: 'New', role: 'author', password: chosen }
  })
  await send('POST /v1/users', {
    token: admin,
    body: { email: 'new@example.org', name: 'New', role: 'author', password: chosen }
  })

  // Broken in the midst of it: what a 500 leaves in the log.
  const verify = talkative.keys.verify
  talkative.keys.verify = async () => {
    throw new Error('broken on purpose')
  }
  t.equal((await send('GET /v1/me', { token })).status, 500)
  talkative.keys.verify = verify
  const guess = talkative.throttle.guess
  talkative.throttle.guess = async () => {
    throw new TypeError('broken on purpose')
  }
  t.equal(
    (await send('POST /v1/sessions', { body: { email: 'editor@example.org', password: wrong } })).status,
    500
  )
  talkative.throttle.guess = guess
  await app.db.query({ text: 'ALTER TABLE sessions RENAME TO sessions_away' }, [])
  t.equal((await send('GET /v1/me', { token })).status, 500)
  t.equal(
    (await send('POST /v1/sessions', { body: { email: 'editor@example.org', password: PASSWORD } })).status,
    500
  )
  await app.db.query({ text: 'ALTER TABLE sessions_away RENAME TO sessions' }, [])

  const log = lines.join('')
  t.match(log, /broken on purpose/, 'the log was written')
  t.match(log, /sessions.*does not exist/)
  t.ok(lines.length > 25, `${lines.length} lines`)
  for (const [name, value] of secrets) {
    t.ok(value.length > 9, name)
    t.notOk(log.includes(value), `${name} is not in it`)
    t.notOk(log.includes(encodeURIComponent(value)), `${name} is not in it, encoded`)
  }
})

t.test(
  'slow statements, without their values',
  { skip: process.env.TEST_DATABASE_URL ? false : 'PGlite holds up everything while it sleeps' },
  async (t) => {
    lines.length = 0
    await app.db.query({ text: 'SELECT pg_sleep(0.08),\n  $1::text AS value' }, ['c4nary-value'])
    await app.db.prisma.$queryRaw`SELECT pg_sleep(0.08)::text, ${'c4nary-value'}::text`
    await app.db.query({ text: 'SELECT $1::text AS quick' }, ['c4nary-value'])
    await app.db.query({ text: 'SELECT pg_sleep(0.08) / 0' }, []).catch(() => {})
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'slow statement')
    t.match(told, [
      { level: 40, statement: 'SELECT pg_sleep(0.08), $1::text AS value' },
      { level: 40, statement: 'SELECT pg_sleep(0.08)::text, $1::text' }
    ])
    t.ok(told.every(({ ms }) => ms >= 50 && ms < 5_000))
    t.notMatch(lines.join(''), 'c4nary-value')
    await api('GET /health/ready', { expect: 200 })
  }
)
