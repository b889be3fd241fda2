/** Where one is signed in: seeing it, ending it. */
import t from 'tap'
import { deviceOf } from '../../src/people/devices.ts'
import { everyone, newsroom, roles } from '../helper.ts'
import { atOnce, refused, walk, written } from '../traces.ts'
import { person, signIn } from './person.ts'

const room = await newsroom(t)
const { api, db } = room

const me = async (token: string) => (await api('GET /v1/me', { token })).status
const sessionsOf = async (token: string) =>
  (await api('GET /v1/sessions', { token, expect: 200 })).body.data as { id: string; current: boolean }[]

t.test('who may', async (t) => {
  for (const who of everyone) {
    const own = who === 'nobody' ? 401 : 200
    t.test(`${who} lists own sessions: ${own}`, async () => {
      await api('GET /v1/sessions', { as: who, expect: own })
    })
    const others = who === 'nobody' ? 401 : who === 'admin' ? 200 : 403
    t.test(`${who} lists those of others: ${others}`, async () => {
      const { id } = await person(room)
      await api(`GET /v1/users/${id}/sessions`, { as: who, expect: others })
    })
    const ended = who === 'nobody' ? 401 : who === 'admin' ? 204 : 403
    t.test(`${who} signs somebody out everywhere: ${ended}`, async (t) => {
      const maya = await person(room)
      await api(`DELETE /v1/users/${maya.id}/sessions`, { as: who, expect: ended })
      t.equal(await me(maya.accessToken), ended === 204 ? 401 : 200)
    })
    const one = who === 'nobody' ? 401 : who === 'admin' ? 204 : 404
    t.test(`${who} ends a session of somebody else: ${one}`, async (t) => {
      const maya = await person(room)
      await api(`DELETE /v1/sessions/${maya.sessionId}`, { as: who, expect: one })
      t.equal(await me(maya.accessToken), one === 204 ? 401 : 200)
    })
  }
  for (const role of roles) {
    t.test(`${role} signs out everywhere: 204`, async (t) => {
      const maya = await person(room, role)
      const other = await signIn(room, maya.email)
      await api('DELETE /v1/sessions/all', { token: maya.accessToken, expect: 204 })
      for (const { accessToken } of [maya, other]) t.equal(await me(accessToken), 401)
    })
  }
  t.test('nobody signs out everywhere: 401', async (t) => {
    await refused(t, room, 'DELETE /v1/sessions/all', {}, '401 unauthenticated')
  })
})

t.test('seeing them', async (t) => {
  t.test('tells where and on what each was opened', async (t) => {
    const maya = await person(room)
    await api('POST /v1/sessions', {
      body: { email: maya.email, password: maya.password },
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
      expect: 201
    })
    const [newest, first, ...others] = await sessionsOf(maya.accessToken)
    t.same(others, [])
    t.match(newest, { current: false, device: 'Firefox on Linux', network: '127.0.0.0/24' })
    t.match(first, { id: maya.sessionId, current: true, device: 'Chrome on Windows' })
    const seen = (await api(`GET /v1/users/${maya.id}/sessions`, { as: 'admin', expect: 200 })).body.data
    t.same(
      seen.map(({ id, current }: { id: string; current: boolean }) => ({ id, current })),
      [newest, first].map((session) => ({ id: session?.id, current: false })),
      'an admin sees the same, none of them their own'
    )
  })

  t.test('moves with a refresh', async (t) => {
    const maya = await person(room)
    const [before] = (await api('GET /v1/sessions', { token: maya.accessToken })).body.data
    await api('POST /v1/sessions/refresh', { body: { refreshToken: maya.refreshToken }, expect: 201 })
    const [after] = (await api('GET /v1/sessions', { token: maya.accessToken })).body.data
    t.ok(after.lastUsedAt > before.lastUsedAt)
    t.ok(after.expiresAt > before.expiresAt)
    t.equal(after.createdAt, before.createdAt)
  })

  t.test('shows the open ones of this person, and nothing else', async (t) => {
    const maya = await person(room)
    const [ended, expired] = [await signIn(room, maya.email), await signIn(room, maya.email)]
    await api('DELETE /v1/sessions/current', { token: ended.accessToken, expect: 204 })
    await db.query({ text: 'UPDATE sessions SET expires_at = clock_timestamp() WHERE id = $1::uuid' }, [
      expired.sessionId
    ])
    t.same(
      (await sessionsOf(maya.accessToken)).map(({ id }) => id),
      [maya.sessionId]
    )
  })

  t.test('page by page, there and back', async (t) => {
    const maya = await person(room)
    const more = []
    for (let number = 0; number < 6; number++) more.push((await signIn(room, maya.email)).sessionId)
    const expected = [maya.sessionId, ...more].reverse()
    const token = maya.accessToken
    for (const request of ['GET /v1/sessions', `GET /v1/users/${maya.id}/sessions`]) {
      const options = request.includes('users') ? { as: 'admin' as const } : { token }
      const { there, back, pages } = await walk(room, request, options, 3)
      t.same(there, expected)
      t.same(back, expected)
      t.equal(pages, 3)
    }
    const cursor = (await api('GET /v1/sessions?limit=1', { token })).body.page.next
    const other = await person(room)
    const request = `GET /v1/sessions?cursor=${cursor}`
    await refused(t, room, request, { token: other.accessToken }, '400 invalid_cursor')
  })

  t.test('of somebody there is not: 404', async (t) => {
    const nobody = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
    for (const method of ['GET', 'DELETE'])
      await refused(t, room, `${method} /v1/users/${nobody}/sessions`, { as: 'admin' }, '404 not_found')
  })
})

