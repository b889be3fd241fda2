import { createHash } from 'node:crypto'
import {
  createLocalJWKSet,
  generateKeyPair,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  SignJWT,
  UnsecuredJWT
} from 'jose'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { deriveKey, unseal } from '../../src/secrets.ts'
import { everyone, newsroom, PASSWORD, roles } from '../helper.ts'
import { atOnce, refused, tally, written } from '../traces.ts'
import { person, signIn } from './person.ts'

const room = await newsroom(t)
const { api, db } = room

const hashOf = (token: string) => createHash('sha256').update(token).digest()
const refresh = (refreshToken: string) => api('POST /v1/sessions/refresh', { body: { refreshToken } })
const me = (token: string) => api('GET /v1/me', { token })
/** As if a used token had been used that many seconds earlier. */
const usedEarlier = (token: string, seconds: number) =>
  db.query(
    {
      text: 'UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2::int) WHERE hash = $1::bytea'
    },
    [hashOf(token), seconds]
  )
const tokensOf = (sessionId: string) =>
  db.query<{ used: boolean; sealed: boolean }>(
    {
      text: `SELECT used_at IS NOT NULL AS used, sealed_successor IS NOT NULL AS sealed FROM refresh_tokens
        WHERE session_id = $1::uuid ORDER BY used_at NULLS LAST`
    },
    [sessionId]
  )

t.test('who may', async (t) => {
  const { email } = await person(room)
  for (const who of everyone) {
    t.test(`${who} signs in: 201`, async () => {
      await api('POST /v1/sessions', { as: who, body: { email, password: PASSWORD }, expect: 201 })
    })
    t.test(`${who} refreshes: 201`, async () => {
      const { refreshToken } = await signIn(room, email)
      await api('POST /v1/sessions/refresh', { as: who, body: { refreshToken }, expect: 201 })
    })
    t.test(`${who} reads the public keys: 200`, async () => {
      await api('GET /.well-known/jwks.json', { as: who, expect: 200 })
    })
    t.test(`${who} asks who they are: ${who === 'nobody' ? 401 : 200}`, async (t) => {
      if (who === 'nobody') return void (await refused(t, room, 'GET /v1/me', {}, '401 unauthenticated'))
      const answer = await api('GET /v1/me', { as: who, expect: 200 })
      t.match(answer.body, { id: room.userIds[who], email: `${who}@example.org`, role: who, authorId: null })
    })
  }
  t.test('nobody signs out: 401', async (t) => {
    await refused(t, room, 'DELETE /v1/sessions/current', {}, '401 unauthenticated')
  })
  for (const role of roles) {
    t.test(`${role} signs out: 204`, async () => {
      await api('DELETE /v1/sessions/current', { token: (await person(room, role)).accessToken, expect: 204 })
    })
  }
})

