/** People who come with a token of an OpenID Connect issuer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UnsecuredJWT } from 'jose'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { ConfigError, readConfig } from '../../src/config.ts'
import { newsroom, unique } from '../helper.ts'
import { atOnce, refused, tally } from '../traces.ts'
import { AUDIENCE, ownIssuer } from './issuer.ts'
import { person } from './person.ts'

const issuer = await ownIssuer(t)
const roles = [
  { claim: 'groups', value: 'writers', role: 'author' },
  { claim: 'groups', value: 'desk', role: 'editor' },
  { claim: 'groups', value: 'chiefs', role: 'admin' },
  { claim: 'https://news.example/job', value: 'trainee', role: 'contributor' },
  { claim: 'realm_access.roles', value: 'writer', role: 'author' }
] as const
const oidc = { issuer: issuer.url, audience: AUDIENCE, roles: [...roles], create: true }
const room = await newsroom(t, { oidc })
const { api, db } = room
const me = (token: string) => api('GET /v1/me', { token })
let subjects = 0
const subject = () => `subject|${++subjects}`
const stranger = (more: object = {}) => ({
  sub: subject(),
  email: `${unique('noor')}@example.org`,
  name: 'Noor Haddad',
  groups: ['writers'],
  ...more
})
const auditOf = (userId: string) =>
  db.query<{ action: string; fields: string[]; user_id: string | null }>(
    { text: 'SELECT action, fields, user_id FROM audit WHERE resource_id = $1::uuid ORDER BY at, id' },
    [userId]
  )
const later = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

t.test('the first token makes a person; the next ones find them', async (t) => {
  const noor = stranger()
  const first = await me(await issuer.sign(noor))
  t.match(first, {
    status: 200,
    body: { email: noor.email, name: 'Noor Haddad', role: 'author', authorId: null, sessionId: null }
  })
  const again = await me(await issuer.sign({ ...noor, email: 'changed@example.org', email_verified: false }))
  t.equal(again.body.id, first.body.id, 'by the subject, whatever the address says now')
  t.equal(again.body.email, noor.email)
  t.match(await auditOf(first.body.id), [
    { action: 'user.created', user_id: null },
    { action: 'identity.linked', user_id: null }
  ])
  const tagged = await api('GET /v1/tags', { token: await issuer.sign(noor), expect: 200 })
  t.ok(tagged.body.data)
})

t.test('their writes are theirs', async (t) => {
  const desk = stranger({ groups: ['desk'] })
  const token = await issuer.sign(desk)
  const { id } = (await me(token)).body
  const made = await api('POST /v1/tags', {
    token,
    body: { kind: 'topic', names: { en: unique('Ferries') } },
    expect: 201
  })
  t.match(await auditOf(made.body.id), [{ action: 'tag.created', user_id: id }])
})

t.test('a known person is linked by verified address, once', async (t) => {
  const maya = await person(room, 'author')
  const sub = subject()
  const token = await issuer.sign({ sub, email: maya.email.toUpperCase(), groups: ['writers'] })
  t.equal((await me(token)).body.id, maya.id)
  t.equal((await me(maya.accessToken)).status, 200, 'and still signs in as before')
  const other = await issuer.sign({ sub: subject(), email: maya.email, groups: ['chiefs'] })
  await refused(t, room, 'GET /v1/me', { token: other }, '401 not_admitted')
})

t.test('twenty first requests at once make one person', async (t) => {
  for (const known of [true, false]) {
    const noor = stranger(known ? { email: (await person(room)).email } : {})
    const token = await issuer.sign(noor)
    const answers = await atOnce(20, () => me(token))
    t.same(tally(answers), { 200: 20 })
    t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
    const id = answers[0]?.body.id
    const linked = (await auditOf(id)).filter(({ action }) => action === 'identity.linked')
    t.equal(linked.length, 1)
  }
})

t.test('one statement for a token that was seen', async (t) => {
  const token = await issuer.sign(stranger())
  await me(token)
  t.equal(await room.statements(() => me(token)), 1)
})

t.test('roles', async (t) => {
  const rows: [string, object, string | null][] = [
    ['one of a list', { groups: ['readers', 'desk'] }, 'editor'],
    ['a text', { groups: 'chiefs' }, 'admin'],
    ['the highest of several', { groups: ['desk', 'writers', 'chiefs'] }, 'admin'],
    [
      'a claim named by an address',
      { groups: undefined, 'https://news.example/job': 'trainee' },
      'contributor'
    ],
    ['within another claim', { groups: undefined, realm_access: { roles: ['writer'] } }, 'author'],
    ['none that is mapped', { groups: ['readers'] }, null],
    ['none at all', { groups: undefined }, null],
    ['part of a value', { groups: 'chiefs2' }, null],
    ['a number', { groups: 7 }, null],
    ['an object', { groups: { chiefs: true } }, null],
    ['what every object has', { groups: undefined, realm_access: 'roles' }, null]
  ]
  for (const [what, claims, role] of rows) {
    t.test(`${what}: ${role ?? '401'}`, async (t) => {
      const token = await issuer.sign(stranger(claims))
      if (role) t.equal((await me(token)).body.role, role)
      else await refused(t, room, 'GET /v1/me', { token }, '401 not_admitted')
    })
  }

  t.test('follow the newest token, up and down, and are audited', async (t) => {
    const noor = stranger()
    const old = await issuer.sign({ ...noor, iat: later(-60) })
    const { id } = (await me(old)).body
    const desk = await issuer.sign({ ...noor, groups: ['desk'], iat: later(-30) })
    t.equal((await me(desk)).body.role, 'editor')
    t.equal((await me(old)).body.role, 'editor', 'an older token says nothing any more')
    t.match((await auditOf(id)).at(-1), { action: 'user.changed', fields: ['role'], user_id: null })
    const before = (await auditOf(id)).length
    t.equal((await me(await issuer.sign({ ...noor, groups: ['desk'] }))).body.role, 'editor')
    t.equal((await auditOf(id)).length, before, 'the same role again leaves no trace')
    const back = await issuer.sign({ ...noor, groups: ['writers'], iat: later(1) })
    t.equal((await me(back)).body.role, 'author')
    t.equal((await api('GET /v1/users', { token: back })).status, 403)
  })

  t.test('the last admin stays one', async (t) => {
    const chief = stranger({ groups: ['chiefs'] })
    const { id } = (await me(await issuer.sign({ ...chief, iat: later(-60) }))).body
    const admins = await db.query<{ id: string }>(
      {
        text: `UPDATE users SET role = 'editor' WHERE role = 'admin' AND id <> $1::uuid RETURNING id`
      },
      [id]
    )
    const demoted = await me(await issuer.sign({ ...chief, groups: ['writers'] }))
    await db.query({ text: `UPDATE users SET role = 'admin' WHERE id = ANY ($1::uuid[])` }, [
      admins.map((admin) => admin.id)
    ])
    t.equal(demoted.body.role, 'admin')
    t.equal(
      (await me(await issuer.sign({ ...chief, groups: ['writers'], iat: later(1) }))).body.role,
      'author'
    )
  })
})

t.test('what does not let anybody in', async (t) => {
  const maya = await person(room, 'admin')
  const rows: [string, object][] = [
    ['an address that is not verified', { email: maya.email, email_verified: false }],
    ['an address verified in words', { email: maya.email, email_verified: 'true' }],
    ['an address nobody says is verified', { email: maya.email, email_verified: undefined }],
    ['no address', { email: undefined }],
    ['an address that is a list', { email: [maya.email] }],
    ['an address in other letters that look alike', { email: maya.email.replace('m', 'ｍ') }],
    ['an address with NUL', { email: `a\u0000@example.org` }],
    ['no address at all', { email: 'example.org' }]
  ]
  for (const [what, claims] of rows) {
    t.test(`${what}: 401`, async (t) => {
      const token = await issuer.sign(stranger(claims))
      const answer = await refused(t, room, 'GET /v1/me', { token }, '401 not_admitted')
      t.equal(answer.headers.get('www-authenticate'), 'Bearer')
    })
  }

  const address = (length: number) =>
    `${'n'.repeat(60)}@${`${'o'.repeat(60)}.`.repeat(4)}example`.padEnd(length, 'r')
  const unfit: [string, object, RegExp][] = [
    [
      'a name of 201 characters',
      { name: '𝒏'.repeat(201) },
      /^The name in this token must have 1 to 200 char/
    ],
    [
      'a name of a megabyte’s tenth',
      { name: 'n'.repeat(6_000) },
      /^The name in this token must have 1 to 200/
    ],
    ['a name with NUL', { name: 'No\u0000or' }, /^The name in this token holds control characters\.$/],
    ['a name with an escape', { name: 'No\u001b[31mor' }, /^The name in this token holds control/],
    ['a name of two lines', { name: 'No\nor' }, /^The name in this token holds control/],
    ['a name with half a character', { name: 'No\ud800or' }, /^The name in this token holds control/],
    [
      'an address that is none for the API',
      { email: 'noor@localhost' },
      /^The email in this token is not an e-mail/
    ],
    ['an address of 255 characters', { email: `${address(255 - 4)}.org` }, /no verified e-mail address/],
    ['an address with an escape', { email: 'noor\u001b[31m@example.org' }, /no verified e-mail address/]
  ]
  for (const [what, claims, detail] of unfit) {
    t.test(`${what}: 401, and nothing is written`, async (t) => {
      const token = await issuer.sign(stranger(claims))
      const answer = await refused(t, room, 'GET /v1/me', { token }, '401 not_admitted')
      t.match(answer.body.detail, detail)
    })
  }

  t.test('what just fits is taken as it is', async (t) => {
    for (const name of ['𝒏'.repeat(200), 'Ali\u200cReza', 'O’Hara 🧑‍🚀'])
      t.equal((await me(await issuer.sign(stranger({ name })))).body.name, name)
    for (const name of [{ first: 'Noor' }, '  ', undefined])
      t.match((await me(await issuer.sign(stranger({ name })))).body.name, /^noor/)
    const claims = { sub: 's'.repeat(255), email: `${unique('n').padEnd(50, 'n')}@${'o'.repeat(60)}.org` }
    t.match(await me(await issuer.sign(stranger(claims))), { status: 200, body: { email: claims.email } })
    // A subject that is longer, or no ASCII, is no token of OpenID Connect.
    for (const sub of ['s'.repeat(256), 'nöor', 'no\u0000or', ''])
      await refused(
        t,
        room,
        'GET /v1/me',
        { token: await issuer.sign(stranger({ sub })) },
        '401 unauthenticated'
      )
  })

  t.test('nobody new where people are not made', async (t) => {
    const app = await buildApp({ ...room.config, oidc: { ...oidc, create: false } }, db)
    t.teardown(() => app.close())
    const ask = async (token: string) =>
      (await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } })).json()
    t.match(await ask(await issuer.sign(stranger())), { status: 401, code: 'not_admitted' })
    const known = await person(room)
    t.match(await ask(await issuer.sign(stranger({ email: known.email }))), { id: known.id })
  })

  t.test('without a map the role is the one here', async (t) => {
    const app = await buildApp({ ...room.config, oidc: { ...oidc, roles: [], create: false } }, db)
    t.teardown(() => app.close())
    const known = await person(room, 'editor')
    const token = await issuer.sign(stranger({ email: known.email, groups: undefined }))
    const headers = { authorization: `Bearer ${token}` }
    t.match((await app.inject({ url: '/v1/me', headers })).json(), { id: known.id, role: 'editor' })
  })
})

t.test('tokens', async (t) => {
  const noor = stranger()
  const good = await issuer.sign(noor)
  t.equal((await me(good)).status, 200, 'good, so that what follows is refused for its fault')
  const [head, payload, signature] = good.split('.') as [string, string, string]
  const foreign = await ownIssuer(t)
  const symmetric = new TextEncoder().encode(JSON.stringify(issuer.keys[0]?.jwk))
  const asBytes = {
    kid: issuer.keys[0]?.kid as string,
    alg: 'HS256',
    privateKey: symmetric as never,
    jwk: {}
  }
  const forged: [string, string][] = [
    ['another audience', await issuer.sign({ ...noor, aud: 'another' })],
    ['no audience', await issuer.sign({ ...noor, aud: undefined })],
    ['expired', await issuer.sign({ ...noor, exp: later(-60) })],
    ['no expiry', await issuer.sign({ ...noor, exp: undefined })],
    ['no moment of issue', await issuer.sign({ ...noor, iat: undefined })],
    ['a moment of issue in words', await issuer.sign({ ...noor, iat: 'now' as never })],
    ['issued in the future', await issuer.sign({ ...noor, iat: later(60) })],
    ['not valid yet', await issuer.sign({ ...noor, nbf: later(60) })],
    ['no subject', await issuer.sign({ ...noor, sub: undefined })],
    ['an empty subject', await issuer.sign({ ...noor, sub: '' })],
    ['a subject that is too long', await issuer.sign({ ...noor, sub: 'x'.repeat(256) })],
    ['a subject with NUL', await issuer.sign({ ...noor, sub: 'a\u0000' })],
    ['our own type', await issuer.sign(noor, { typ: 'at+jwt' })],
    ['a foreign key under its own id', await foreign.sign({ ...noor, iss: issuer.url })],
    [
      'a foreign key under a key id of theirs',
      await foreign.sign({ ...noor, iss: issuer.url }, { kid: issuer.keys[0]?.kid })
    ],
    ['an issuer that is not ours', await foreign.sign(noor)],
    [
      'alg none',
      new UnsecuredJWT({ ...noor, iss: issuer.url, aud: AUDIENCE, iat: later(0), exp: later(60) }).encode()
    ],
    ['HS256 with the public key as secret', await issuer.sign(noor, {}, asBytes)],
    ['no signature', `${head}.${payload}.`],
    [
      'another payload',
      `${head}.${Buffer.from(JSON.stringify({ iss: issuer.url, sub: 'x' })).toString('base64url')}.${signature}`
    ],
    [
      'a signature with one bit changed',
      `${head}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    ]
  ]
  for (const [what, token] of forged) {
    t.test(`${what}: 401`, async (t) => {
      await refused(t, room, 'GET /v1/me', { token }, '401 unauthenticated')
    })
  }
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'RS512', 'ES384']) {
    const taken = !['RS512', 'ES384'].includes(alg)
    t.test(`signed with ${alg}: ${taken ? 200 : 401}`, async (t) => {
      const own = await ownIssuer(t)
      const key = await own.addKey(alg)
      const app = await buildApp({ ...room.config, oidc: { ...oidc, issuer: own.url } }, db)
      t.teardown(() => app.close())
      const headers = { authorization: `Bearer ${await own.sign(stranger(), {}, key)}` }
      t.equal((await app.inject({ url: '/v1/me', headers })).statusCode, taken ? 200 : 401)
    })
  }
})

t.test('ending', async (t) => {
  const ended = (iat: number) => ({ ...stranger(), iat })
  t.test('a disabled person: 401 at the next request, and not known again by their address', async (t) => {
    const noor = stranger()
    const token = await issuer.sign(noor)
    const { id } = (await me(token)).body
    await api(`PATCH /v1/users/${id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    await refused(t, room, 'GET /v1/me', { token }, '401 unauthenticated')
    const gone = await person(room)
    await api(`PATCH /v1/users/${gone.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    const late = await issuer.sign(stranger({ email: gone.email }))
    await refused(t, room, 'GET /v1/me', { token: late }, '401 unauthenticated')
  })

  for (const as of ['themselves', 'an admin'] as const) {
    t.test(`all sessions by ${as}: older tokens are refused, later ones are not`, async (t) => {
      const noor = ended(later(-20))
      const token = await issuer.sign(noor)
      const { id } = (await me(token)).body
      if (as === 'an admin') await api(`DELETE /v1/users/${id}/sessions`, { as: 'admin', expect: 204 })
      else await api('DELETE /v1/sessions/all', { token, expect: 204 })
      await refused(t, room, 'GET /v1/me', { token }, '401 unauthenticated')
      const unseen = await issuer.sign({ ...noor, iat: later(-10) })
      await refused(t, room, 'GET /v1/me', { token: unseen }, '401 unauthenticated')
      t.equal((await me(await issuer.sign({ ...noor, iat: later(2) }))).status, 200)
    })
  }

  t.test('holds for a token that was never seen before', async (t) => {
    const maya = await person(room)
    await api('DELETE /v1/sessions/all', { token: maya.accessToken, expect: 204 })
    const token = await issuer.sign(stranger({ email: maya.email, iat: later(-5) }))
    t.equal((await me(token)).status, 401)
  })

  t.test('has no current session to end: 404', async (t) => {
    const token = await issuer.sign(stranger())
    await me(token)
    await refused(t, room, 'DELETE /v1/sessions/current', { token }, '404 not_found')
    t.same((await api('GET /v1/sessions', { token, expect: 200 })).body.data, [])
  })
})

t.test('an issuer that fails', async (t) => {
  /** An instance of its own, which knows nothing of the issuer yet. */
  async function instance(t: { teardown: (work: () => Promise<void>) => void }) {
    const own = await ownIssuer(t)
    const lines: string[] = []
    const app = await buildApp(
      { ...room.config, logLevel: 'error', oidc: { ...oidc, issuer: own.url } },
      db,
      {
        write: (line) => lines.push(line)
      }
    )
    t.teardown(async () => app.close())
    const ask = (token: string) =>
      app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } }).then((answer) => ({
        status: answer.statusCode,
        code: answer.json().code,
        retryAfter: answer.headers['retry-after']
      }))
    return { own, ask, lines }
  }

  const failures: [string, (own: Awaited<ReturnType<typeof ownIssuer>>) => void][] = [
    ['answers 500', (own) => own.answer((_request, response) => response.writeHead(500).end())],
    ['hangs up', (own) => own.answer((request) => request.socket.destroy())],
    ['sends no JSON', (own) => own.answer((_request, response) => response.end('<html>'))],
    ['sends null', (own) => own.answer((_request, response) => response.end('null'))],
    ['sends without end', (own) => own.answer((_request, response) => response.end(' '.repeat(2_000_000)))],
    [
      'leads elsewhere',
      (own) =>
        own.answer((_request, response) => response.writeHead(302, { location: `${issuer.url}/keys` }).end())
    ],
    ['is described as another one', (own) => (own.says = issuer.url)],
    [
      'has no keys where it says',
      (own) =>
        own.answer((request, response, answer) => (request.url === '/keys' ? response.end('{}') : answer()))
    ]
  ]
  for (const [what, fail] of failures) {
    t.test(`${what}: 503, and our own tokens are good`, async (t) => {
      const { own, ask, lines } = await instance(t)
      const token = await own.sign(stranger())
      fail(own)
      t.match(await ask(token), { status: 503, code: 'unavailable', retryAfter: '5' })
      t.ok(JSON.parse(lines[0] ?? '{}').err.cause, 'the log says what was wrong')
      t.notOk(lines.join().includes(token), 'and not with which token')
      t.equal((await ask(room.tokens.editor)).status, 200)
      const before = own.asked.length
      await Promise.all(Array.from({ length: 20 }, () => ask(token)))
      t.ok(own.asked.length <= before + 1, 'and it is left alone for a while')
    })
  }

  t.test('says nothing: 503 within a bounded time', async (t) => {
    const { own, ask } = await instance(t)
    const token = await own.sign(stranger())
    own.answer(() => {})
    const began = Date.now()
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(token)))
    t.same([...new Set(answers.map(({ status }) => status))], [503])
    t.ok(Date.now() - began < 9000)
    t.equal(own.asked.length, 1, 'asked once for all of them')
    const [now, at] = [Date.now, Date.now()]
    t.teardown(() => {
      Date.now = now
    })
    own.answer((_request, _response, answer) => answer())
    t.equal((await ask(token)).status, 503, 'rested')
    Date.now = () => now() - (now() - at) + 6000
    const answer = await ask(token)
    Date.now = now
    t.equal(answer.status, 200, 'and asked again after that')
  })

  t.test('goes away after its keys are known: tokens go on being good', async (t) => {
    const { own, ask } = await instance(t)
    const noor = stranger()
    t.equal((await ask(await own.sign(noor))).status, 200)
    own.answer((request) => request.socket.destroy())
    t.equal((await ask(await own.sign(noor))).status, 200)
  })

  t.test('asked by nobody: never', async (t) => {
    const { own, ask } = await instance(t)
    t.equal((await ask(room.tokens.editor)).status, 200)
    t.equal((await ask('garbage')).status, 401)
    t.same(own.asked, [])
  })

  t.test('gets a new key: its tokens are good', async (t) => {
    const { own, ask } = await instance(t)
    const noor = stranger()
    t.equal((await ask(await own.sign(noor))).status, 200)
    const key = await own.addKey()
    const token = await own.sign(noor, {}, key)
    t.equal((await ask(token)).status, 401, 'half a minute at most')
    const now = Date.now
    t.teardown(() => {
      Date.now = now
    })
    Date.now = () => now() + 31_000
    const answer = await ask(token)
    Date.now = now
    t.equal(answer.status, 200)
  })
})

