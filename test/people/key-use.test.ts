import Fastify from 'fastify'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/database/database.ts'
import { registerAccess } from '../../src/http/access.ts'
import { Limit } from '../../src/http/limits.ts'
import { withoutSecrets } from '../../src/http/log.ts'
import { type Needs, type Scope, suffices } from '../../src/http/scopes.ts'
import { newKey } from '../../src/people/key-text.ts'
import { draft, newsroom, PASSWORD, story, unique } from '../helper.ts'
import { atOnce, refused, tally } from '../traces.ts'
import { makeKey } from './keys.ts'
import { person } from './person.ts'

const room = await newsroom(t)
const { api, db } = room

const me = (key: string, expect?: number) => api('GET /v1/me', { token: key, ...(expect && { expect }) })
const useOf = async (id: string) =>
  (await api(`GET /v1/api-keys/${id}`, { as: 'admin', expect: 200 })).body as {
    lastUsedAt: string | null
    lastUsedFrom: string | null
  }
/** Nobody waits for the use to be written, so this does. */
async function usedAfter(id: string, moment: string | null) {
  for (;;) {
    const use = await useOf(id)
    if (use.lastUsedAt !== null && (moment === null || use.lastUsedAt > moment)) return use
  }
}
/** A key whose use is written already, so that what is asked next leaves no trace by itself. */
async function usedKey(as: 'editor' | 'admin', scopes: string[]) {
  const made = await makeKey(room, as, scopes)
  await me(made.key, 200)
  await usedAfter(made.id, null)
  return made
}
const backdate = (id: string) =>
  db.query(
    { text: `UPDATE api_keys SET last_used_at = last_used_at - interval '61 s' WHERE id = $1::uuid` },
    [id]
  )

t.test('the last use is written once a minute, and costs nobody a statement', async (t) => {
  const { id, key } = await makeKey(room, 'author', ['tags:read'])
  await me(key, 200)
  const first = await usedAfter(id, null)
  t.equal(first.lastUsedFrom, '127.0.0.0/24')
  t.equal(await room.statements(() => me(key, 200)), 1, 'a check is one statement')
  t.equal(await room.statements(() => atOnce(20, () => me(key, 200))), 20)
  t.same(await useOf(id), first, 'within a minute nothing is written')
  await backdate(id)
  t.same(tally(await atOnce(20, () => me(key))), { 200: 20 })
  await usedAfter(id, first.lastUsedAt)
})

t.test('a use that cannot be written fails nobody', async (t) => {
  const { id, key } = await makeKey(room, 'author', ['tags:read'])
  await db.query(
    {
      text: `CREATE FUNCTION no_use() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`
    },
    []
  )
  await db.query(
    { text: 'CREATE TRIGGER no_use BEFORE UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION no_use()' },
    []
  )
  t.same(tally(await atOnce(10, () => me(key))), { 200: 10 })
  t.equal((await useOf(id)).lastUsedAt, null)
  await db.query({ text: 'DROP TRIGGER no_use ON api_keys' }, [])
  // The next use tries again, as soon as the one before is over.
  while ((await useOf(id)).lastUsedAt === null) await me(key, 200)
})

t.test('nobody waits for a use to be written', { skip: db.embedded && 'one at a time' }, async (t) => {
  const { id, key } = await makeKey(room, 'author', ['tags:read'])
  await db.transaction(async (tx) => {
    await tx.query({ text: 'SELECT FROM api_keys WHERE id = $1::uuid FOR UPDATE' }, [id])
    t.same(tally(await atOnce(10, () => me(key))), { 200: 10 }, 'while somebody holds the row')
  })
})

