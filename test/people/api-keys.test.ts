import t from 'tap'
import { type Answer, everyone, newsroom, roles, unique } from '../helper.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../traces.ts'
import { makeKey } from './keys.ts'
import { person } from './person.ts'

const room = await newsroom(t)
const { api, db } = room

const UNKNOWN = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const me = (key: string, expect: number) => api('GET /v1/me', { token: key, expect })
const past = (id: string) =>
  db.query(
    {
      text: `UPDATE api_keys SET created_at = created_at - interval '2 days', expires_at = clock_timestamp() - interval '1 ms' WHERE id = $1::uuid`
    },
    [id]
  )

t.test('a key is shown once, kept as a hash, and told of', async (t) => {
  const body = {
    name: 'Importer',
    scopes: ['articles:write', 'tags:read'],
    expiresAt: '2089-01-01T00:00:00Z'
  }
  const answer = await written(
    t,
    room,
    'POST /v1/api-keys',
    { as: 'author', body },
    { status: 201, type: 'api_key.created', fields: ['name', 'scopes', 'expiresAt'] }
  )
  const { key, ...shown } = answer.body
  t.match(key, /^dl_[0-9A-Za-z]{22}_[0-9A-Za-z]{39}$/)
  t.match(shown, {
    userId: room.userIds.author,
    name: 'Importer',
    scopes: body.scopes,
    works: true,
    expiresAt: '2089-01-01T00:00:00.000Z',
    revokedAt: null,
    lastUsedAt: null,
    lastUsedFrom: null
  })
  t.equal(answer.headers.get('location'), `/v1/api-keys/${shown.id}`)
  t.equal(answer.headers.get('cache-control'), 'private, no-store')
  t.same((await api(`GET /v1/api-keys/${shown.id}`, { as: 'author', expect: 200 })).body, shown)
  const list = await api('GET /v1/api-keys', { as: 'author', expect: 200 })
  t.same(list.body.data[0], shown)
  for (const table of ['api_keys', 'events', 'audit']) {
    const rows = await db.query<{ row: string }>({ text: `SELECT x::text AS row FROM ${table} x` }, [])
    for (const part of [key, key.split('_')[2]])
      t.notOk(
        rows.some(({ row }) => row.includes(part)),
        `nothing of it in ${table}`
      )
  }
})

t.test('who it speaks for', async (t) => {
  const { id, key } = await makeKey(room, 'editor', ['tags:write'])
  t.match((await me(key, 200)).body, {
    id: room.userIds.editor,
    role: 'editor',
    sessionId: null,
    apiKeyId: id,
    scopes: ['tags:write']
  })
  t.match((await api('GET /v1/me', { as: 'editor' })).body, { apiKeyId: null, scopes: null })
  const body = { kind: 'topic', names: { en: unique('Tag') } }
  const made = await api('POST /v1/tags', { token: key, body, expect: 201 })
  const [row] = await db.query(
    { text: 'SELECT user_id, session_id FROM audit WHERE resource_id = $1::uuid' },
    [made.body.id]
  )
  t.same(row, { user_id: room.userIds.editor, session_id: null }, 'what it does is done by its owner')
})

t.test('what is taken for a new one', async (t) => {
  const good = { name: 'Importer', scopes: ['articles:read'] }
  for (const [fields, pointer] of [
    [{ name: undefined }, '/name'],
    [{ name: ' ' }, '/name'],
    [{ name: 'a'.repeat(101) }, '/name'],
    [{ name: 'a\u0000b' }, '/name'],
    [{ scopes: undefined }, '/scopes'],
    [{ scopes: [] }, '/scopes'],
    [{ scopes: ['articles:read', 'articles:read'] }, '/scopes'],
    [{ scopes: ['articles:read', 'articles:delete'] }, '/scopes/1'],
    [{ scopes: ['articles:read', 7] }, '/scopes/1'],
    [{ scopes: ['articles:read', 'tags:read', 'users:write'] }, '/scopes/2'],
    [{ scopes: 'articles:read' }, '/scopes'],
    [{ expiresAt: '2001-01-01T00:00:00Z' }, '/expiresAt'],
    [{ expiresAt: '2089-01-01' }, '/expiresAt'],
    [{ expiresAt: 1 }, '/expiresAt'],
    [{ key: 'dl_mine' }, '/key'],
    [{ userId: UNKNOWN }, '/userId']
  ] as const) {
    const body = { ...good, ...fields }
    await refused(t, room, 'POST /v1/api-keys', { as: 'editor', body }, '400 invalid_request', pointer)
  }
  await api('POST /v1/api-keys', { as: 'editor', body: { ...good, expiresAt: null }, expect: 201 })
})

