/** Changing one's own password, and setting one with a one-time token. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { everyone, newsroom, PASSWORD, unique } from '../helper.ts'
import { atOnce, refused, snapshot, tally } from '../traces.ts'
import { person, signIn } from './person.ts'

const room = await newsroom(t, { trustProxy: 1 })
const { api, db } = room

const NEXT = 'nine slow herons over the weir'
let addresses = 0
/** An address of its own for each request: guesses are counted by address. */
const elsewhere = (): Record<string, string> => ({
  'x-forwarded-for': `198.51.${(addresses >> 8) & 255}.${addresses++ & 255}`
})
const change = (token: string, currentPassword: string, newPassword: string, headers = elsewhere()) =>
  api('POST /v1/me/password', { token, body: { currentPassword, newPassword }, headers })
const use = (token: string, password = NEXT, headers = elsewhere()) =>
  api('POST /v1/password-links/use', { body: { token, password }, headers })
const makeLink = async (userId: string, body: object = {}) =>
  (await api(`POST /v1/users/${userId}/password-links`, { as: 'admin', body, expect: 201 })).body as {
    id: string
    purpose: string
    token: string
    expiresAt: string
  }
const me = async (token: string) => (await api('GET /v1/me', { token })).status
const traces = async (requestId: string | null) => {
  const audit = await db.query(
    { text: 'SELECT action, user_id, resource_id, fields FROM audit WHERE request_id = $1::text' },
    [requestId]
  )
  return audit
}
/** Somebody who was added without a password. */
async function invited() {
  const body = { email: `${unique('iso')}@example.org`, name: 'Iso Berg', role: 'author' }
  const user = await api('POST /v1/users', { as: 'admin', body, expect: 201 })
  return user.body as { id: string; email: string }
}

t.test('changing one’s own', async (t) => {
  t.test('nobody: 401', async (t) => {
    const body = { currentPassword: PASSWORD, newPassword: NEXT }
    await refused(t, room, 'POST /v1/me/password', { body }, '401 unauthenticated')
  })

  t.test('ends all other sessions, and this one goes on', async (t) => {
    const maya = await person(room, 'contributor')
    const other = await signIn(room, maya.email)
    const { token: link } = await makeLink(maya.id)
    const answer = await change(maya.accessToken, PASSWORD, NEXT)
    t.equal(answer.status, 204)
    t.same(await traces(answer.headers.get('x-request-id')), [
      { action: 'user.changed', user_id: maya.id, resource_id: maya.id, fields: ['password'] }
    ])
    const events = await db.query<{ payload: object }>(
      { text: `SELECT payload FROM events WHERE subject_id = $1::uuid AND type = 'user.changed'` },
      [maya.id]
    )
    t.same(
      events.map(({ payload }) => payload),
      [{ id: maya.id, fields: ['password'] }]
    )
    t.equal(await me(maya.accessToken), 200)
    t.equal(
      (await api('POST /v1/sessions/refresh', { body: { refreshToken: maya.refreshToken } })).status,
      201
    )
    t.equal(await me(other.accessToken), 401)
    t.equal(
      (await api('POST /v1/sessions/refresh', { body: { refreshToken: other.refreshToken } })).status,
      401
    )
    await api('POST /v1/sessions', { body: { email: maya.email, password: PASSWORD }, expect: 401 })
    t.equal(await me((await signIn(room, maya.email, NEXT)).accessToken), 200)
    t.equal((await use(link)).status, 404, 'a link made before does nothing any more')
  })

  t.test('with a wrong one: 403, and nothing changes', async (t) => {
    const maya = await person(room)
    const body = { currentPassword: `${PASSWORD}.`, newPassword: NEXT }
    const options = { token: maya.accessToken, body, headers: elsewhere() }
    await refused(t, room, 'POST /v1/me/password', options, '403 wrong_password')
    const weak = { ...options, body: { ...body, newPassword: 'short' }, headers: elsewhere() }
    await refused(t, room, 'POST /v1/me/password', weak, '403 wrong_password')
  })

  const weak: [string, string][] = [
    ['too short', 'short'],
    ['common', 'passwordpassword1'],
    ['with one’s name', 'lindqvist over the weir']
  ]
  for (const [what, newPassword] of weak) {
    t.test(`to one that is ${what}: 400`, async (t) => {
      const maya = await person(room)
      const body = { currentPassword: PASSWORD, newPassword }
      const options = { token: maya.accessToken, body, headers: elsewhere() }
      await refused(t, room, 'POST /v1/me/password', options, '400 invalid_request', '/newPassword')
    })
  }

  t.test('ten times in vain; then 429', async (t) => {
    const maya = await person(room)
    const headers = elsewhere()
    const answers = await atOnce(14, () => change(maya.accessToken, 'not the password at all', NEXT, headers))
    t.same(tally(answers), { 403: 10, 429: 4 })
    t.ok(answers.find(({ status }) => status === 429)?.headers.get('retry-after'))
    t.equal((await change(maya.accessToken, PASSWORD, NEXT, headers)).status, 429, 'the right one too')
    t.equal((await change(maya.accessToken, PASSWORD, NEXT, {})).status, 204, 'from where they signed in')
  })

  t.test('twice at once: one of them counts', async (t) => {
    const maya = await person(room)
    const wanted = [NEXT, 'six green lanterns on the quay', 'a dozen quiet larks at noon']
    const answers = await Promise.all(wanted.map((password) => change(maya.accessToken, PASSWORD, password)))
    t.same(tally(answers), { 204: 1, 403: 2 })
    const winner = wanted[answers.findIndex(({ status }) => status === 204)]
    t.equal(await me((await signIn(room, maya.email, winner)).accessToken), 200)
  })
})