t.test('what is no key of ours', async (t) => {
  const { id, key } = await makeKey(room, 'author', ['tags:read'])
  await me(key, 200)
  await usedAfter(id, null)
  const mistyped = `${key.slice(0, 40)}${key[40] === 'a' ? 'b' : 'a'}${key.slice(41)}`
  for (const [what, token, statements] of [
    ['a mistyped one', mistyped, 0],
    ['half of one', key.slice(0, 30), 0],
    ['its front', 'dl_', 0],
    ['one with a tail', `${key}=`, 0],
    ['one that was never made', newKey('019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'), 1],
    ['another one of the same id', newKey(id), 1]
  ] as const) {
    t.equal(await room.statements(() => me(token, 401)), statements, what)
  }
  const bare = (headers: Record<string, string>, query = '') => api(`GET /v1/tags${query}`, { headers })
  t.equal((await bare({ authorization: `bearer ${key}` })).status, 200, 'the scheme in any case')
  for (const [what, headers, query] of [
    ['in the address', {}, `?key=${key}`],
    ['in the address, as RFC 6750 had it', {}, `?access_token=${key}`],
    ['in a header of its own', { 'x-api-key': key }, ''],
    ['in a cookie', { cookie: `key=${key}` }, ''],
    ['as a password', { authorization: `Basic ${btoa(`${key}:`)}` }, ''],
    ['twice', { authorization: `Bearer ${key} ${key}` }, '']
  ] as const) {
    t.equal((await bare(headers, query)).status, 401, what)
  }
})

t.test('what a key is good for', async (t) => {
  for (const [given, needs, let_in] of [
    ['articles:read', ['articles:read'], true],
    ['articles:write', ['articles:read'], true],
    ['articles:read', ['articles:write'], false],
    ['articles:publish', ['articles:read'], false],
    ['articles:publish', ['articles:write'], false],
    ['articles:write', ['articles:publish'], false],
    ['tags:write', ['articles:read'], false],
    ['articles:publish', ['articles:write', 'articles:publish'], true],
    ['tags:read', 'any', true],
    ['users:write', 'session', false]
  ] as [Scope, Needs, boolean][]) {
    t.equal(suffices(new Set([given]), needs), let_in, `${given} where ${needs} is asked for`)
  }
})

t.test('a key is refused with what it would need', async (t) => {
  const { key } = await usedKey('editor', ['articles:read'])
  const answer = await refused(t, room, 'POST /v1/tags', { token: key, body: {} }, '403 insufficient_scope')
  t.equal(answer.headers.get('www-authenticate'), 'Bearer error="insufficient_scope", scope="tags:write"')
  await refused(t, room, 'GET /v1/api-keys', { token: key }, '403 session_required')
  await refused(t, room, 'DELETE /v1/sessions/current', { token: key }, '403 session_required')
})

t.test('a key sets no passwords', async (t) => {
  const { key } = await usedKey('admin', ['users:write'])
  const newcomer = () => ({ email: `${unique('ole')}@example.org`, name: 'Ole Vik', role: 'author' })
  const body = { ...newcomer(), password: PASSWORD }
  await refused(t, room, 'POST /v1/users', { token: key, body }, '403 session_required')
  const { id } = (await api('POST /v1/users', { token: key, body: newcomer(), expect: 201 })).body
  const change = { name: 'Ole Wik', password: PASSWORD }
  await refused(t, room, `PATCH /v1/users/${id}`, { token: key, body: change }, '403 session_required')
  await api(`PATCH /v1/users/${id}`, { token: key, body: { name: 'Ole Wik' }, expect: 200 })
})

t.test('a bulk action takes the scope of its single call', async (t) => {
  const topic = (
    await api('POST /v1/tags', {
      as: 'editor',
      body: { kind: 'topic', names: { en: unique() } },
      expect: 201
    })
  ).body
  const keys = {
    'articles:write': (await makeKey(room, 'editor', ['articles:write'])).key,
    'articles:publish': (await makeKey(room, 'editor', ['articles:publish'])).key
  }
  for (const [action, needed, status] of [
    ['publish', 'articles:publish', 201],
    ['unpublish', 'articles:publish', 200],
    ['tag', 'articles:write', 200],
    ['untag', 'articles:write', 200],
    ['trash', 'articles:write', 204]
  ] as const) {
    for (const scope of ['articles:write', 'articles:publish'] as const) {
      const { id, version } = action === 'unpublish' ? await story(room) : await draft(room)
      const item = { id, ...(action !== 'unpublish' && { version }) }
      const body = { action, items: [item], ...(action.endsWith('tag') && { tags: [topic.id] }) }
      const [result] = (await api('POST /v1/articles/bulk', { token: keys[scope], body, expect: 200 })).body
        .data
      t.equal(result.status, scope === needed ? status : 403, `${action} with ${scope}`)
      if (scope !== needed) t.equal(result.problem.code, 'insufficient_scope')
    }
  }
})

