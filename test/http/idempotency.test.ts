/** A POST with an Idempotency-Key is done once, whoever sends it again, and its answer is told to nobody else. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { draft, newsroom, type Options, story, unique } from '../helper.ts'
import { atOnce, refused, snapshot } from '../traces.ts'

const room = await newsroom(t)
const { api, app, db, tokens } = room

const keyed = (key: string) => ({ 'idempotency-key': key })
const send = (request: string, body: object, key: string, options: Options = {}) =>
  api(request, { as: 'editor', body, headers: keyed(key), ...options })
const topic = () => ({ kind: 'topic', names: { en: unique('Tag') } })
const count = async (table: string) =>
  (await db.query<{ rows: number }>({ text: `SELECT count(*)::int AS rows FROM ${table}` }, []))[0]?.rows

type Made = { paths: Record<string, { post?: { operationId: string; parameters?: { name: string }[] } }> }

/** Of each that creates: a request that can be done once only, or that would make a twin. */
const creators: Record<string, () => Promise<[request: string, body: object, options?: Options]>> = {
  createArticle: async () => ['POST /v1/articles', { locale: 'en', headline: unique('Headline') }],
  translateArticle: async () => {
    const { id } = await draft(room)
    return [`POST /v1/articles/${id}/translations`, { locale: 'ru' }]
  },
  publishArticle: async () => {
    const { id, version } = await draft(room, { headline: unique('Live'), body: { markdown: 'Live.' } })
    return [`POST /v1/articles/${id}/publications`, {}, { ifMatch: version }]
  },
  createPreview: async () => [`POST /v1/articles/${(await draft(room)).id}/previews`, {}],
  createShareLink: async () => [
    'POST /v1/share-links',
    { articleId: (await story(room)).id, channel: 'other', campaign: unique() }
  ],
  createArticleShareLink: async () => [
    `POST /v1/articles/${(await story(room)).id}/share-links`,
    { channel: 'other', campaign: unique() }
  ],
  createTag: async () => ['POST /v1/tags', topic()],
  createAuthor: async () => ['POST /v1/authors', { name: unique('Author') }],
  createList: async () => ['POST /v1/lists', { slug: unique('list'), titles: { en: 'List' }, size: 5 }],
  createRedirect: async () => [
    'POST /v1/redirects',
    { path: `/${unique('old')}`, storyId: (await story(room)).storyId }
  ],
  createApiKey: async () => ['POST /v1/api-keys', { name: unique('Key'), scopes: ['articles:read'] }],
  createPasswordLink: async () => [
    `POST /v1/users/${room.userIds.author}/password-links`,
    {},
    { as: 'admin' }
  ],
  createWebhook: async () => [
    'POST /v1/webhooks',
    { url: 'https://1.1.1.1/', events: ['webhook.*'], enabled: false },
    { as: 'admin' }
  ],
  createUser: async () => [
    'POST /v1/users',
    { email: `${unique('u')}@example.org`, name: 'Una', role: 'author', password: 'four grey herons wait' },
    { as: 'admin' }
  ]
}

t.test('every POST that creates takes a key, and each is told again what it was told first', async (t) => {
  const { paths } = app.swagger() as unknown as Made
  const taking = Object.values(paths).flatMap(({ post }) =>
    post?.parameters?.some(({ name }) => name === 'idempotency-key') ? [post.operationId] : []
  )
  t.same(taking.toSorted(), Object.keys(creators).toSorted(), 'each is in the table above')
  for (const [operation, prepare] of Object.entries(creators)) {
    const [request, body, options] = await prepare()
    const key = randomUUID()
    const first = await send(request, body, key, options)
    t.equal(first.status, 201, `${operation}: ${first.text.slice(0, 200)}`)
    t.notOk(first.headers.has('idempotent-replayed'), operation)
    const before = await snapshot(room)
    const again = await send(request, body, key, options)
    t.equal(again.status, 201, operation)
    t.equal(again.text, first.text, `${operation}: byte for byte`)
    for (const name of ['location', 'etag', 'content-type'])
      t.equal(again.headers.get(name), first.headers.get(name), `${operation}: ${name}`)
    t.equal(again.headers.get('idempotent-replayed'), 'true', operation)
    t.not(again.headers.get('x-request-id'), first.headers.get('x-request-id'), 'a request of its own')
    t.same(await snapshot(room), before, `${operation}: nothing is done again`)
  }
})

t.test('one key, fifty at once: one row, and one answer', async (t) => {
  const [key, body] = [randomUUID(), topic()]
  const before = Number(await count('tags'))
  const answers = await atOnce(50, () => send('POST /v1/tags', body, key))
  t.equal(await count('tags'), before + 1)
  const made = answers.filter(({ status }) => status === 201)
  t.ok(made.length >= 1)
  t.equal(new Set(made.map(({ text }) => text)).size, 1, 'all of them of the same tag')
  for (const { status, headers, body } of answers)
    if (status !== 201) {
      t.equal(status, 409)
      t.equal(body.code, 'idempotency_key_in_use')
      t.equal(headers.get('retry-after'), '1')
    }
  t.equal((await send('POST /v1/tags', body, key)).text, made[0]?.text)
})

