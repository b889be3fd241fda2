/**
 * Every operation that writes, as the OpenAPI document lists them: what it changes leaves one entry, what changes nothing
 * or is refused leaves none. Of sign-ins the refused ones are told too.
 */
import t from 'tap'
import { type Answer, draft, newsroom, PASSWORD, story, tag, unique } from '../helper.ts'

const room = await newsroom(t)
const { api, db } = room
const editor = { as: 'editor' } as const
const admin = { as: 'admin' } as const

type Done = Promise<Answer>
type Deed = {
  done: () => Done
  /** Asks for what is there already. */
  same?: () => Done
  /** Comes as far as the rule, and is refused there. */
  refused: () => Done
  /** Of a refused one: sign-ins only. */
  told?: number
  /** Whoever does it has no session. */
  sessionless?: true
}

const fresh = async (path: string, body: object) => (await api(`POST ${path}`, { ...editor, body })).body
const author = () => fresh('/v1/authors', { name: unique('Author') })
const list = () => fresh('/v1/lists', { titles: { en: unique('List') }, size: 5 })
const redirect = () => fresh('/v1/redirects', { path: `/${unique('old')}`, target: '/about' })
const linkOf = async (articleId: string) =>
  fresh('/v1/share-links', { articleId, channel: 'other', campaign: unique('c') })
const person = async () =>
  (
    await api('POST /v1/users', {
      ...admin,
      body: { email: `${unique('p')}@example.org`, name: 'Pat', role: 'author', password: PASSWORD }
    })
  ).body
const signIn = async (email: string) =>
  (await api('POST /v1/sessions', { body: { email, password: PASSWORD } })).body
const apiKey = () => fresh('/v1/api-keys', { name: 'Key', scopes: ['tags:read'] })
/** Nobody is there, and nothing of what happens here is sent to them. */
const quiet = { url: 'https://1.1.1.1/', events: ['redirect.*'], enabled: false }
const webhook = async (enabled = false) =>
  (await api('POST /v1/webhooks', { ...admin, body: { ...quiet, enabled } })).body
const FAR = '2026-01-01T00:00:00Z'
const soon = () => new Date(Date.now() + 3_600_000).toISOString()
const unknown = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a99'
const stale = { ...editor, ifMatch: 77 }

const article = await draft(room)
const live = await story(room)
const topic = await tag(room)
const put = (version: number, body: object, id = live.id) =>
  api(`POST /v1/articles/${id}/publications`, { ...editor, ifMatch: version, body })
const scheduled = async () => (await put(live.version, { liveFrom: soon() })).body
const removed = async () => {
  const { id } = await draft(room)
  await api(`DELETE /v1/articles/${id}`, { ...editor, ifMatch: 1, expect: 204 })
  return id
}
const withdrawn = async () => {
  const { id } = await story(room)
  await api(`POST /v1/articles/${id}/withdraw`, { ...editor, body: { reason: 'By order.' }, expect: 200 })
  return id
}
const bulk = (items: object[], tags = [topic.id]) =>
  api('POST /v1/articles/bulk', { ...editor, body: { action: 'tag', tags, items } })
const maya = await person()