t.test('signing in', async (t) => {
  t.test('gives tokens and says who one is', async (t) => {
    const maya = await person(room, 'editor')
    const session = await written(
      t,
      room,
      'POST /v1/sessions',
      { body: { email: maya.email, password: PASSWORD } },
      {
        status: 201,
        type: 'session.opened',
        event: false,
        by: maya.id,
        subject: (body) => body.user.sessionId
      }
    )
    t.equal(session.body.expiresIn, 600)
    t.equal(session.headers.get('cache-control'), 'private, no-store')
    t.match(session.body.user, {
      id: maya.id,
      email: maya.email,
      name: 'Maya Lindqvist',
      role: 'editor',
      authorId: null
    })
    t.not(session.body.user.sessionId, maya.sessionId, 'a session of its own')
    const answer = await me(session.body.accessToken)
    t.same(answer.body, session.body.user)
  })

  t.test('takes the address in any case', async (t) => {
    const { id, email } = await person(room)
    const session = await api('POST /v1/sessions', {
      body: { email: email.toUpperCase(), password: PASSWORD },
      expect: 201
    })
    t.equal(session.body.user.id, id)
  })

  t.test('refuses alike whatever is wrong', async (t) => {
    const known = await person(room)
    const disabled = await person(room)
    await api(`PATCH /v1/users/${disabled.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    const invited = { email: 'no-password@example.org', name: 'Iso Berg', role: 'author' }
    await api('POST /v1/users', { as: 'admin', body: invited, expect: 201 })
    const cases = [
      ['a wrong password', known.email, `${PASSWORD}.`],
      ['a password in another case', known.email, PASSWORD.toUpperCase()],
      ['a very long password', known.email, 'x'.repeat(1000)],
      ['an unknown address', 'nobody-here@example.org', PASSWORD],
      ['a disabled person', disabled.email, PASSWORD],
      ['a person without a password', invited.email, PASSWORD]
    ] as const
    const answers = await Promise.all(
      cases.map(([, email, password]) => api('POST /v1/sessions', { body: { email, password }, expect: 401 }))
    )
    const [first, ...others] = answers.map(({ body: { requestId: _, ...body }, headers }) => ({
      body,
      headers: Object.fromEntries([...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)))
    }))
    t.equal(first?.body.code, 'invalid_credentials')
    for (const [index, other] of others.entries()) {
      t.same(other, first, `${cases[index + 1]?.[0]} looks like ${cases[0][0]}`)
    }
  })

  t.test('is refused with one audit row and nothing else', async (t) => {
    const { id, email } = await person(room)
    const counts = {
      text: 'SELECT (SELECT count(*)::int FROM sessions) AS sessions, (SELECT count(*)::int FROM events) AS events'
    }
    const before = await db.query(counts, [])
    const answer = await api('POST /v1/sessions', { body: { email, password: `${PASSWORD}!` }, expect: 401 })
    t.same(await db.query(counts, []), before)
    const audit = await db.query(
      {
        text: 'SELECT action, user_id, session_id, resource, resource_id, fields FROM audit WHERE request_id = $1::text'
      },
      [answer.headers.get('x-request-id')]
    )
    t.same(audit, [
      {
        action: 'session.refused',
        user_id: null,
        session_id: null,
        resource: 'user',
        resource_id: id,
        fields: []
      }
    ])
  })

  const faults: [string, object, string][] = [
    ['no password', { email: 'maya@example.org' }, '/password'],
    ['an empty password', { email: 'maya@example.org', password: '' }, '/password'],
    ['a password that is a number', { email: 'maya@example.org', password: 1234567890123456 }, '/password'],
    ['no address', { password: PASSWORD }, '/email'],
    ['an address without @', { email: 'maya', password: PASSWORD }, '/email'],
    ['an unknown member', { email: 'maya@example.org', password: PASSWORD, remember: true }, '/remember'],
    ['NUL in the password', { email: 'maya@example.org', password: `${PASSWORD}\0` }, '/password']
  ]
  for (const [what, body, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(t, room, 'POST /v1/sessions', { body }, '400 invalid_request', pointer)
    })
  }
})

t.test('signing out', async (t) => {
  t.test('ends this session at the next request, and no other', async (t) => {
    const maya = await person(room)
    const other = await signIn(room, maya.email)
    await written(
      t,
      room,
      'DELETE /v1/sessions/current',
      { token: maya.accessToken },
      {
        status: 204,
        type: 'session.ended',
        event: false,
        by: maya.id,
        subject: maya.sessionId
      }
    )
    await refused(t, room, 'GET /v1/me', { token: maya.accessToken }, '401 unauthenticated')
    await refused(t, room, 'DELETE /v1/sessions/current', { token: maya.accessToken }, '401 unauthenticated')
    const body = { refreshToken: maya.refreshToken }
    await refused(t, room, 'POST /v1/sessions/refresh', { body }, '401 invalid_refresh_token')
    t.equal((await me(other.accessToken)).status, 200)
    t.equal((await refresh(other.refreshToken)).status, 201)
  })

  t.test('holds for every spelling of the token', async (t) => {
    const { accessToken } = await person(room)
    const spellings = [
      accessToken,
      `${accessToken}=`,
      `${accessToken}==`,
      `${accessToken} `,
      `${accessToken}\t`,
      ` ${accessToken}`
    ]
    const before = await Promise.all(spellings.map((token) => me(token)))
    t.equal(before[0]?.status, 200)
    t.ok(
      before.every(({ status }) => status === 200 || status === 401),
      before.map(({ status }) => status).join()
    )
    await api('DELETE /v1/sessions/current', { token: accessToken, expect: 204 })
    for (const token of spellings) t.equal((await me(token)).status, 401, JSON.stringify(token.slice(-4)))
  })

  t.test('while refreshing: the session ends, whichever came first', async (t) => {
    for (let round = 0; round < 10; round++) {
      const maya = await person(room)
      const [refreshed] = await Promise.all([
        refresh(maya.refreshToken),
        api('DELETE /v1/sessions/current', { token: maya.accessToken, expect: 204 })
      ])
      t.ok([201, 401].includes(refreshed.status), `round ${round}: the refresh answers ${refreshed.status}`)
      t.equal((await me(maya.accessToken)).status, 401)
      if (refreshed.status === 201) {
        t.equal((await me(refreshed.body.accessToken)).status, 401)
        t.equal((await refresh(refreshed.body.refreshToken)).status, 401)
      }
    }
  })
})

t.test('access tokens', async (t) => {
  const maya = await person(room)
  const stranger = await person(room)
  const [stored] = await db.query<{ kid: string; sealed_private: Buffer }>(
    { text: 'SELECT kid, sealed_private FROM signing_keys' },
    []
  )
  const kid = stored?.kid as string
  const ours = JSON.parse(
    unseal(deriveKey(room.config.secret, 'signing-keys'), stored?.sealed_private as Buffer) as string
  )
  const ourKey = await importJWK(ours, 'EdDSA')
  const { privateKey: foreignKey } = await generateKeyPair('Ed25519')
  const now = Math.floor(Date.now() / 1000)
  const header: JWTHeaderParameters = { alg: 'EdDSA', typ: 'at+jwt', kid }
  const claims: JWTPayload = {
    sub: maya.id,
    sid: maya.sessionId,
    iss: 'http://dateline.test',
    aud: 'dateline',
    iat: now,
    exp: now + 600
  }
  const without = (claim: string) =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => name !== claim))
  const sign = (
    payload: JWTPayload,
    changes: Partial<JWTHeaderParameters> = {},
    key: Parameters<SignJWT['sign']>[0] = ourKey
  ) => new SignJWT(payload).setProtectedHeader({ ...header, ...changes }).sign(key)

  t.test('made by hand with our key: 200, so that what follows is refused for its fault', async (t) => {
    t.equal((await me(await sign(claims))).body.id, maya.id)
  })

  const [head, payload, signature] = maya.accessToken.split('.') as [string, string, string]
  const asAdmin = Buffer.from(JSON.stringify({ ...claims, sub: room.userIds.admin })).toString('base64url')
  const publicBytes = Buffer.from(ours.x, 'base64url')
  const forged: [string, string][] = [
    ['garbage', 'garbage'],
    ['three dots', '...'],
    ['empty parts', '..'],
    ['a part too many', `${maya.accessToken}.x`],
    ['JSON that is not base64url', '{"alg":"EdDSA"}.{}.x'],
    ['a payload of somebody else', `${head}.${asAdmin}.${signature}`],
    ['no signature', `${head}.${payload}.`],
    [
      'a signature with one bit changed',
      `${head}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    ],
    ['alg none', new UnsecuredJWT(claims).encode()],
    [
      'alg none, with typ and kid',
      `${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${payload}.`
    ],
    ['HS256 with the public key as secret', await sign(claims, { alg: 'HS256' }, publicBytes)],
    [
      'HS256 with the public JWK as secret',
      await sign(claims, { alg: 'HS256' }, Buffer.from(JSON.stringify({ ...ours, d: undefined })))
    ],
    ['a foreign key under our key id', await sign(claims, {}, foreignKey)],
    ['a foreign key under its own id', await sign(claims, { kid: 'theirs' }, foreignKey)],
    ['no key id', await sign(claims, { kid: undefined })],
    [
      'an unknown critical header',
      `${Buffer.from(JSON.stringify({ ...header, crit: ['x'], x: 1 })).toString('base64url')}.${payload}.${signature}`
    ],
    ['typ JWT', await sign(claims, { typ: 'JWT' })],
    ['no typ', await sign(claims, { typ: undefined })],
    ['expired a second ago', await sign({ ...claims, exp: now - 1 })],
    ['no expiry', await sign(without('exp'))],
    ['not valid yet', await sign({ ...claims, nbf: now + 600 })],
    ['another issuer', await sign({ ...claims, iss: 'http://other.test' })],
    ['no issuer', await sign(without('iss'))],
    ['another audience', await sign({ ...claims, aud: 'another' })],
    ['no session', await sign(without('sid'))],
    ['no person', await sign(without('sub'))],
    ['somebody else’s session', await sign({ ...claims, sid: stranger.sessionId })],
    ['a session there never was', await sign({ ...claims, sid: stranger.id })],
    ['a refresh token', maya.refreshToken]
  ]
  for (const [what, token] of forged) {
    t.test(`${what}: 401`, async (t) => {
      const answer = await refused(t, room, 'GET /v1/me', { token }, '401 unauthenticated')
      t.equal(answer.headers.get('www-authenticate'), 'Bearer')
    })
  }

  const headers: [string, string, number][] = [
    ['Bearer', `Bearer ${maya.accessToken}`, 200],
    ['bearer in lower case', `bearer ${maya.accessToken}`, 200],
    ['BEARER in upper case', `BEARER ${maya.accessToken}`, 200],
    ['no scheme', maya.accessToken, 401],
    ['Basic', `Basic ${Buffer.from(`${maya.email}:${PASSWORD}`).toString('base64')}`, 401],
    ['another scheme', `Token ${maya.accessToken}`, 401],
    ['two tokens', `Bearer ${maya.accessToken} ${maya.accessToken}`, 401],
    ['a scheme alone', 'Bearer', 401],
    ['an empty header', '', 401]
  ]
  for (const [what, authorization, status] of headers) {
    t.test(`${what} as the Authorization header: ${status}`, async () => {
      await api('GET /v1/me', { headers: { authorization }, expect: status })
    })
  }

  t.test('in the query: 401', async (t) => {
    await refused(t, room, `GET /v1/me?access_token=${maya.accessToken}`, {}, '401 unauthenticated')
  })

  t.test('comes before the body: a bad token with a bad body is 401', async (t) => {
    await refused(
      t,
      room,
      'POST /v1/tags',
      { token: 'garbage', body: { nonsense: true } },
      '401 unauthenticated'
    )
  })

  t.test('of a session that has expired: 401, and its refresh token too', async (t) => {
    const late = await person(room)
    await db.query({ text: `UPDATE sessions SET expires_at = clock_timestamp() WHERE id = $1::uuid` }, [
      late.sessionId
    ])
    await refused(t, room, 'GET /v1/me', { token: late.accessToken }, '401 unauthenticated')
    await refused(
      t,
      room,
      'POST /v1/sessions/refresh',
      { body: { refreshToken: late.refreshToken } },
      '401 invalid_refresh_token'
    )
  })

  t.test('can be verified by others with the public keys', async (t) => {
    const { body } = await api('GET /.well-known/jwks.json', { expect: 200 })
    const verified = await jwtVerify(maya.accessToken, createLocalJWKSet(body), {
      issuer: 'http://dateline.test',
      audience: 'dateline',
      typ: 'at+jwt'
    })
    t.match(verified.payload, { sub: maya.id, sid: maya.sessionId })
    t.equal((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0), 600)
  })

  t.test('the public keys hold no private part', async (t) => {
    const { body, text } = await api('GET /.well-known/jwks.json', { expect: 200 })
    t.equal(body.keys.length, 1)
    t.same(Object.keys(body.keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    t.match(body.keys[0], { alg: 'EdDSA', crv: 'Ed25519', kid, kty: 'OKP', use: 'sig', x: ours.x })
    t.notOk(text.includes(ours.d), 'nor is it hidden elsewhere in the answer')
  })
})

t.test('refreshing', async (t) => {
  t.test('gives the next tokens of the same session', async (t) => {
    const maya = await person(room)
    const next = await refresh(maya.refreshToken)
    t.equal(next.status, 201)
    t.equal(next.headers.get('cache-control'), 'private, no-store')
    t.not(next.body.refreshToken, maya.refreshToken)
    t.equal(next.body.user.sessionId, maya.sessionId)
    t.equal((await me(next.body.accessToken)).status, 200)
    t.same(await tokensOf(maya.sessionId), [
      { used: true, sealed: true },
      { used: false, sealed: false }
    ])
  })

  t.test('moves the end of the session on', async (t) => {
    const maya = await person(room)
    const soon = `UPDATE sessions SET expires_at = clock_timestamp() + interval '1 minute' WHERE id = $1::uuid`
    await db.query({ text: soon }, [maya.sessionId])
    t.equal((await refresh(maya.refreshToken)).status, 201)
    const left = `SELECT extract(day FROM expires_at - clock_timestamp())::int AS days FROM sessions WHERE id = $1::uuid`
    t.same(await db.query({ text: left }, [maya.sessionId]), [{ days: 29 }])
  })

  t.test('again within ten seconds gives the same successor', async (t) => {
    const maya = await person(room)
    const first = await refresh(maya.refreshToken)
    const again = await refresh(maya.refreshToken)
    t.equal(again.body.refreshToken, first.body.refreshToken)
    await usedEarlier(maya.refreshToken, 8)
    t.equal(
      (await refresh(maya.refreshToken)).body.refreshToken,
      first.body.refreshToken,
      'after eight seconds still'
    )
    t.equal((await tokensOf(maya.sessionId)).length, 2)
    t.equal((await refresh(first.body.refreshToken)).status, 201, 'and the successor is good')
  })

  t.test('twenty times at once gives one successor', async (t) => {
    for (let round = 0; round < 3; round++) {
      const maya = await person(room)
      const answers = await atOnce(20, () => refresh(maya.refreshToken))
      t.same(tally(answers), { 201: 20 })
      t.equal(new Set(answers.map(({ body }) => body.refreshToken)).size, 1)
      t.same(
        await tokensOf(maya.sessionId),
        [
          { used: true, sealed: true },
          { used: false, sealed: false }
        ],
        'one row for it'
      )
      for (const { body } of answers) t.equal((await me(body.accessToken)).status, 200)
    }
  })

  t.test('again after ten seconds ends the whole session', async (t) => {
    const maya = await person(room)
    const other = await signIn(room, maya.email)
    const second = (await refresh(maya.refreshToken)).body
    const third = (await refresh(second.refreshToken)).body
    await usedEarlier(maya.refreshToken, 11)
    const reused = await refresh(maya.refreshToken)
    t.equal(reused.body.code, 'invalid_refresh_token')
    const audit = await db.query(
      { text: 'SELECT action, user_id, session_id, resource_id FROM audit WHERE request_id = $1::text' },
      [reused.headers.get('x-request-id')]
    )
    t.same(audit, [
      {
        action: 'session.reuse_detected',
        user_id: maya.id,
        session_id: maya.sessionId,
        resource_id: maya.sessionId
      }
    ])
    for (const token of [maya.accessToken, second.accessToken, third.accessToken])
      t.equal((await me(token)).status, 401)
    for (const token of [third.refreshToken, second.refreshToken, maya.refreshToken]) {
      await refused(
        t,
        room,
        'POST /v1/sessions/refresh',
        { body: { refreshToken: token } },
        '401 invalid_refresh_token'
      )
    }
    t.ok(
      (await tokensOf(maya.sessionId)).every(({ sealed }) => !sealed),
      'no successor is kept'
    )
    t.equal((await me(other.accessToken)).status, 200, 'another session of the same person goes on')
  })

  t.test('erases a sealed successor by itself after ten seconds', async (t) => {
    const maya = await person(room)
    const began = Date.now()
    await refresh(maya.refreshToken)
    const sealed = async () => (await tokensOf(maya.sessionId)).some((token) => token.sealed)
    t.ok(await sealed())
    while (await sealed()) {
      if (Date.now() - began > 60_000) return t.fail('still there after a minute')
      await new Promise((done) => setTimeout(done, 200))
    }
    t.ok(Date.now() - began >= 10_000, 'and not before')
  })

  t.test('of a person who was disabled: 401', async (t) => {
    const maya = await person(room)
    await api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    await refused(
      t,
      room,
      'POST /v1/sessions/refresh',
      { body: { refreshToken: maya.refreshToken } },
      '401 invalid_refresh_token'
    )
  })

  const bad: [string, object, string][] = [
    ['an unknown token', { refreshToken: `dlr_${'A'.repeat(43)}` }, '401 invalid_refresh_token'],
    ['an access token', { refreshToken: room.tokens.editor.slice(0, 200) }, '401 invalid_refresh_token'],
    ['an empty token', { refreshToken: '' }, '400 invalid_request'],
    ['no token', {}, '400 invalid_request'],
    ['a number', { refreshToken: 7 }, '400 invalid_request']
  ]
  for (const [what, body, refusal] of bad) {
    t.test(`with ${what}: ${refusal}`, async (t) => {
      await refused(t, room, 'POST /v1/sessions/refresh', { body }, refusal)
    })
  }

  t.test('with the token in another spelling: 401', async (t) => {
    const { refreshToken } = await person(room)
    for (const spelling of [
      `${refreshToken}=`,
      ` ${refreshToken}`,
      `${refreshToken}\n`,
      refreshToken.toLowerCase()
    ]) {
      await refused(
        t,
        room,
        'POST /v1/sessions/refresh',
        { body: { refreshToken: spelling } },
        '401 invalid_refresh_token'
      )
    }
  })
})

t.test('no token stands in the database as it is', async (t) => {
  const maya = await person(room)
  const second = (await refresh(maya.refreshToken)).body
  const third = (await refresh(second.refreshToken)).body
  const secrets = [maya, second, third].flatMap(({ accessToken, refreshToken }) => {
    const random = Buffer.from(refreshToken.slice('dlr_'.length), 'base64url')
    t.equal(random.length, 32, 'refresh tokens hold 256 bits')
    return [
      refreshToken,
      refreshToken.slice(4),
      random.toString('base64'),
      accessToken,
      accessToken.split('.')[2] as string
    ]
      .flatMap((text) => [text, Buffer.from(text).toString('hex')])
      .concat(random.toString('hex'), PASSWORD, Buffer.from(PASSWORD).toString('hex'))
  })
  const tables = await db.query<{ name: string }>(
    { text: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'` },
    []
  )
  t.ok(tables.some(({ name }) => name === 'refresh_tokens') && tables.some(({ name }) => name === 'sessions'))
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }>({ text: `SELECT t::text AS row FROM "${name}" t` }, [])
    const dump = rows.map(({ row }) => row).join('\n')
    if (name === 'refresh_tokens')
      t.ok(dump.includes(hashOf(third.refreshToken).toString('hex')), 'bytes are dumped as hex')
    t.same(
      secrets.filter((secret) => dump.includes(secret)),
      [],
      `nothing in ${name}`
    )
  }
})

t.test('what is done to a person counts at their next request', async (t) => {
  t.test('disabling ends all their sessions; enabling does not bring them back', async (t) => {
    const maya = await person(room)
    const other = await signIn(room, maya.email)
    await api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
    for (const { accessToken } of [maya, other])
      await refused(t, room, 'GET /v1/me', { token: accessToken }, '401 unauthenticated')
    await api('POST /v1/sessions', { body: { email: maya.email, password: PASSWORD }, expect: 401 })
    await api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body: { disabled: false }, expect: 200 })
    for (const { accessToken, refreshToken } of [maya, other]) {
      t.equal((await me(accessToken)).status, 401)
      t.equal((await refresh(refreshToken)).status, 401)
    }
    t.equal((await me((await signIn(room, maya.email)).accessToken)).status, 200, 'they sign in again')
  })

  t.test('a new password ends all their sessions', async (t) => {
    const maya = await person(room)
    const other = await signIn(room, maya.email)
    const password = 'nine slow herons over the weir'
    await api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body: { password }, expect: 200 })
    for (const { accessToken, refreshToken } of [maya, other]) {
      t.equal((await me(accessToken)).status, 401)
      t.equal((await refresh(refreshToken)).status, 401)
    }
    await api('POST /v1/sessions', { body: { email: maya.email, password: PASSWORD }, expect: 401 })
    t.equal((await me((await signIn(room, maya.email, password)).accessToken)).status, 200)
  })

  t.test('a new role counts at once, up and down, and the session goes on', async (t) => {
    const maya = await person(room, 'author')
    const mayListPeople = async () => (await api('GET /v1/users', { token: maya.accessToken })).status
    t.equal(await mayListPeople(), 403)
    await api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body: { role: 'admin' }, expect: 200 })
    t.equal(await mayListPeople(), 200)
    await api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body: { role: 'contributor' }, expect: 200 })
    t.equal(await mayListPeople(), 403)
    t.equal((await me(maya.accessToken)).body.role, 'contributor')
  })

  const changes: [string, object][] = [
    ['a new password', { password: 'nine slow herons over the weir' }],
    ['being disabled', { disabled: true }]
  ]
  for (const [what, body] of changes) {
    t.test(`${what} while signing in: no session of before lives on`, async (t) => {
      for (let round = 0; round < 5; round++) {
        const maya = await person(room)
        const credentials = { email: maya.email, password: PASSWORD }
        const [sessions] = await Promise.all([
          atOnce(6, () => api('POST /v1/sessions', { body: credentials, expect: [201, 401] })),
          api(`PATCH /v1/users/${maya.id}`, { as: 'admin', body, expect: 200 })
        ])
        for (const { status, body } of sessions) {
          if (status === 201) t.equal((await me(body.accessToken)).status, 401, `round ${round}`)
        }
        const open = await db.query(
          { text: 'SELECT id FROM sessions WHERE user_id = $1::uuid AND ended_at IS NULL' },
          [maya.id]
        )
        t.same(open, [], `round ${round}: no session is left open`)
      }
    })
  }
})

t.test('an instance that has just started knows no keys yet: all who come first are let in', async (t) => {
  const fresh = await buildApp(room.config, db)
  const url = await fresh.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => fresh.close())
  const headers = { authorization: `Bearer ${room.tokens.editor}` }
  const answers = await atOnce(20, async () => (await fetch(`${url}/v1/me`, { headers })).status)
  t.same([...new Set(answers)], [200])
})