t.test('a key sees what its owner sees', async (t) => {
  const owner = await person(room, 'contributor')
  const { key } = await makeKey(room, 'nobody', ['articles:write'], { token: owner.accessToken })
  const hidden = await draft(room)
  await api(`GET /v1/articles/${hidden.id}`, { token: key, expect: 404 })
  const body = { locale: 'en', headline: unique('Imported') }
  const mine = (await api('POST /v1/articles', { token: key, body, expect: 201 })).body
  t.equal(mine.createdBy, owner.id)
  await api(`GET /v1/articles/${mine.id}`, { token: owner.accessToken, expect: 200 })
})

t.test('a route that does not say what a key needs stops the start', async (t) => {
  const start = (url: string, config: object) => {
    const app = Fastify()
    registerAccess(app, async () => null, new Limit('tokens', 1, 60))
    app.post(url, { config: { access: 'author', ...config } }, async () => 'done')
  }
  for (const url of ['/v1/printers', '/v1/audit', '/tags', '/v2/tags'])
    t.throws(() => start(url, {}), /does not say which scope a key needs/, url)
  t.doesNotThrow(() => start('/v1/printers', { scope: 'any' }))
  t.doesNotThrow(() => start('/v1/printers', { scope: 'site:write' }))
  t.doesNotThrow(() => start('/v1/printers', { access: 'public' }))
})

t.test('a key is not in the log', async (t) => {
  for (const url of [
    '/v1/tags?key=dl_abc',
    '/dl_abc',
    '/v1/tags?key=dl%5Fabc',
    '/%64l_abc',
    '/DL_abc',
    '/x?r=dlr_abc'
  ])
    t.notMatch(withoutSecrets(url), /abc/, url)
  for (const url of [
    '/v1/me?access_token=eyJabc.abc.abc',
    '/v1/%2565yJabc.abc',
    '/x?s=whsec_abc',
    '/%2564l_abc'
  ])
    t.notMatch(withoutSecrets(url), /abc/, url)
  t.equal(withoutSecrets('/v1/tags?q=dl'), '/v1/tags?q=dl')

  const lines: string[] = []
  const otherDb = db.embedded ? db : await openDatabase(room.config.database)
  const other = await buildApp({ ...room.config, logLevel: 'trace' }, otherDb, {
    write: (line) => void lines.push(line)
  })
  t.teardown(async () => {
    await other.close()
    if (otherDb !== db) await otherDb.close()
  })
  const url = await other.listen({ port: 0, host: '127.0.0.1' })
  const send = (path: string, init: RequestInit = {}) =>
    fetch(url + path, init).then((answer) => answer.text())
  const made = JSON.parse(
    await send('/v1/api-keys', {
      method: 'POST',
      headers: { authorization: `Bearer ${room.tokens.author}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Logged', scopes: ['tags:read'] })
    })
  )
  const headers = { authorization: `Bearer ${made.key}` }
  await send('/v1/tags', { headers })
  await send('/v1/users', { headers })
  await send(`/v1/tags?key=${made.key}`, { headers })
  await send(`/v1/tags/${made.key}`, { headers })
  await send(`/v1/api-keys/${encodeURIComponent(made.key).replace('_', '%5F')}`, {
    method: 'DELETE',
    headers
  })
  t.ok(lines.length >= 6, `${lines.length} lines`)
  for (const part of made.key.split('_').slice(1))
    t.notMatch(lines.join(''), new RegExp(part), 'not in the log')
})
