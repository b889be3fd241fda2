/** What ends somebody's rights on one instance counts at the very next request on the other. */
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/database/database.ts'
import { newsroom } from '../helper.ts'
import { person, signIn } from './person.ts'

const room = await newsroom(t)
const { api, config } = room

// Embedded, all that is in one process shares its database; on a server each has connections of its own.
const ownDatabase = config.database.kind === 'server'
const db = ownDatabase ? await openDatabase(config.database) : room.db
const other = await buildApp(config, db)
const there = await other.listen({ port: 0, host: '127.0.0.1' })
t.teardown(async () => {
  await other.close()
  if (ownDatabase) await db.close()
})

const here = room.url
const status = async (base: string, token: string, path = '/v1/me') => {
  const response = await fetch(base + path, { headers: { authorization: `Bearer ${token}` } })
  await response.arrayBuffer()
  return response.status
}
const patch = (id: string, body: object) => api(`PATCH /v1/users/${id}`, { as: 'admin', body, expect: 200 })

const endings: [string, (who: Awaited<ReturnType<typeof person>>) => Promise<unknown>][] = [
  ['signs out', ({ accessToken }) => api('DELETE /v1/sessions/current', { token: accessToken, expect: 204 })],
  [
    'signs out everywhere',
    async ({ email }) =>
      api('DELETE /v1/sessions/all', { token: (await signIn(room, email)).accessToken, expect: 204 })
  ],
  [
    'is signed out by an admin',
    ({ id }) => api(`DELETE /v1/users/${id}/sessions`, { as: 'admin', expect: 204 })
  ],
  ['is disabled', ({ id }) => patch(id, { disabled: true })],
  ['gets another password', ({ id }) => patch(id, { password: 'four grey herons wait' })]
]
for (const [what, end] of endings)
  t.test(`somebody ${what}`, async (t) => {
    const who = await person(room)
    for (const base of [here, there]) t.equal(await status(base, who.accessToken), 200)
    await end(who)
    // There first: nothing was asked of it since.
    for (const base of [there, here]) t.equal(await status(base, who.accessToken), 401, base)
  })

t.test('somebody becomes less, and more', async (t) => {
  const who = await person(room, 'admin')
  const asked = (base: string) => status(base, who.accessToken, '/v1/users')
  for (const base of [here, there]) t.equal(await asked(base), 200)
  await patch(who.id, { role: 'author' })
  for (const base of [there, here]) t.equal(await asked(base), 403, base)
  await patch(who.id, { role: 'admin' })
  for (const base of [there, here]) t.equal(await asked(base), 200, base)
})

t.test('a key is revoked, and its owner disabled', async (t) => {
  const who = await person(room)
  const make = async () =>
    (
      await api('POST /v1/api-keys', {
        token: who.accessToken,
        body: { name: 'Importer', scopes: ['tags:read'] },
        expect: 201
      })
    ).body
  const [first, second] = [await make(), await make()]
  const asked = (base: string, key: string) => status(base, key, '/v1/tags')
  for (const base of [here, there]) t.equal(await asked(base, first.key), 200)
  await api(`DELETE /v1/api-keys/${first.id}`, { token: who.accessToken, expect: 204 })
  for (const base of [there, here]) t.equal(await asked(base, first.key), 401, base)
  t.equal(await asked(there, second.key), 200)
  await patch(who.id, { disabled: true })
  for (const base of [there, here]) t.equal(await asked(base, second.key), 401, base)
})