const deeds: Record<string, Deed> = {
  signIn: {
    done: () => api('POST /v1/sessions', { body: { email: maya.email, password: PASSWORD } }),
    refused: () => api('POST /v1/sessions', { body: { email: maya.email, password: 'not hers at all' } }),
    told: 1
  },
  refreshSession: {
    done: async () =>
      api('POST /v1/sessions/refresh', { body: { refreshToken: (await signIn(maya.email)).refreshToken } }),
    same: async () => {
      const body = { refreshToken: (await signIn(maya.email)).refreshToken }
      await api('POST /v1/sessions/refresh', { body, expect: 201 })
      return api('POST /v1/sessions/refresh', { body })
    },
    refused: () => api('POST /v1/sessions/refresh', { body: { refreshToken: 'dlr_nothing' } })
  },
  signOut: {
    done: async () => api('DELETE /v1/sessions/current', { token: (await signIn(maya.email)).accessToken }),
    refused: () => api('DELETE /v1/sessions/current')
  },
  endSession: {
    done: async () => {
      const token = (await signIn(maya.email)).accessToken
      const { sessionId } = (await api('GET /v1/me', { token })).body
      return api(`DELETE /v1/sessions/${sessionId}`, { token })
    },
    refused: () => api(`DELETE /v1/sessions/${unknown}`, admin)
  },
  endSessions: {
    done: async () => api('DELETE /v1/sessions/all', { token: (await signIn(maya.email)).accessToken }),
    refused: () => api('DELETE /v1/sessions/all')
  },
  endUserSessions: {
    done: () => api(`DELETE /v1/users/${maya.id}/sessions`, admin),
    refused: () => api(`DELETE /v1/users/${unknown}/sessions`, admin)
  },
  changePassword: {
    done: async () => {
      const other = await person()
      const token = (await signIn(other.email)).accessToken
      const body = { currentPassword: PASSWORD, newPassword: 'four grey herons wait' }
      return api('POST /v1/me/password', { token, body })
    },
    refused: async () => {
      const token = (await signIn(maya.email)).accessToken
      const body = { currentPassword: 'not hers at all', newPassword: 'four grey herons wait' }
      return api('POST /v1/me/password', { token, body })
    }
  },
  createPasswordLink: {
    done: async () => api(`POST /v1/users/${(await person()).id}/password-links`, { ...admin, body: {} }),
    refused: () => api(`POST /v1/users/${unknown}/password-links`, { ...admin, body: {} })
  },
  usePasswordLink: {
    done: async () => {
      const { id } = await person()
      const { token } = (await api(`POST /v1/users/${id}/password-links`, { ...admin, body: {} })).body
      return api('POST /v1/password-links/use', { body: { token, password: 'four grey herons wait' } })
    },
    refused: () =>
      api('POST /v1/password-links/use', {
        body: { token: 'dlo_nothing', password: 'four grey herons wait' }
      }),
    sessionless: true
  },
  createApiKey: {
    done: () => api('POST /v1/api-keys', { ...editor, body: { name: 'Key', scopes: ['tags:read'] } }),
    refused: () => api('POST /v1/api-keys', { ...editor, body: { name: 'Key', scopes: ['users:write'] } })
  },
  renameApiKey: {
    done: async () =>
      api(`PATCH /v1/api-keys/${(await apiKey()).id}`, { ...editor, body: { name: 'Other' } }),
    same: async () => api(`PATCH /v1/api-keys/${(await apiKey()).id}`, { ...editor, body: { name: 'Key' } }),
    refused: () => api(`PATCH /v1/api-keys/${unknown}`, { ...editor, body: { name: 'Other' } })
  },
  revokeApiKey: {
    done: async () => api(`DELETE /v1/api-keys/${(await apiKey()).id}`, editor),
    refused: () => api(`DELETE /v1/api-keys/${unknown}`, editor)
  },
  createWebhook: {
    done: () => api('POST /v1/webhooks', { ...admin, body: quiet }),
    refused: () => api('POST /v1/webhooks', { ...admin, body: { ...quiet, url: 'http://127.0.0.1/' } })
  },
  changeWebhook: {
    done: async () =>
      api(`PATCH /v1/webhooks/${(await webhook()).id}`, {
        ...admin,
        ifMatch: 1,
        body: { description: 'Other' }
      }),
    same: async () =>
      api(`PATCH /v1/webhooks/${(await webhook()).id}`, { ...admin, ifMatch: 1, body: { description: '' } }),
    refused: async () =>
      api(`PATCH /v1/webhooks/${(await webhook()).id}`, {
        ...admin,
        ifMatch: 77,
        body: { description: 'Other' }
      })
  },
  deleteWebhook: {
    done: async () => api(`DELETE /v1/webhooks/${(await webhook()).id}`, { ...admin, ifMatch: 1 }),
    refused: async () => api(`DELETE /v1/webhooks/${(await webhook()).id}`, { ...admin, ifMatch: 77 })
  },
  rotateWebhookSecret: {
    done: async () => api(`POST /v1/webhooks/${(await webhook()).id}/rotate-secret`, admin),
    refused: () => api(`POST /v1/webhooks/${unknown}/rotate-secret`, admin)
  },
  testWebhook: {
    done: async () => api(`POST /v1/webhooks/${(await webhook(true)).id}/test`, admin),
    refused: async () => api(`POST /v1/webhooks/${(await webhook()).id}/test`, admin)
  },
  replayWebhookDelivery: {
    done: async () => {
      const { id } = await webhook(true)
      const { eventId } = (await api(`POST /v1/webhooks/${id}/test`, admin)).body
      return api(`POST /v1/webhooks/${id}/deliveries/${eventId}/replay`, admin)
    },
    refused: async () =>
      api(`POST /v1/webhooks/${(await webhook(true)).id}/deliveries/${unknown}/replay`, admin)
  },
  replayWebhookDeliveries: {
    done: async () =>
      api(`POST /v1/webhooks/${(await webhook(true)).id}/replay`, { ...admin, body: { since: FAR } }),
    refused: async () =>
      api(`POST /v1/webhooks/${(await webhook()).id}/replay`, { ...admin, body: { since: FAR } })
  },
  createUser: {
    done: () =>
      api('POST /v1/users', {
        ...admin,
        body: { email: `${unique('u')}@example.org`, name: 'U', role: 'author' }
      }),
    refused: () => api('POST /v1/users', { ...admin, body: { email: maya.email, name: 'U', role: 'author' } })
  },
  changeUser: {
    done: () => api(`PATCH /v1/users/${maya.id}`, { ...admin, body: { role: 'editor' } }),
    same: () => api(`PATCH /v1/users/${maya.id}`, { ...admin, body: { role: 'editor', disabled: false } }),
    refused: () => api(`PATCH /v1/users/${maya.id}`, { ...admin, body: { password: 'too short' } })
  },
  createTag: {
    done: () => api('POST /v1/tags', { ...editor, body: { kind: 'topic', names: { en: unique('T') } } }),
    refused: () =>
      api('POST /v1/tags', { ...editor, body: { kind: 'topic', names: { en: 'T' }, slug: topic.slug } })
  },
  changeTag: {
    done: () => api(`PATCH /v1/tags/${topic.id}`, { ...editor, ifMatch: 1, body: { kind: 'place' } }),
    same: () => api(`PATCH /v1/tags/${topic.id}`, { ...editor, ifMatch: 2, body: { kind: 'place' } }),
    refused: () => api(`PATCH /v1/tags/${topic.id}`, { ...stale, body: { kind: 'person' } })
  },
  deleteTag: {
    done: async () => api(`DELETE /v1/tags/${(await tag(room)).id}`, { ...editor, ifMatch: 1 }),
    refused: () => api(`DELETE /v1/tags/${topic.id}`, stale)
  },
  mergeTag: {
    done: async () =>
      api(`POST /v1/tags/${(await tag(room)).id}/merge`, { ...editor, body: { into: topic.id } }),
    same: async () => {
      const { id } = await tag(room)
      await api(`POST /v1/tags/${id}/merge`, { ...editor, body: { into: topic.id }, expect: 200 })
      return api(`POST /v1/tags/${id}/merge`, { ...editor, body: { into: topic.id } })
    },
    refused: () => api(`POST /v1/tags/${topic.id}/merge`, { ...editor, body: { into: unknown } })
  },
  createAuthor: {
    done: () => api('POST /v1/authors', { ...editor, body: { name: unique('Author') } }),
    refused: () => api('POST /v1/authors', { ...editor, body: { name: 'A', userId: unknown } })
  },
  changeAuthor: {
    done: async () =>
      api(`PATCH /v1/authors/${(await author()).id}`, { ...editor, ifMatch: 1, body: { name: 'Z' } }),
    same: async () => {
      const { id, name } = await author()
      return api(`PATCH /v1/authors/${id}`, { ...editor, ifMatch: 1, body: { name } })
    },
    refused: async () => api(`PATCH /v1/authors/${(await author()).id}`, { ...stale, body: { name: 'Z' } })
  },
  deleteAuthor: {
    done: async () => api(`DELETE /v1/authors/${(await author()).id}`, { ...editor, ifMatch: 1 }),
    refused: async () => api(`DELETE /v1/authors/${(await author()).id}`, stale)
  },
  createArticle: {
    done: () => api('POST /v1/articles', { ...editor, body: { locale: 'en', headline: 'New' } }),
    refused: () =>
      api('POST /v1/articles', { ...editor, body: { locale: 'en', headline: 'New', slug: live.slug } })
  },
  changeArticle: {
    done: () => api(`PATCH /v1/articles/${article.id}`, { ...editor, ifMatch: 1, body: { breaking: true } }),
    same: () => api(`PATCH /v1/articles/${article.id}`, { ...editor, ifMatch: 2, body: { breaking: true } }),
    refused: () => api(`PATCH /v1/articles/${article.id}`, { ...stale, body: { breaking: false } })
  },
  trashArticle: {
    done: async () => api(`DELETE /v1/articles/${(await draft(room)).id}`, { ...editor, ifMatch: 1 }),
    refused: () => api(`DELETE /v1/articles/${live.id}`, { ...editor, ifMatch: live.version })
  },
  restoreArticle: {
    done: async () => api(`POST /v1/articles/${await removed()}/restore`, editor),
    refused: () => api(`POST /v1/articles/${unknown}/restore`, editor)
  },
  moveStage: {
    done: () =>
      api(`POST /v1/articles/${article.id}/stage`, { ...editor, ifMatch: 2, body: { to: 'ready' } }),
    same: () =>
      api(`POST /v1/articles/${article.id}/stage`, { ...editor, ifMatch: 2, body: { to: 'ready' } }),
    refused: () => api(`POST /v1/articles/${article.id}/stage`, { ...stale, body: { to: 'draft' } })
  },
  translateArticle: {
    done: () => api(`POST /v1/articles/${article.id}/translations`, { ...editor, body: { locale: 'ru' } }),
    refused: () => api(`POST /v1/articles/${article.id}/translations`, { ...editor, body: { locale: 'ru' } })
  },
  restoreRevision: {
    done: () => api(`POST /v1/articles/${article.id}/revisions/1/restore`, { ...editor, ifMatch: 2 }),
    refused: () => api(`POST /v1/articles/${article.id}/revisions/1/restore`, stale)
  },
  publishArticle: {
    done: async () => put(1, {}, (await draft(room, { headline: 'Now' })).id),
    same: () => put(live.version, {}),
    refused: () => put(77, {})
  },
  changePublication: {
    done: async () => {
      const { id } = await scheduled()
      return api(`PATCH /v1/articles/${live.id}/publications/${id}`, { ...editor, body: { minor: true } })
    },
    same: async () => {
      const { id } = await scheduled()
      return api(`PATCH /v1/articles/${live.id}/publications/${id}`, { ...editor, body: { minor: false } })
    },
    refused: () =>
      api(`PATCH /v1/articles/${live.id}/publications/${unknown}`, { ...editor, body: { minor: true } })
  },
  cancelPublication: {
    done: async () => api(`DELETE /v1/articles/${live.id}/publications/${(await scheduled()).id}`, editor),
    refused: () => api(`DELETE /v1/articles/${live.id}/publications/${unknown}`, editor)
  },
  unpublishArticle: {
    done: async () => api(`POST /v1/articles/${(await story(room)).id}/unpublish`, editor),
    refused: () => api(`POST /v1/articles/${article.id}/unpublish`, editor)
  },
  withdrawArticle: {
    done: async () =>
      api(`POST /v1/articles/${(await story(room)).id}/withdraw`, {
        ...editor,
        body: { reason: 'By order.' }
      }),
    refused: () =>
      api(`POST /v1/articles/${article.id}/withdraw`, { ...editor, body: { reason: 'By order.' } })
  },
  reinstateArticle: {
    done: async () => api(`POST /v1/articles/${await withdrawn()}/reinstate`, editor),
    refused: () => api(`POST /v1/articles/${article.id}/reinstate`, editor)
  },
  changeArticles: {
    done: async () => bulk([{ id: (await draft(room)).id, version: 1 }]),
    same: async () => bulk([{ id: (await draft(room, { tags: [topic.id] })).id, version: 1 }]),
    refused: async () => bulk([{ id: (await draft(room)).id, version: 77 }])
  },
  createShareLink: {
    done: () =>
      api('POST /v1/share-links', {
        ...editor,
        body: { articleId: live.id, channel: 'other', campaign: 'a' }
      }),
    same: () =>
      api('POST /v1/share-links', {
        ...editor,
        body: { articleId: live.id, channel: 'other', campaign: 'a' }
      }),
    refused: () => api('POST /v1/share-links', { ...editor, body: { articleId: unknown, channel: 'other' } })
  },
  createShareLinks: {
    done: () =>
      api('POST /v1/share-links/bulk', {
        ...editor,
        body: { items: [{ articleId: live.id, channel: 'other', campaign: 'b' }] }
      }),
    refused: () =>
      api('POST /v1/share-links/bulk', {
        ...editor,
        body: { items: [{ articleId: unknown, channel: 'other' }] }
      })
  },
  createArticleShareLink: {
    done: () =>
      api(`POST /v1/articles/${live.id}/share-links`, {
        ...editor,
        body: { channel: 'other', campaign: 'c' }
      }),
    same: () =>
      api(`POST /v1/articles/${live.id}/share-links`, {
        ...editor,
        body: { channel: 'other', campaign: 'c' }
      }),
    refused: () => api(`POST /v1/articles/${unknown}/share-links`, { ...editor, body: { channel: 'other' } })
  },
  changeShareLink: {
    done: async () =>
      api(`PATCH /v1/share-links/${(await linkOf(live.id)).id}`, {
        ...editor,
        ifMatch: 1,
        body: { maxClicks: 5 }
      }),
    same: async () =>
      api(`PATCH /v1/share-links/${(await linkOf(live.id)).id}`, {
        ...editor,
        ifMatch: 1,
        body: { maxClicks: null }
      }),
    refused: async () =>
      api(`PATCH /v1/share-links/${(await linkOf(live.id)).id}`, { ...stale, body: { maxClicks: 5 } })
  },
  archiveShareLink: {
    done: async () => api(`DELETE /v1/share-links/${(await linkOf(live.id)).id}`, { ...editor, ifMatch: 1 }),
    refused: async () => api(`DELETE /v1/share-links/${(await linkOf(live.id)).id}`, stale)
  },
  createList: {
    done: () => api('POST /v1/lists', { ...editor, body: { titles: { en: 'L' }, size: 5 } }),
    refused: () =>
      api('POST /v1/lists', { ...editor, body: { titles: { en: 'L' }, size: 5, tail: { tag: unknown } } })
  },
  changeList: {
    done: async () =>
      api(`PATCH /v1/lists/${(await list()).id}`, { ...editor, ifMatch: 1, body: { size: 6 } }),
    same: async () =>
      api(`PATCH /v1/lists/${(await list()).id}`, { ...editor, ifMatch: 1, body: { size: 5 } }),
    refused: async () => api(`PATCH /v1/lists/${(await list()).id}`, { ...stale, body: { size: 6 } })
  },
  setListItems: {
    done: async () =>
      api(`PUT /v1/lists/${(await list()).id}/items`, {
        ...editor,
        ifMatch: 1,
        body: [{ storyId: live.storyId }]
      }),
    same: async () => api(`PUT /v1/lists/${(await list()).id}/items`, { ...editor, ifMatch: 1, body: [] }),
    refused: async () =>
      api(`PUT /v1/lists/${(await list()).id}/items`, { ...editor, ifMatch: 1, body: [{ storyId: unknown }] })
  },
  deleteList: {
    done: async () => api(`DELETE /v1/lists/${(await list()).id}`, { ...editor, ifMatch: 1 }),
    refused: async () => api(`DELETE /v1/lists/${(await list()).id}`, stale)
  },
  createPreview: {
    done: () => api(`POST /v1/articles/${article.id}/previews`, { ...editor, body: {} }),
    refused: () => api(`POST /v1/articles/${article.id}/previews`, { ...editor, body: { version: 77 } })
  },
  revokePreview: {
    done: async () =>
      api(`DELETE /v1/previews/${(await fresh(`/v1/articles/${article.id}/previews`, {})).id}`, editor),
    same: async () => {
      const { id } = await fresh(`/v1/articles/${article.id}/previews`, {})
      await api(`DELETE /v1/previews/${id}`, { ...editor, expect: 204 })
      return api(`DELETE /v1/previews/${id}`, editor)
    },
    refused: () => api(`DELETE /v1/previews/${unknown}`, editor)
  },
  createRedirect: {
    done: () => api('POST /v1/redirects', { ...editor, body: { path: '/one', target: '/two' } }),
    refused: () => api('POST /v1/redirects', { ...editor, body: { path: '/one', target: '/two' } })
  },
  changeRedirect: {
    done: async () =>
      api(`PATCH /v1/redirects/${(await redirect()).id}`, { ...editor, ifMatch: 1, body: { target: '/us' } }),
    same: async () =>
      api(`PATCH /v1/redirects/${(await redirect()).id}`, {
        ...editor,
        ifMatch: 1,
        body: { target: '/about' }
      }),
    refused: async () =>
      api(`PATCH /v1/redirects/${(await redirect()).id}`, { ...stale, body: { target: '/us' } })
  },
  deleteRedirect: {
    done: async () => api(`DELETE /v1/redirects/${(await redirect()).id}`, { ...editor, ifMatch: 1 }),
    refused: async () => api(`DELETE /v1/redirects/${(await redirect()).id}`, stale)
  },
  changeSite: {
    done: () => api('PATCH /v1/site/en', { ...editor, ifMatch: 1, body: { name: 'Tide' } }),
    same: () => api('PATCH /v1/site/en', { ...editor, ifMatch: 2, body: { name: 'Tide' } }),
    refused: () => api('PATCH /v1/site/en', { ...stale, body: { name: 'Ebb' } })
  }
}