t.test('nobody gets a key for what their role can never do', async (t) => {
  for (const [scope, least] of [
    ['articles:publish', 'contributor'],
    ['tags:read', 'contributor'],
    ['share-links:read', 'author'],
    ['lists:read', 'author'],
    ['tags:write', 'editor'],
    ['content:preview', 'editor'],
    ['users:read', 'admin'],
    ['webhooks:write', 'admin'],
    ['audit:read', 'admin']
  ] as const) {
    for (const who of everyone) {
      const able = who !== 'nobody' && roles.indexOf(who) >= roles.indexOf(least)
      const status = who === 'nobody' ? 401 : able ? 201 : 400
      const answer = await api('POST /v1/api-keys', {
        as: who,
        body: { name: who, scopes: [scope] },
        expect: status
      })
      if (status === 400) t.match(answer.body.errors, [{ pointer: '/scopes/0', code: 'above_role' }])
      t.equal(answer.status, status, `${who}: ${scope}`)
    }
  }
})

t.test('a key that works no more is refused from the next request on', async (t) => {
  const owner = await person(room, 'author')
  const make = () =>
    makeKey(room, 'nobody', ['articles:read', 'share-links:read'], { token: owner.accessToken })
  const change = (body: object) => api(`PATCH /v1/users/${owner.id}`, { as: 'admin', body, expect: 200 })

  const revoked = await make()
  await me(revoked.key, 200)
  await written(
    t,
    room,
    `DELETE /v1/api-keys/${revoked.id}`,
    { token: owner.accessToken },
    {
      status: 204,
      type: 'api_key.revoked',
      subject: revoked.id,
      by: owner.id
    }
  )
  const answer = await me(revoked.key, 401)
  t.equal(answer.body.code, 'unauthenticated')
  t.equal(answer.headers.get('www-authenticate'), 'Bearer')
  const shown = (await api(`GET /v1/api-keys/${revoked.id}`, { token: owner.accessToken, expect: 200 })).body
  t.match(shown, { works: false, revokedAt: /Z$/ })
  await api(`DELETE /v1/api-keys/${revoked.id}`, { token: owner.accessToken, expect: 204 })
  t.same(
    (await api(`GET /v1/api-keys/${revoked.id}`, { as: 'admin' })).body,
    shown,
    'and again changes nothing'
  )

  const expired = await makeKey(room, 'nobody', ['tags:read'], {
    token: owner.accessToken,
    expiresAt: '2089-01-01T00:00:00Z'
  })
  await me(expired.key, 200)
  await past(expired.id)
  await me(expired.key, 401)

  const { id, key } = await make()
  await change({ disabled: true })
  await me(key, 401)
  t.match((await api(`GET /v1/api-keys/${id}`, { as: 'admin' })).body, { works: false, revokedAt: null })
  await change({ disabled: false })
  await me(key, 200)
  await api('GET /v1/share-links', { token: key, expect: 200 })
  await change({ role: 'contributor' })
  await api('GET /v1/share-links', { token: key, expect: 403 })
  await api('GET /v1/articles', { token: key, expect: 200 })
})

