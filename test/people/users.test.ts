import t from 'tap'
import { everyone, newsroom, PASSWORD, roles, unique } from '../helper.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../traces.ts'
import { person, signIn } from './person.ts'

const room = await newsroom(t)
const { api, db } = room

const admin = { as: 'admin' } as const
const newcomer = (fields: object = {}) => ({
  email: `${unique('iso')}@example.org`,
  name: 'Iso Berg',
  role: 'author',
  ...fields
})
const create = async (fields: object = {}) =>
  (await api('POST /v1/users', { ...admin, body: newcomer(fields), expect: 201 })).body
const patch = (id: string, body: object, token?: string) =>
  api(`PATCH /v1/users/${id}`, token ? { token, body } : { ...admin, body })
const enabledAdmins = async () =>
  (
    await db.query<{ id: string }>(
      { text: `SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL` },
      []
    )
  ).map(({ id }) => id)

t.test('who may', async (t) => {
  const { id } = await create()
  const requests: [string, object | undefined, number][] = [
    ['GET /v1/users', undefined, 200],
    [`GET /v1/users/${id}`, undefined, 200],
    ['POST /v1/users', newcomer(), 201],
    [`PATCH /v1/users/${id}`, { name: 'Iso Bergström' }, 200]
  ]
  for (const [request, body, done] of requests) {
    for (const who of everyone) {
      const refusal = who === 'nobody' ? '401 unauthenticated' : '403 forbidden'
      t.test(`${who}: ${request.replace(id, '{id}')}: ${who === 'admin' ? done : refusal}`, async (t) => {
        if (who === 'admin') return void (await api(request, { as: who, body, expect: done }))
        await refused(t, room, request, { as: who, body }, refusal)
      })
    }
  }
})