t.test('ending them', async (t) => {
  t.test('one: at its next request, and no other', async (t) => {
    const maya = await person(room)
    const other = await signIn(room, maya.email)
    await written(
      t,
      room,
      `DELETE /v1/sessions/${other.sessionId}`,
      { token: maya.accessToken },
      { status: 204, type: 'session.ended', event: false, by: maya.id, subject: other.sessionId }
    )
    t.equal(await me(other.accessToken), 401)
    const body = { refreshToken: other.refreshToken }
    await refused(t, room, 'POST /v1/sessions/refresh', { body }, '401 invalid_refresh_token')
    t.equal(await me(maya.accessToken), 200)
    const again = `DELETE /v1/sessions/${other.sessionId}`
    await refused(t, room, again, { token: maya.accessToken }, '404 not_found')
  })

  t.test('all: leaves one audit row, erases what is sealed, and changes nothing of the person', async (t) => {
    const maya = await person(room)
    await api('POST /v1/sessions/refresh', { body: { refreshToken: maya.refreshToken }, expect: 201 })
    const shown = async () => (await api(`GET /v1/users/${maya.id}`, { as: 'admin', expect: 200 })).body
    const before = await shown()
    await written(
      t,
      room,
      'DELETE /v1/sessions/all',
      { token: maya.accessToken },
      { status: 204, type: 'sessions.ended', event: false, by: maya.id, subject: maya.id }
    )
    t.same(await shown(), before)
    const sealed = await db.query(
      { text: 'SELECT FROM refresh_tokens WHERE session_id = $1::uuid AND sealed_successor IS NOT NULL' },
      [maya.sessionId]
    )
    t.equal(sealed.length, 0)
    t.equal(await me((await signIn(room, maya.email)).accessToken), 200, 'they sign in again')
  })

  t.test('all, while signing in and refreshing: what was open before is over', async (t) => {
    for (let round = 0; round < 5; round++) {
      const maya = await person(room)
      const [refreshed, , signedIn] = await Promise.all([
        atOnce(4, () => api('POST /v1/sessions/refresh', { body: { refreshToken: maya.refreshToken } })),
        api(`DELETE /v1/users/${maya.id}/sessions`, { as: 'admin', expect: 204 }),
        api('POST /v1/sessions', { body: { email: maya.email, password: maya.password } })
      ])
      // A session that was made before all were ended is over before its tokens are.
      t.ok([201, 401].includes(signedIn.status), `signing in: ${signedIn.status}`)
      t.equal(await me(maya.accessToken), 401)
      for (const { status, body } of refreshed) {
        t.ok([201, 401].includes(status), `${status}`)
        if (status === 201) t.equal(await me(body.accessToken), 401)
      }
    }
  })

  t.test('an id that is none: 400', async (t) => {
    const token = room.tokens.author
    await refused(t, room, 'DELETE /v1/sessions/everything', { token }, '400 invalid_request', '/path/id')
  })
})

t.test('devices in words', async (t) => {
  const apple = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
  const rows: [string | undefined, string | null][] = [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${apple} Version/18.0 Safari/605.1.15`,
      'Safari on macOS'
    ],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${apple} Version/18.0 Mobile/15E148 Safari/604.1`,
      'Safari on iPhone'
    ],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${apple} CriOS/140.0 Mobile/15E148 Safari/604.1`,
      'Chrome on iPhone'
    ],
    [
      `Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) ${apple} FxiOS/140.0 Mobile/15E148 Safari/605.1.15`,
      'Firefox on iPad'
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0',
      'Edge on Windows'
    ],
    [
      'Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
      'Samsung Internet on Android'
    ],
    [
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/120.0',
      'Opera on ChromeOS'
    ],
    ['curl/8.5.0', 'curl'],
    ['Something of Android', 'Android'],
    ['nobody knows', null],
    ['', null],
    [undefined, null],
    ['x'.repeat(100_000), null]
  ]
  for (const [header, device] of rows) t.equal(deviceOf(header), device, String(header).slice(0, 60))
})