const entriesOf = (answer: Answer) =>
  db.query<{ action: string; user_id: string | null; session_id: string | null }>(
    { text: 'SELECT action, user_id, session_id FROM audit WHERE request_id = $1::text' },
    [answer.headers.get('x-request-id')]
  )

t.test('all operations that write are here', async (t) => {
  const { paths } = room.app.swagger() as unknown as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const writing = Object.values(paths).flatMap((methods) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      ['post', 'put', 'patch', 'delete'].includes(method) ? [operationId] : []
    )
  )
  // A view is a reader's: nobody is kept who read.
  t.same(Object.keys(deeds).sort(), writing.filter((id) => id !== 'countView').sort())
})

for (const [operation, { done, same, refused, told = 0, sessionless }] of Object.entries(deeds)) {
  t.test(operation, async (t) => {
    const answer = await done()
    t.ok(answer.status < 300, `is done: ${answer.status} ${answer.text.slice(0, 300)}`)
    const entries = await entriesOf(answer)
    t.equal(entries.length, 1, `one entry: ${entries.map(({ action }) => action)}`)
    t.match(
      entries[0],
      { user_id: /./, session_id: sessionless ? null : /./ },
      'it tells who, and through what'
    )
    if (same) {
      const again = await same()
      t.ok(again.status < 300, `the same again is done: ${again.status} ${again.text.slice(0, 300)}`)
      t.same(await entriesOf(again), [], 'and leaves none')
    }
    const no = await refused()
    const status = no.body?.data?.[0]?.status ?? no.status
    t.ok(status >= 400, `the other is refused: ${status}`)
    t.equal((await entriesOf(no)).length, told, `and leaves ${told}`)
  })
}
