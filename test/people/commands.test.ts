/** What an operator types about people and keys, while Dateline runs. */
import t from 'tap'
import { newsroom } from '../helper.ts'
import { cli, settingsFor } from '../start/process.ts'
import { person, signIn } from './person.ts'

const room = await newsroom(t)
const { api, db, config } = room
const settings = settingsFor(config.database, { PUBLIC_URL: config.publicUrl })

t.test('user reset gives a token that sets a password once', async (t) => {
  const maya = await person(room)
  const { code, stdout } = await cli(['user', 'reset', maya.email.toUpperCase()], settings)
  t.equal(code, 0)
  const token = /dlo_[\w-]{43}/.exec(stdout)?.[0] ?? ''
  t.match(stdout, `${config.publicUrl}/v1/password-links/use`)
  t.equal((await api('GET /v1/me', { token: maya.accessToken })).status, 200, 'nothing has ended yet')
  const body = { token, password: 'nine slow herons over the weir' }
  await api('POST /v1/password-links/use', { body, expect: 204 })
  await api('POST /v1/password-links/use', { body, expect: 404 })
  t.equal((await api('GET /v1/me', { token: maya.accessToken })).status, 401)
  t.ok(await signIn(room, maya.email, body.password))
})

t.test('keys rotate makes a key and keeps the one before', async (t) => {
  const before = (await api('GET /.well-known/jwks.json', { expect: 200 })).body.keys
  t.match(await cli(['keys', 'rotate'], settings), { code: 0, stdout: /Keys retired: 0\./ })
  const after = (await api('GET /.well-known/jwks.json', { expect: 200 })).body.keys
  t.same(after.slice(1), before)
  t.equal((await api('GET /v1/me', { as: 'editor' })).status, 200)
  const rows = await db.query({ text: 'SELECT FROM signing_keys' }, [])
  t.equal(rows.length, 2)
})

const refusals: [string[], number, RegExp][] = [
  [['user', 'reset'], 2, /missing required argument 'email'/],
  [['user', 'reset', 'a@example.org', 'b@example.org'], 2, /too many arguments/],
  [['user', 'reset', 'nobody@example.org'], 1, /There is no such user/],
  [['keys', 'rotate', 'now'], 2, /too many arguments/]
]
for (const [args, code, stderr] of refusals) {
  t.test(`${args.join(' ')}: ${code}`, async (t) => {
    t.match(await cli(args, settings), { code, stdout: '', stderr })
  })
}