t.test('a key belongs to one request', async (t) => {
  const [key, body] = [randomUUID(), topic()]
  const { text } = await send('POST /v1/tags', body, key, { expect: 201 })
  const other: Options = { as: 'editor', body: topic(), headers: keyed(key) }
  await refused(t, room, 'POST /v1/tags', other, '422 idempotency_key_reused', '/header/idempotency-key')
  t.equal((await send('POST /v1/tags', body, key)).text, text, 'and still gives its answer')
  const elsewhere = await send('POST /v1/authors', { name: unique('Author') }, key, { expect: 201 })
  t.ok(elsewhere.body.name, 'at another address it is another key')
  const others = await send('POST /v1/tags', { ...body, names: { en: unique() } }, key, { as: 'admin' })
  t.equal(others.status, 201, 'and in the hands of somebody else')
  t.not(others.text, text)
})

t.test('refusals are not kept', async (t) => {
  const key = randomUUID()
  const slug = unique('taken')
  const holder = await send('POST /v1/tags', { ...topic(), slug }, randomUUID(), { expect: 201 })
  const body = { ...topic(), slug }
  await refused(t, room, 'POST /v1/tags', { as: 'editor', body, headers: keyed(key) }, '409 slug_taken')
  const headers = { 'if-match': holder.headers.get('etag') as string }
  await api(`DELETE /v1/tags/${holder.body.id}`, { as: 'editor', headers, expect: 204 })
  const made = await send('POST /v1/tags', body, key, { expect: 201 })
  t.equal(made.body.slug, slug)
})

t.test('a made slug gives way within a key too', async (t) => {
  const headline = unique('The same headline')
  const answers = await atOnce(8, () =>
    send('POST /v1/articles', { locale: 'en', headline }, randomUUID(), { expect: 201 })
  )
  t.equal(new Set(answers.map(({ body }) => body.slug)).size, 8)
})

t.test('who is not let in is not told what was answered', async () => {
  const [key, body] = [randomUUID(), topic()]
  await send('POST /v1/tags', body, key, { expect: 201 })
  await send('POST /v1/tags', body, key, { as: 'nobody', expect: 401 })
  await send('POST /v1/tags', body, key, { as: 'author', expect: 403 })
})

t.test('after 24 hours a key is as new', async (t) => {
  const [key, body] = [randomUUID(), topic()]
  const first = await send('POST /v1/tags', body, key, { expect: 201 })
  const age = (hours: number) =>
    db.query({ text: `UPDATE idempotency_keys SET created_at = created_at - interval '${hours} hours'` }, [])
  await age(23)
  t.equal((await send('POST /v1/tags', body, key)).text, first.text)
  await age(2)
  const second = await send('POST /v1/tags', body, key, { expect: 201 })
  t.not(second.body.id, first.body.id)
  t.equal((await send('POST /v1/tags', body, key)).text, second.text)
})

t.test('what is no key', async (t) => {
  for (const key of ['short', 'x'.repeat(256), 'sixteen letters ', 'with a space between'])
    await refused(
      t,
      room,
      'POST /v1/tags',
      { as: 'editor', body: topic(), headers: keyed(key) },
      '400 invalid_request',
      '/header/idempotency-key'
    )
  // A key may be drawn more than once, and asks for the same then.
  const bodies = new Map<string, ReturnType<typeof topic>>()
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[!-~]{16,255}$/), async (key) => {
      const body = bodies.get(key) ?? topic()
      bodies.set(key, body)
      const [first, again] = [await send('POST /v1/tags', body, key), await send('POST /v1/tags', body, key)]
      return first.status === 201 && again.text === first.text
    }),
    { numRuns: 20, examples: [['propertyIsEnumerable'], ['propertyIsEnumerable']] }
  )
})

t.test('the database holds neither keys nor answers in the open', async (t) => {
  const key = `canary-${randomUUID()}`
  const article = await draft(room)
  const { body } = await send(`POST /v1/articles/${article.id}/previews`, {}, key, { expect: 201 })
  const rows = await db.query<{ row: string }>(
    { text: `SELECT k::text || encode(sealed_answer, 'escape') AS row FROM idempotency_keys k` },
    []
  )
  const dump = rows.map(({ row }) => row).join('\n')
  t.ok(rows.length > 0)
  for (const secret of [key, body.token, tokens.editor]) {
    t.notOk(dump.includes(secret))
    t.notOk(dump.includes(Buffer.from(secret).toString('hex')))
  }
})