t.test('mine and others’', async (t) => {
  const { id, key } = await makeKey(room, 'author', ['tags:read'])
  for (const who of ['contributor', 'editor'] as const) {
    await refused(t, room, `GET /v1/api-keys/${id}`, { as: who }, '404 not_found')
    await refused(t, room, `PATCH /v1/api-keys/${id}`, { as: who, body: { name: 'Mine' } }, '404 not_found')
    await refused(t, room, `DELETE /v1/api-keys/${id}`, { as: who }, '404 not_found')
    const other = await api(`GET /v1/api-keys?user=${room.userIds.author}`, { as: who, expect: 200 })
    t.same(other.body.data, [], 'a list of others’ is empty')
    const own = (await api('GET /v1/api-keys?limit=100', { as: who, expect: 200 })).body.data
    t.ok(own.every(({ userId }: { userId: string }) => userId === room.userIds[who]))
  }
  const owners = async (query: string) =>
    (await api(`GET /v1/api-keys?limit=100${query}`, { as: 'admin', expect: 200 })).body.data.map(
      ({ userId }: { userId: string }) => userId
    )
  t.ok(new Set(await owners('')).size > 2, 'an admin sees everybody’s')
  t.same([...new Set(await owners(`&user=${room.userIds.author}`))], [room.userIds.author])
  t.same(await owners(`&user=${UNKNOWN}`), [])
  const { there, back, pages } = await walk(room, 'GET /v1/api-keys', { as: 'author' }, 2)
  t.ok(pages >= 2 && new Set(there).size === there.length)
  t.same(back, there)

  const rename = [`PATCH /v1/api-keys/${id}`, { as: 'author', body: { name: 'Old importer' } }] as const
  const renamed = await written(t, room, ...rename, { type: 'api_key.updated', fields: ['name'] })
  t.equal(renamed.body.name, 'Old importer')
  await changesNothing(t, room, ...rename)
  for (const body of [{}, { scopes: ['articles:write'] }, { name: 'X', expiresAt: null }])
    await refused(t, room, rename[0], { as: 'author', body }, '400 invalid_request')
  for (const request of ['GET', 'PATCH', 'DELETE'])
    await api(`${request} /v1/api-keys/${UNKNOWN}`, {
      as: 'admin',
      ...(request === 'PATCH' && { body: { name: 'X' } }),
      expect: 404
    })
  await written(
    t,
    room,
    `DELETE /v1/api-keys/${id}`,
    { as: 'admin' },
    {
      status: 204,
      type: 'api_key.revoked',
      subject: id
    }
  )
  await me(key, 401)
})

t.test('a hundred at most, also when asked for all at once', async (t) => {
  const owner = await person(room, 'contributor')
  const body = { name: 'One of many', scopes: ['articles:read'] }
  const make = () => api('POST /v1/api-keys', { token: owner.accessToken, body })
  const answers = await atOnce(110, make)
  t.same(tally(answers), { 201: 100, 409: 10 })
  t.equal(answers.find(({ status }) => status === 409)?.body.code, 'too_many_api_keys')
  const [first, second] = answers.filter(({ status }) => status === 201) as [Answer, Answer]
  await api(`DELETE /v1/api-keys/${first.body.id}`, { token: owner.accessToken, expect: 204 })
  t.same(tally([await make(), await make()]), { 201: 1, 409: 1 }, 'a revoked one makes room for one')
  await past(second.body.id)
  t.same(tally([await make(), await make()]), { 201: 1, 409: 1 }, 'and so does one that has expired')
})

t.test('what a key does is told as its own, and it makes nobody an admin', async (t) => {
  const scopes = ['users:write', 'tags:write', 'audit:read']
  const made = await api('POST /v1/api-keys', { as: 'admin', body: { name: 'People', scopes }, expect: 201 })
  const token = made.body.key
  const topic = { kind: 'topic', names: { en: unique('Tag') } }
  await api('POST /v1/tags', { token, body: topic, expect: 201 })
  const told = await api(`GET /v1/audit?key=${made.body.id}`, { token, expect: 200 })
  t.same(
    told.body.data.map(({ action, apiKeyId, sessionId }: Record<string, string>) => [
      action,
      apiKeyId,
      sessionId
    ]),
    [['tag.created', made.body.id, null]]
  )
  const person = (role: string) => ({ email: `${unique('una')}@example.org`, name: 'Una', role })
  const una = (await api('POST /v1/users', { token, body: person('author'), expect: 201 })).body
  const refuse = (request: string, body: object) =>
    refused(t, room, request, { token, body }, '403 session_required')
  await refuse('POST /v1/users', person('admin'))
  await refuse(`PATCH /v1/users/${una.id}`, { role: 'admin' })
  await refuse(`PATCH /v1/users/${room.userIds.admin}`, { name: 'Other' })
  await refuse(`PATCH /v1/users/${room.userIds.admin}`, { disabled: true })
  await api(`PATCH /v1/users/${una.id}`, { token, body: { role: 'editor' }, expect: 200 })
})