t.test('settings', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dateline-settings-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const read = (settings: Record<string, string>) => readConfig({ DATELINE_DATA: folder, ...settings }).oidc
  const both = { OIDC_ISSUER: 'https://login.example.org/', OIDC_AUDIENCE: 'newsroom' }
  t.equal(read({}), null)
  t.same(read(both), { issuer: 'https://login.example.org/', audience: 'newsroom', roles: [], create: false })
  t.same(
    read({
      ...both,
      OIDC_ROLES: 'groups:desk=editor, https://news.example/job:chief=admin',
      OIDC_CREATE: 'true'
    }),
    {
      issuer: 'https://login.example.org/',
      audience: 'newsroom',
      roles: [
        { claim: 'groups', value: 'desk', role: 'editor' },
        { claim: 'https://news.example/job', value: 'chief', role: 'admin' }
      ],
      create: true
    }
  )
  const faults: [string, Record<string, string>, RegExp][] = [
    ['an issuer alone', { OIDC_ISSUER: both.OIDC_ISSUER }, /go together/],
    ['an audience alone', { OIDC_AUDIENCE: 'newsroom' }, /go together/],
    ['roles alone', { OIDC_ROLES: 'groups:desk=editor' }, /need OIDC_ISSUER/],
    ['creating alone', { OIDC_CREATE: 'true' }, /need OIDC_ISSUER/],
    ['no address', { ...both, OIDC_ISSUER: 'login' }, /OIDC_ISSUER must be/],
    ['a query', { ...both, OIDC_ISSUER: 'https://login.example.org/?x' }, /OIDC_ISSUER must be/],
    ['ourselves', { ...both, OIDC_ISSUER: 'http://localhost:3000' }, /another address than PUBLIC_URL/],
    ['creating without roles', { ...both, OIDC_CREATE: 'true' }, /needs OIDC_ROLES/],
    ['an unknown role', { ...both, OIDC_ROLES: 'groups:desk=boss' }, /OIDC_ROLES must be/],
    ['no claim', { ...both, OIDC_ROLES: 'desk=editor' }, /OIDC_ROLES must be/],
    ['a comma too many', { ...both, OIDC_ROLES: 'groups:desk=editor,' }, /OIDC_ROLES must be/],
    ['neither yes nor no', { ...both, OIDC_CREATE: '1' }, /OIDC_CREATE must be true or false/],
    [
      'http in production',
      { ...both, OIDC_ISSUER: 'http://login.example.org', NODE_ENV: 'production' },
      /OIDC_ISSUER must be/
    ]
  ]
  for (const [what, settings, fault] of faults)
    t.throws(() => read(settings), { name: ConfigError.name, message: fault }, what)
})