t.test('adding a person', async (t) => {
  t.test('with a password', async (t) => {
    const body = newcomer({ password: PASSWORD, role: 'editor' })
    const answer = await written(
      t,
      room,
      'POST /v1/users',
      { ...admin, body },
      { status: 201, type: 'user.created', fields: ['email', 'name', 'role'] }
    )
    const { id, createdAt, updatedAt, ...shown } = answer.body
    t.same(
      shown,
      { email: body.email, name: 'Iso Berg', role: 'editor', disabled: false },
      'and nothing of the password'
    )
    t.ok(
      Math.abs(Date.now() - Date.parse(createdAt)) < 60_000 && Date.parse(updatedAt) >= Date.parse(createdAt)
    )
    t.equal(answer.headers.get('location'), `/v1/users/${id}`)
    t.same((await api(`GET /v1/users/${id}`, { ...admin, expect: 200 })).body, answer.body)
    await signIn(room, body.email)
    const [row] = await db.query<{ password_hash: string }>(
      { text: 'SELECT password_hash FROM users WHERE id = $1::uuid' },
      [id]
    )
    t.match(row?.password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  t.test('without a password: they get one later', async (t) => {
    const { id, email } = await create()
    await api('POST /v1/sessions', { body: { email, password: PASSWORD }, expect: 401 })
    await written(
      t,
      room,
      `PATCH /v1/users/${id}`,
      { ...admin, body: { password: PASSWORD } },
      { type: 'user.changed', fields: ['password'] }
    )
    await signIn(room, email)
  })

  t.test('keeps addresses in lower case, and takes each once', async (t) => {
    const email = `${unique('Rana.HOLT')}@Example.ORG`
    const { email: kept } = await create({ email })
    t.equal(kept, email.toLowerCase())
    for (const twin of [email, email.toLowerCase(), email.toUpperCase()]) {
      await refused(
        t,
        room,
        'POST /v1/users',
        { ...admin, body: newcomer({ email: twin }) },
        '409 email_taken'
      )
    }
  })

  t.test('ten times at once with one address: one is added', async (t) => {
    const email = `${unique('twin')}@example.org`
    const answers = await atOnce(10, (index) =>
      api('POST /v1/users', { ...admin, body: newcomer({ email: index % 2 ? email : email.toUpperCase() }) })
    )
    t.same(tally(answers), { 201: 1, 409: 9 })
    t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'email_taken'))
    t.same(
      await db.query({ text: 'SELECT count(*)::int AS people FROM users WHERE email = $1::text' }, [email]),
      [{ people: 1 }]
    )
  })

  const faults: [string, object, string][] = [
    ['no address', { email: undefined }, '/email'],
    ['an address without a host', { email: 'iso' }, '/email'],
    ['an address that is null', { email: null }, '/email'],
    ['an address of 255 characters', { email: `${'a'.repeat(243)}@example.org` }, '/email'],
    ['a blank name', { name: '  ' }, '/name'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, '/name'],
    ['NUL in the name', { name: 'Iso\0Berg' }, '/name'],
    ['half a surrogate pair in the name', { name: 'Iso \ud83d' }, '/name'],
    ['an unknown role', { role: 'owner' }, '/role'],
    ['a role in capitals', { role: 'Editor' }, '/role'],
    ['no role', { role: undefined }, '/role'],
    ['a password that is null', { password: null }, '/password'],
    ['an id of their own choice', { id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10' }, '/id'],
    ['disabled', { disabled: true }, '/disabled']
  ]
  for (const [what, fields, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(
        t,
        room,
        'POST /v1/users',
        { ...admin, body: newcomer(fields) },
        '400 invalid_request',
        pointer
      )
    })
  }
})

t.test('reading a person', async (t) => {
  t.test('there never was: 404', async (t) => {
    await refused(t, room, 'GET /v1/users/019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10', admin, '404 not_found')
  })
  for (const id of ['7', 'me', '019a1d2f-6f0a-7c3e-9a52', '%00', "'%20OR%20true"]) {
    t.test(`by ${id}: 400`, async (t) => {
      await refused(t, room, `GET /v1/users/${id}`, admin, '400 invalid_request', '/path/id')
    })
  }
})

t.test('changing a person', async (t) => {
  const changes: [object, string[]][] = [
    [{ name: 'Iso Bergström' }, ['name']],
    [{ role: 'editor' }, ['role']],
    [{ disabled: true }, ['disabled']],
    [{ password: 'nine slow herons over the weir' }, ['password']],
    [{ name: 'Iso B.', role: 'contributor', disabled: true }, ['name', 'role', 'disabled']],
    [{ name: 'Iso B.', role: 'author', disabled: false }, ['name']]
  ]
  for (const [body, fields] of changes) {
    t.test(`${Object.keys(body).join(', ')}: told as ${fields.join(', ')}`, async (t) => {
      const before = await create({ password: PASSWORD })
      const answer = await written(
        t,
        room,
        `PATCH /v1/users/${before.id}`,
        { ...admin, body },
        { type: 'user.changed', fields }
      )
      const { password: _, ...shown } = body as { password?: string }
      t.match(answer.body, { ...before, ...shown, updatedAt: String })
      t.ok(answer.body.updatedAt >= before.updatedAt)
      t.same((await api(`GET /v1/users/${before.id}`, { ...admin, expect: 200 })).body, answer.body)
      const events = await db.query<{ payload: object }>(
        { text: `SELECT payload FROM events WHERE subject_id = $1::uuid AND type = 'user.changed'` },
        [before.id]
      )
      t.same(events, [{ payload: { id: before.id, fields } }], 'the event names fields, not values')
    })
  }

  t.test('to what they are: no change, no trace', async (t) => {
    const { id, name, role, disabled } = await create()
    await changesNothing(t, room, `PATCH /v1/users/${id}`, { ...admin, body: { name, role, disabled } })
  })

  t.test('disabled twice: the first time stays', async (t) => {
    const { id } = await create()
    await patch(id, { disabled: true })
    await changesNothing(t, room, `PATCH /v1/users/${id}`, { ...admin, body: { disabled: true } })
  })

  const faults: [string, object, string][] = [
    ['nothing', {}, ''],
    ['an address', { email: 'other@example.org' }, '/email'],
    ['a null name', { name: null }, '/name'],
    ['a role that is null', { role: null }, '/role'],
    ['disabled as text', { disabled: 'true' }, '/disabled'],
    ['an unknown member', { admin: true }, '/admin'],
    ['an array', [{ op: 'replace', path: '/role', value: 'admin' }], '']
  ]
  const { id } = await create()
  for (const [what, body, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(t, room, `PATCH /v1/users/${id}`, { ...admin, body }, '400 invalid_request', pointer)
    })
  }
  t.test('there never was: 404, also with a password', async (t) => {
    for (const body of [{ name: 'Nobody' }, { password: PASSWORD }]) {
      await refused(
        t,
        room,
        'PATCH /v1/users/019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        { ...admin, body },
        '404 not_found'
      )
    }
  })
})

t.test('people are disabled, never deleted', async (t) => {
  const { id } = await create()
  const answer = await refused(t, room, `DELETE /v1/users/${id}`, admin, '405 method_not_allowed')
  t.equal(answer.headers.get('allow'), 'GET, HEAD, PATCH')
})

t.test('the list, oldest first', async (t) => {
  for (let count = 0; count < 5; count++) await create()
  // Made in the same moment: the id decides.
  await db.query({ text: `UPDATE users SET created_at = '2026-01-01T00:00:00Z' WHERE name = 'Iso Berg'` }, [])
  const rows = await db.query<{ id: string }>({ text: 'SELECT id FROM users ORDER BY created_at, id' }, [])
  const all = rows.map(({ id }) => id)

  for (const limit of [1, 2, 3, 7, 100]) {
    t.test(`${limit} at a time, there and back`, async (t) => {
      const walked = await walk(room, 'GET /v1/users', admin, limit)
      t.same(walked.there, all)
      t.same(walked.back, all)
      t.equal(walked.pages, Math.ceil(all.length / limit))
      t.equal(walked.firstPrev, null)
    })
  }

  t.test('somebody who comes while one reads is on the last page, and nobody is twice', async (t) => {
    const first = (await api(`GET /v1/users?limit=${all.length - 1}`, { ...admin, expect: 200 })).body
    const { id } = await create()
    const rest = (await api(`GET /v1/users?cursor=${first.page.next}`, { ...admin, expect: 200 })).body
    t.same(
      [...first.data, ...rest.data].map((user) => user.id),
      [...all, id]
    )
  })

  const faults: [string, string, string][] = [
    ['limit=0', '400 invalid_request', '/query/limit'],
    ['limit=101', '400 invalid_request', '/query/limit'],
    ['limit=1e1', '400 invalid_request', '/query/limit'],
    ['limit=', '400 invalid_request', '/query/limit'],
    ['limit=1&limit=2', '400 invalid_request', '/query/limit'],
    ['role=admin', '400 invalid_request', '/query/role'],
    ['cursor=garbage', '400 invalid_cursor', '/query/cursor'],
    ['cursor=', '400 invalid_cursor', '/query/cursor']
  ]
  for (const [query, refusal, pointer] of faults) {
    t.test(`?${query}: ${refusal}`, async (t) => {
      await refused(t, room, `GET /v1/users?${query}`, admin, refusal, pointer)
    })
  }

  t.test('a cursor with one character changed, or of another list: 400', async (t) => {
    const { next } = (await api('GET /v1/users?limit=1', { ...admin, expect: 200 })).body.page
    for (const place of [0, 10, Math.floor(next.length / 2), next.length - 3]) {
      const forged = next.slice(0, place) + (next[place] === 'A' ? 'B' : 'A') + next.slice(place + 1)
      await refused(
        t,
        room,
        `GET /v1/users?limit=1&cursor=${forged}`,
        admin,
        '400 invalid_cursor',
        '/query/cursor'
      )
    }
    await refused(
      t,
      room,
      `GET /v1/tags?limit=1&cursor=${next}`,
      admin,
      '400 invalid_cursor',
      '/query/cursor'
    )
  })
})

t.test('there is always an admin', async (t) => {
  const others = (
    await db.query<{ id: string }>({ text: `SELECT id FROM users WHERE role = 'admin' AND id <> $1::uuid` }, [
      room.userIds.admin
    ])
  ).map(({ id }) => id)
  for (const id of others)
    await api(`PATCH /v1/users/${id}`, { ...admin, body: { disabled: true }, expect: 200 })
  t.same(await enabledAdmins(), [room.userIds.admin])
  const last = `PATCH /v1/users/${room.userIds.admin}`

  for (const body of [
    { disabled: true },
    ...roles.filter((role) => role !== 'admin').map((role) => ({ role })),
    { role: 'author', disabled: true }
  ]) {
    t.test(`the last one cannot be set to ${JSON.stringify(body)}`, async (t) => {
      await refused(t, room, last, { ...admin, body }, '409 last_admin')
    })
  }

  t.test('other changes of the last one are made', async (t) => {
    await written(
      t,
      room,
      last,
      { ...admin, body: { name: 'Test admin the first', role: 'admin', disabled: false } },
      { type: 'user.changed', fields: ['name'] }
    )
  })

  t.test('a disabled admin is none', async (t) => {
    const maya = await person(room, 'admin')
    await patch(maya.id, { disabled: true })
    await refused(t, room, last, { ...admin, body: { role: 'editor' } }, '409 last_admin')
    await patch(maya.id, { role: 'author' })
  })

  const falls: [string, object][] = [
    ['demote', { role: 'editor' }],
    ['disable', { disabled: true }]
  ]
  for (const [what, body] of falls) {
    t.test(`two who ${what} each other at once: one stays`, async (t) => {
      for (let round = 0; round < 10; round++) {
        const pair = [await person(room, 'admin'), await person(room, 'admin')] as const
        await api(last, { ...admin, body: { disabled: true }, expect: 200 })
        const answers = await Promise.all([
          patch(pair[0].id, body, pair[1].accessToken),
          patch(pair[1].id, body, pair[0].accessToken)
        ])
        t.equal(
          answers.filter(({ status }) => status === 200).length,
          1,
          `round ${round}: ${answers.map(({ status }) => status)}`
        )
        const left = await enabledAdmins()
        t.equal(left.length, 1, `round ${round}: one admin is left`)
        // Whoever is left brings the first one back, and goes.
        const [winner] = pair.filter(({ id }) => left.includes(id))
        await api(last, { token: winner?.accessToken, body: { disabled: false }, expect: 200 })
        room.tokens.admin = (await signIn(room, 'admin@example.org')).accessToken
        for (const { id } of pair)
          await api(`PATCH /v1/users/${id}`, {
            ...admin,
            body: { role: 'author', disabled: true },
            expect: 200
          })
      }
    })
  }

  t.test('three who step down at once: one stays', async (t) => {
    for (let round = 0; round < 5; round++) {
      const three = [
        await person(room, 'admin'),
        await person(room, 'admin'),
        { id: room.userIds.admin, accessToken: room.tokens.admin }
      ]
      const answers = await Promise.all(
        three.map(({ id, accessToken }) => patch(id, { role: 'editor' }, accessToken))
      )
      t.same(tally(answers), { 200: 2, 409: 1 }, `round ${round}`)
      const [left, ...more] = await enabledAdmins()
      t.equal(more.length, 0)
      await api(last, {
        token: three.find(({ id }) => id === left)?.accessToken,
        body: { role: 'admin' },
        expect: 200
      })
      for (const { id } of three.slice(0, 2))
        await api(`PATCH /v1/users/${id}`, { ...admin, body: { role: 'author' }, expect: 200 })
    }
  })
})
