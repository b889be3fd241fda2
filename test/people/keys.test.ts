/** Signing keys change while people work, and nobody notices. */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { RETIRE_AFTER, retireKeys, rotateKeys } from '../../src/people/keys.ts'
import { newsroom, PASSWORD } from '../helper.ts'
import { person } from './person.ts'

const room = await newsroom(t)
const { api, db, config } = room
/** One more instance over the same database, which knows no keys yet. */
async function instance() {
  const app = await buildApp(config, db)
  t.teardown(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid
const published = async () =>
  (await api('GET /.well-known/jwks.json', { expect: 200 })).body.keys.map(({ kid }: { kid: string }) => kid)
const ask = (url: string, token: string) =>
  fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status)
/** As if all keys had come an hour earlier. */
const anHourLater = () =>
  db.query({ text: `UPDATE signing_keys SET created_at = created_at - interval '1 hour'` }, [])
/** As if a key had come that many seconds earlier. */
const cameEarlier = (kid: string, seconds: number) =>
  db.query(
    {
      text: 'UPDATE signing_keys SET created_at = created_at - make_interval(secs => $2::int) WHERE kid = $1::text'
    },
    [kid, seconds]
  )

t.test('rotating while people work on two instances', async (t) => {
  const maya = await person(room)
  const before = kidOf(maya.accessToken)
  const urls = [await instance(), await instance()] as const
  let refreshToken = maya.refreshToken
  let token = maya.accessToken
  const statuses: Record<string, number> = {}
  const seen = new Set<string | undefined>()
  let made: string | undefined
  let after = 0
  const began = Date.now()
  for (let round = 0; after < 30; round++) {
    if (Date.now() - began > 60_000) return t.fail('no instance signs with the new key within a minute')
    // The second one looks for keys half a turn after the first, and just before there is a new one.
    if (round === 1) await new Promise((done) => setTimeout(done, 2500))
    if (round === 2) made = (await rotateKeys(db, config.secret)).made
    // Each instance in turn makes the tokens; a garbled key id keeps both from looking whenever they like.
    const maker = urls[round > 2 ? round % 2 : 0] as string
    const asking = round === 0 ? urls.slice(0, 1) : urls
    const garbled = `${Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: `x${round}` })).toString('base64url')}${token.slice(token.indexOf('.'))}`
    const response = await fetch(`${maker}/v1/sessions/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken })
    })
    const refreshed = (await response.json()) as { accessToken: string; refreshToken: string }
    ;({ refreshToken, accessToken: token } = refreshed)
    seen.add(kidOf(token))
    const asked = await Promise.all(
      asking.flatMap((url) => [ask(url, token), ask(url, maya.accessToken), ask(url, token)])
    )
    for (const status of asked) statuses[status] = (statuses[status] ?? 0) + 1
    for (const url of asking) t.equal(await ask(url, garbled), 401)
    if (kidOf(token) === made) after++
  }
  t.same(Object.keys(statuses), ['200'], `no good token is refused: ${JSON.stringify(statuses)}`)
  t.same([...seen], [before, made], 'first signed with the one before, then with the new one')
  t.same((await published()).sort(), [before, made].sort(), 'both are published')
  const { body } = await api('GET /.well-known/jwks.json', { expect: 200 })
  for (const good of [maya.accessToken, token])
    await t.resolves(jwtVerify(good, createLocalJWKSet(body), { audience: 'dateline' }))
})

t.test('a key that is over is gone', async (t) => {
  const [newest, oldest] = await published()
  t.same(await retireKeys(db), [], 'not yet: a token signed with it may still be good')
  await cameEarlier(oldest, 10_000)
  t.same(await retireKeys(db), [], 'its own age does not count, but that of the one after it')
  await cameEarlier(newest, RETIRE_AFTER - 60)
  t.same(await retireKeys(db), [])
  await cameEarlier(newest, 120)
  const { made, retired } = await rotateKeys(db, config.secret)
  t.same(retired, [oldest])
  t.same(await published(), [made, newest])
  t.same(await retireKeys(db, 0), [newest], 'the time is a parameter')
  t.same(await published(), [made])
  const audit = await db.query({ text: `SELECT FROM audit WHERE action = 'keys.rotated'` }, [])
  t.equal(audit.length, 2)
})

t.test(
  'an instance that was quiet while the key it knows was retired signs with one that is there',
  async (t) => {
    const quiet = await buildApp(config, db)
    const url = await quiet.listen({ port: 0, host: '127.0.0.1' })
    t.teardown(() => quiet.close())
    const signIn = async () => {
      const response = await fetch(`${url}/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'editor@example.org', password: PASSWORD })
      })
      return ((await response.json()) as { accessToken: string }).accessToken
    }
    const first = kidOf(await signIn())
    await anHourLater()
    const { made } = await rotateKeys(db, config.secret)
    await cameEarlier(made, 60)
    t.same(await retireKeys(db, 30), [first])
    const now = Date.now
    t.teardown(() => {
      Date.now = now
    })
    Date.now = () => now() + 20 * 60_000
    const tokens = await Promise.all(Array.from({ length: 5 }, signIn))
    Date.now = now
    t.same([...new Set(tokens.map(kidOf))], [made])
  }
)

t.test('many rotate at once: each key is there, and all sign with one', async (t) => {
  await anHourLater()
  const keys = await Promise.all(Array.from({ length: 5 }, () => rotateKeys(db, config.secret)))
  const there = await published()
  for (const { made } of keys) t.ok(there.includes(made))
  for (const { made } of keys) await cameEarlier(made, 60)
  const [newest] = await published()
  const fresh = await buildApp(config, db)
  t.teardown(() => fresh.close())
  const answer = await fresh.inject({
    method: 'POST',
    url: '/v1/sessions',
    payload: { email: 'editor@example.org', password: PASSWORD }
  })
  t.equal(kidOf(answer.json().accessToken), newest)
})

t.test('no private part stands in the database unsealed', async (t) => {
  const rows = await db.query<{ public: object }>(
    { text: 'SELECT public_jwk AS public FROM signing_keys' },
    []
  )
  for (const { public: jwk } of rows) t.same(Object.keys(jwk).sort(), ['crv', 'kty', 'x'])
})