t.test('making a link', async (t) => {
  const maya = await person(room)
  for (const who of everyone) {
    const status = who === 'nobody' ? 401 : who === 'admin' ? 201 : 403
    t.test(`${who}: ${status}`, async () => {
      await api(`POST /v1/users/${maya.id}/password-links`, { as: who, body: {}, expect: status })
    })
  }

  t.test('an invitation for who has no password, a reset for others', async (t) => {
    const hours = (expiresAt: string) => Math.round((Date.parse(expiresAt) - Date.now()) / 360_000) / 10
    const first = await makeLink((await invited()).id)
    t.equal(first.purpose, 'invitation')
    t.equal(hours(first.expiresAt), 72)
    const second = await makeLink(maya.id)
    t.equal(second.purpose, 'reset')
    t.equal(hours(second.expiresAt), 24)
    t.equal(hours((await makeLink(maya.id, { expiresInHours: 168 })).expiresAt), 168)
    const bare = await api(`POST /v1/users/${maya.id}/password-links`, { as: 'admin', expect: 201 })
    t.equal(bare.headers.get('cache-control'), 'private, no-store')
  })

  for (const expiresInHours of [0, 169, -1, 1.5, '24', null]) {
    t.test(`for ${JSON.stringify(expiresInHours)} hours: 400`, async (t) => {
      const options = { as: 'admin' as const, body: { expiresInHours } }
      const request = `POST /v1/users/${maya.id}/password-links`
      await refused(t, room, request, options, '400 invalid_request', '/expiresInHours')
    })
  }

  t.test('for nobody: 404; for somebody disabled: 409', async (t) => {
    const nobody = `POST /v1/users/${maya.sessionId}/password-links`
    await refused(t, room, nobody, { as: 'admin', body: {} }, '404 not_found')
    const gone = await person(room)
    await api(`PATCH /v1/users/${gone.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    const disabled = `POST /v1/users/${gone.id}/password-links`
    await refused(t, room, disabled, { as: 'admin', body: {} }, '409 user_disabled')
  })

  t.test('twenty at once: the last one works, the others do not', async (t) => {
    const { id } = await invited()
    const links = await atOnce(20, () => makeLink(id))
    const statuses = []
    for (const { token } of links) statuses.push((await use(token)).status)
    t.equal(statuses.filter((status) => status === 204).length, 1)
    t.equal(statuses.filter((status) => status === 404).length, 19)
  })

  t.test('keeps no token, and 256 bits are random in it', async (t) => {
    const { token } = await makeLink(maya.id)
    t.match(token, /^dlo_[A-Za-z0-9_-]{43}$/)
    const rows = await db.query<{ row: string }>({ text: 'SELECT l::text AS row FROM password_links l' }, [])
    const dump = rows.map(({ row }) => row).join('\n')
    t.ok(dump.includes(createHash('sha256').update(token).digest('hex')))
    t.notOk(dump.includes(token.slice(4)))
    t.notOk(dump.includes(Buffer.from(token).toString('hex')))
    t.notOk(dump.includes(Buffer.from(token.slice(4), 'base64url').toString('hex')))
  })
})

t.test('using a link', async (t) => {
  t.test('sets the password and ends all sessions', async (t) => {
    const maya = await person(room)
    const { token } = await makeLink(maya.id)
    const answer = await use(token)
    t.equal(answer.status, 204)
    t.same(await traces(answer.headers.get('x-request-id')), [
      { action: 'user.changed', user_id: maya.id, resource_id: maya.id, fields: ['password'] }
    ])
    t.equal(await me(maya.accessToken), 401)
    await api('POST /v1/sessions', { body: { email: maya.email, password: PASSWORD }, expect: 401 })
    t.equal(await me((await signIn(room, maya.email, NEXT)).accessToken), 200)
  })

  t.test('lets somebody in who never had a password', async (t) => {
    const { id, email } = await invited()
    const { token } = await makeLink(id)
    t.equal((await use(token)).status, 204)
    t.equal(await me((await signIn(room, email, NEXT)).accessToken), 200)
  })

  t.test('in vain looks the same, whatever the reason', async (t) => {
    const [used, expired, replaced, disabled, changed] = await Promise.all(
      Array.from({ length: 5 }, () => person(room))
    )
    const linkOf = async (of: { id: string } | undefined) => (await makeLink(of?.id ?? '')).token
    const cases: [string, string][] = [
      ['used', await linkOf(used)],
      ['expired', await linkOf(expired)],
      ['replaced', await linkOf(replaced)],
      ['of somebody disabled', await linkOf(disabled)],
      ['of somebody who has another password since', await linkOf(changed)],
      ['unknown', `dlo_${'A'.repeat(43)}`],
      ['no token at all', 'x'],
      ['a refresh token', used?.refreshToken ?? ''],
      ['in another spelling', `${await linkOf(await person(room))}=`]
    ]
    await use(cases[0]?.[1] ?? '')
    await db.query(
      { text: 'UPDATE password_links SET expires_at = clock_timestamp() WHERE user_id = $1::uuid' },
      [expired?.id]
    )
    await makeLink(replaced?.id ?? '')
    await api(`PATCH /v1/users/${disabled?.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    await api(`PATCH /v1/users/${changed?.id}`, { as: 'admin', body: { password: NEXT }, expect: 200 })
    const before = await snapshot(room)
    const answers = []
    for (const [, token] of cases) answers.push(await use(token))
    const [first, ...others] = answers.map(({ status, body: { requestId: _, ...body }, headers }) => ({
      status,
      body,
      headers: Object.fromEntries([...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)))
    }))
    t.match(first, { status: 404, body: { code: 'not_found' } })
    for (const [index, other] of others.entries()) t.same(other, first, `${cases[index + 1]?.[0]}`)
    t.same(await snapshot(room), before, 'and changes nothing')
    await api(`PATCH /v1/users/${disabled?.id}`, { as: 'admin', body: { disabled: false }, expect: 200 })
    t.equal((await use(cases[3]?.[1] ?? '')).status, 404, 'nor when they are enabled again')
  })

  t.test('with a weak password: 400, and the link stays good', async (t) => {
    const { id } = await invited()
    const { token } = await makeLink(id)
    for (const password of ['short', 'passwordpassword1', 'herons over Berg and weir']) {
      const options = { body: { token, password }, headers: elsewhere() }
      await refused(t, room, 'POST /v1/password-links/use', options, '400 invalid_request', '/password')
    }
    t.equal((await use(token)).status, 204)
  })

  t.test('ten times at once: exactly one wins', async (t) => {
    for (let round = 0; round < 3; round++) {
      const { id, email } = await invited()
      const { token } = await makeLink(id)
      const wanted = Array.from({ length: 10 }, (_, index) => `${NEXT} ${'abcdefghij'[index]}`)
      const answers = await Promise.all(wanted.map((password) => use(token, password)))
      t.same(tally(answers), { 204: 1, 404: 9 })
      const winner = wanted[answers.findIndex(({ status }) => status === 204)]
      t.equal(await me((await signIn(room, email, winner)).accessToken), 200, 'whose password it is')
    }
  })

  t.test('after ten in vain within a minute: 429, also for one that is good', async (t) => {
    const headers = elsewhere()
    const { token } = await makeLink((await invited()).id)
    const statuses = []
    for (let number = 0; number < 12; number++)
      statuses.push((await use(`dlo_${number}`, NEXT, headers)).status)
    t.same(statuses, [...Array(10).fill(404), 429, 429])
    t.equal((await use(token, NEXT, headers)).status, 429)
    t.equal((await use(token)).status, 204, 'from elsewhere it is good')
  })
})
