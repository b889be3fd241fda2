import t, { type Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/database/database.ts'
import { revokePreviewsOf } from '../../src/previews/previews.ts'
import { ask, writesNothing } from '../articles/ledger.ts'
import { type Article, whoMay } from '../articles/states.ts'
import {
  type Answer,
  author,
  CANARY,
  draft,
  everyone,
  newsroom,
  type Options,
  PASSWORD,
  type roles,
  story,
  tag,
  unique,
  type Who
} from '../helper.ts'
import { atOnce, refused, snapshot, tally, walk, written } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room

/** A second instance on the same database, with its log kept. */
const lines: string[] = []
const otherDb = db.embedded ? db : await openDatabase(room.config.database)
const other = await buildApp({ ...room.config, logLevel: 'trace' }, otherDb, {
  write: (line) => void lines.push(line)
})
const otherUrl = await other.listen({ port: 0, host: '127.0.0.1' })
t.teardown(async () => {
  await other.close()
  if (otherDb !== db) await otherDb.close()
})

// biome-ignore lint/suspicious/noExplicitAny: a preview as the API shows it; what is not there fails the test
type Preview = any

const make = async (article: Article, body: object = {}, as: Who = 'editor'): Promise<Preview> =>
  (await api(`POST /v1/articles/${article.id}/previews`, { as, body, expect: 201 })).body
const read = ({ token }: Preview, options: Options = {}, query = '') =>
  api(`GET /v1/content/previews/${token}${query}`, options)
const patch = async ({ id, version }: Article, body: object): Promise<Article> =>
  (await api(`PATCH /v1/articles/${id}`, { as: 'editor', ifMatch: version, body, expect: 200 })).body
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })
const withdraw = (id: string) =>
  db.query(
    {
      text: `UPDATE articles SET withdrawn_at = clock_timestamp(), withdrawn_reason = 'a court order' WHERE id = $1::uuid`
    },
    [id]
  )

t.test('who makes links, who sees them', async (t) => {
  const make = ({ id }: Article) =>
    [`POST /v1/articles/${id}/previews`, { body: {} }] as readonly [string, Options]
  await whoMay(t, room, make, {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['201 201 201 409', '403 403 403 403'],
    editor: ['201 201 201 409', '201 201 201 409'],
    admin: ['201 201 201 409', '201 201 201 409']
  })
  await whoMay(t, room, ({ id }) => [`GET /v1/articles/${id}/previews`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['200 200 200 200', '403 403 403 403'],
    editor: ['200 200 200 200', '200 200 200 200'],
    admin: ['200 200 200 200', '200 200 200 200']
  })
})

t.test('who ends links', async (t) => {
  for (const who of everyone) {
    const maker = who === 'nobody' || who === 'contributor' ? 'author' : who
    const own = await draft(room, { as: maker })
    const foreign = await draft(room, { as: 'admin' })
    const theirs = await make(own, {}, 'admin')
    const others = await make(foreign, {}, 'admin')
    const wanted = {
      nobody: [401, 401],
      contributor: [403, 403],
      author: [204, 403],
      editor: [204, 204],
      admin: [204, 204]
    }
    const got = []
    for (const { id } of [theirs, others])
      got.push((await api(`DELETE /v1/previews/${id}`, { as: who })).status)
    t.same(got, wanted[who], `${who}: of an article of their own, of another`)
  }
  const article = await draft(room, { as: 'author' })
  const made = await make(article, {}, 'author')
  await db.query({ text: 'UPDATE articles SET created_by = $2::uuid WHERE id = $1::uuid' }, [
    article.id,
    room.userIds.admin
  ])
  await read(made, { expect: 404 })
  await api(`DELETE /v1/previews/${made.id}`, { as: 'author', expect: 204 })
})

t.test('making, listing and ending leave their traces', async (t) => {
  const article = await draft(room)
  const body = { version: 1, maxUses: 3, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
  const { body: made, headers } = await written(
    t,
    room,
    `POST /v1/articles/${article.id}/previews`,
    { as: 'editor', body },
    { status: 201, type: 'preview.created', fields: ['version', 'maxUses', 'expiresAt'] }
  )
  const { token, url, ...shown } = made
  t.match(token, /^dlp_[A-Za-z0-9_-]{43}$/)
  t.equal(url, `http://dateline.test/v1/content/previews/${token}`)
  t.equal(headers.get('cache-control'), 'private, no-store')
  t.equal(headers.get('etag'), null)
  t.match(shown, {
    ...body,
    articleId: article.id,
    uses: 0,
    lastUsedAt: null,
    works: true,
    revokedAt: null,
    createdBy: room.userIds.editor
  })
  const list = async () =>
    (await api(`GET /v1/articles/${article.id}/previews`, { as: 'editor', expect: 200 })).body.data
  t.same(await list(), [shown])
  await read(made, { expect: 200 })
  const [used] = await list()
  t.match(used, { uses: 1, works: true })
  t.ok(Date.parse(used.lastUsedAt) >= Date.parse(shown.createdAt))

  await written(
    t,
    room,
    `DELETE /v1/previews/${made.id}`,
    { as: 'editor' },
    { status: 204, type: 'preview.revoked', subject: made.id }
  )
  const [ended] = await list()
  t.match(ended, { works: false, revokedAt: /Z$/ })
  await writesNothing(t, room, () => api(`DELETE /v1/previews/${made.id}`, { as: 'editor', expect: 204 }))
  await refused(t, room, `DELETE /v1/previews/${article.id}`, { as: 'editor' }, '404 not_found')
})

t.test('without wishes: seven days, any number of uses, the latest version', async (t) => {
  const made = await make(await draft(room))
  t.match(made, { version: null, maxUses: null })
  const days = (Date.parse(made.expiresAt) - Date.parse(made.createdAt)) / 86_400_000
  t.ok(Math.abs(days - 7) < 0.001, `${days} days`)
  const nulls = await make(await draft(room), { version: null, maxUses: null })
  t.match(nulls, { version: null, maxUses: null })
})

t.test('pages of links', async (t) => {
  const article = await draft(room)
  const made: string[] = []
  for (let index = 0; index < 5; index++) made.unshift((await make(article)).id)
  const { there, back, pages } = await walk(
    room,
    `GET /v1/articles/${article.id}/previews`,
    { as: 'editor' },
    2
  )
  t.same([there, back, pages], [made, made, 3])
})

t.test('what is refused, and changes nothing', async (t) => {
  const article = await draft(room)
  const path = `POST /v1/articles/${article.id}/previews`
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
  for (const [body, pointer] of [
    [{ expiresAt: inDays(-0.001) }, '/expiresAt'],
    [{ expiresAt: '2001-01-01T00:00:00Z' }, '/expiresAt'],
    [{ expiresAt: inDays(30.01) }, '/expiresAt'],
    [{ expiresAt: '9998-12-31T23:59:59Z' }, '/expiresAt'],
    [{ expiresAt: null }, '/expiresAt'],
    [{ maxUses: 0 }, '/maxUses'],
    [{ maxUses: 1001 }, '/maxUses'],
    [{ maxUses: '5' }, '/maxUses'],
    [{ version: 0 }, '/version'],
    [{ version: 2 }, '/version'],
    [{ version: 2147483647 }, '/version'],
    [{ token: 'dlp_mine' }, '/token'],
    [{ articleId: article.id }, '/articleId']
  ] as const) {
    await refused(t, room, path, { as: 'editor', body }, '400 invalid_request', pointer)
  }
  await make(article, { expiresAt: inDays(29.99), maxUses: 1000, version: 1 })
  const nowhere = `POST /v1/articles/${room.userIds.editor}/previews`
  await refused(t, room, nowhere, { as: 'editor', body: {} }, '404 not_found')
  await withdraw(article.id)
  await refused(t, room, path, { as: 'editor', body: {} }, '409 article_withdrawn')
  const trashed = await draft(room)
  await api(`DELETE /v1/articles/${trashed.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  await refused(
    t,
    room,
    `POST /v1/articles/${trashed.id}/previews`,
    { as: 'editor', body: {} },
    '409 article_trashed'
  )
})

t.test('a preview is what the article will be once it is live', async (t) => {
  const topic = await tag(room, { names: { en: 'Sea', ru: 'Море' } })
  const place = await tag(room, { kind: 'place', names: { en: 'Port' } })
  const writer = await author(room)
  const english = await story(room)
  const russian = await draft(room, {
    headline: 'Every field',
    standfirst: 'In short.',
    kicker: 'Coast',
    locale: 'ru',
    tags: [place.id, topic.id],
    authors: [writer.id],
    source: { name: 'Tide', url: 'https://tide.example/' },
    image: { url: 'https://images.example/a.jpg', alt: 'A' },
    dateline: 'Ansel',
    breaking: true,
    accessibleForFree: false,
    sensitive: true,
    seo: { title: 'T' },
    rights: { licence: 'L' },
    body: { markdown: 'Four **words** are here.' }
  })
  await db.query({ text: 'UPDATE articles SET story_id = $2::uuid WHERE id = $1::uuid' }, [
    russian.id,
    english.storyId
  ])
  const made = await make(russian)
  const forms = '?body=text,html,blocks,markdown'
  const answer = await read(made, { expect: 200 }, forms)
  const { preview, ...shown } = answer.body
  t.same(preview, { version: 1, expiresAt: made.expiresAt, usesLeft: null })
  t.match(shown, { publishedAt: null, updatedAt: null, corrections: [] })
  t.same(
    shown.tags.map(({ name, locale }: { name: string; locale: string }) => [name, locale]),
    [
      ['Port', 'en'],
      ['Море', 'ru']
    ]
  )
  t.equal(answer.headers.get('content-language'), 'ru')
  t.equal(answer.headers.get('etag'), null)
  t.same((await read(made, { expect: 200 })).body.body, { html: shown.body.html }, 'html, if none is named')
  t.same(Object.keys((await read(made, { expect: 200 }, '?body=text')).body.body), ['text'])
  await read(made, { expect: 400 }, '?body=pdf')
  await read(made, { expect: 400 }, '?locale=en')

  await publish(russian)
  const live = await api(`GET /v1/content/articles/${russian.slug}${forms}&locale=ru`, { expect: 200 })
  const { publishedAt, updatedAt } = live.body
  t.same({ ...shown, publishedAt, updatedAt }, live.body)
  t.same(shown.translations.length, 1)
  const later = (await read(made, { expect: 200 })).body
  t.same([later.publishedAt, later.updatedAt], [publishedAt, updatedAt], 'live, it says since when')

  const scheduled = await draft(room)
  await publish(scheduled, { liveFrom: '2090-01-01T00:00:00Z' })
  t.match((await read(await make(scheduled), { expect: 200 })).body, { publishedAt: null, updatedAt: null })
})

t.test('a pinned link stays at its version, the other one moves along', async (t) => {
  const article = await draft(room, { headline: `${CANARY} first` })
  const pinned = await make(article, { version: 1 })
  const latest = await make(article)
  const headlines = async () => [
    (await read(pinned, { expect: 200 })).body,
    (await read(latest, { expect: 200 })).body
  ]
  const moved = await patch(article, { headline: `${CANARY} second`, slug: unique('second') })
  const [one, two] = await headlines()
  t.match(one, { headline: `${CANARY} first`, slug: article.slug, preview: { version: 1 } })
  t.match(two, { headline: `${CANARY} second`, slug: moved.slug, preview: { version: 2 } })
  t.equal(two.url, `https://news.example/en/${moved.slug}`)
  t.match((await read(await make(moved, { version: 1 }), { expect: 200 })).body, { slug: article.slug })
})

t.test(
  'tags and authors of an old version: merged ones are what they became, deleted ones are not there',
  async (t) => {
    const [merged, survivor, gone] = [await tag(room), await tag(room), await tag(room)]
    const writer = await author(room)
    const article = await draft(room, { tags: [gone.id, merged.id, survivor.id], authors: [writer.id] })
    const pinned = await make(article, { version: 1 })
    await patch(article, { tags: [], authors: [] })
    await api(`DELETE /v1/tags/${gone.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
    await api(`DELETE /v1/tags/${merged.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
    await api(`DELETE /v1/authors/${writer.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
    await db.query({ text: 'INSERT INTO tag_merges (from_id, into_id) VALUES ($1::uuid, $2::uuid)' }, [
      merged.id,
      survivor.id
    ])
    const { body } = await read(pinned, { expect: 200 })
    t.same(
      body.tags.map(({ id }: { id: string }) => id),
      [survivor.id]
    )
    t.same(body.authors, [])
  }
)

t.test('ten uses are ten, for two hundred readers at two instances', async (t) => {
  // More than once: the first time the connections are still being opened.
  for (let round = 0; round < 3; round++) await tenOfTwoHundred(t)
})

async function tenOfTwoHundred(t: Test) {
  const article = await draft(room)
  const made = await make(article, { maxUses: 10 })
  const answers = await atOnce(200, async (index): Promise<Answer> => {
    if (index % 2 === 0) return read(made)
    const response = await fetch(`${otherUrl}/v1/content/previews/${made.token}`)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
  })
  t.same(tally(answers), { 200: 10, 404: 190 })
  t.same(
    answers
      .filter(({ status }) => status === 200)
      .map(({ body }) => body.preview.usesLeft)
      .sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    'each reader is told how many are left'
  )
  const [link] = (await api(`GET /v1/articles/${article.id}/previews`, { as: 'editor' })).body.data
  t.match(link, { uses: 10, works: false })
}

t.test('looking with HEAD uses nothing up', async (t) => {
  const made = await make(await draft(room), { maxUses: 1 })
  const head = () => api(`HEAD /v1/content/previews/${made.token}`)
  const first = await head()
  t.equal(first.status, 200)
  t.equal((await head()).status, 200)
  const { headers } = await read(made, { expect: 200 })
  for (const name of ['content-length', 'content-type', 'content-language', 'cache-control', 'x-robots-tag'])
    t.equal(first.headers.get(name), headers.get(name), name)
  t.equal((await head()).status, 404)
})

t.test('one same 404, whatever the reason, on every instance and at once', async (t) => {
  const secret = {
    'cache-control': 'private, no-store',
    'x-robots-tag': 'noindex',
    'referrer-policy': 'no-referrer'
  }
  /** All that could tell one reason from another: how many one may still ask for goes down whatever they are. */
  const headersOf = (headers: Headers) =>
    Object.fromEntries(
      [...headers].filter(([name]) => !['date', 'x-request-id', 'content-length', 'ratelimit'].includes(name))
    )
  const bare = (text: string, headers: Headers) => text.replaceAll(headers.get('x-request-id') ?? '', 'ID')
  const unknown = await api(`GET /v1/content/previews/dlp_${'A'.repeat(43)}`, { expect: 404 })
  t.match(Object.fromEntries(unknown.headers), secret)

  const person = async (role: (typeof roles)[number]) => {
    const email = `${unique('maker')}@example.org`
    const { body } = await api('POST /v1/users', {
      as: 'admin',
      body: { email, name: 'Maker', role, password: PASSWORD },
      expect: 201
    })
    const session = await api('POST /v1/sessions', { body: { email, password: PASSWORD }, expect: 201 })
    return { id: body.id as string, token: session.body.accessToken as string }
  }
  const by = async ({ token }: { token: string }, article: Article) =>
    (await api(`POST /v1/articles/${article.id}/previews`, { token, body: {}, expect: 201 })).body
  const sql = (text: string, ...values: unknown[]) => db.query({ text }, values)
  const mine = async ({ token }: { token: string }) =>
    (
      await api('POST /v1/articles', {
        token,
        body: { locale: 'en', headline: `${CANARY} ${unique()}` },
        expect: 201
      })
    ).body

  const rows: [reason: string, make: () => Promise<[Preview, () => Promise<unknown>]>][] = [
    [
      'ended',
      async () => {
        const made = await make(await draft(room))
        return [made, () => api(`DELETE /v1/previews/${made.id}`, { as: 'editor', expect: 204 })]
      }
    ],
    [
      'expired',
      async () => {
        const made = await make(await draft(room))
        return [
          made,
          () => sql('UPDATE preview_links SET expires_at = clock_timestamp() WHERE id = $1::uuid', made.id)
        ]
      }
    ],
    [
      'used up',
      async () => {
        const made = await make(await draft(room), { maxUses: 3 })
        return [made, () => read(made, { expect: 200 })]
      }
    ],
    [
      'its maker was disabled',
      async () => {
        const maker = await person('editor')
        const made = await by(maker, await draft(room))
        return [
          made,
          () => api(`PATCH /v1/users/${maker.id}`, { as: 'admin', body: { disabled: true }, expect: 200 })
        ]
      }
    ],
    [
      'its maker is a contributor now',
      async () => {
        const maker = await person('author')
        const made = await by(maker, await mine(maker))
        return [
          made,
          () =>
            api(`PATCH /v1/users/${maker.id}`, {
              as: 'admin',
              body: { role: 'contributor' },
              expect: 200
            })
        ]
      }
    ],
    [
      'its maker, an author now, may not preview this one',
      async () => {
        const maker = await person('editor')
        const made = await by(maker, await draft(room))
        return [
          made,
          () => api(`PATCH /v1/users/${maker.id}`, { as: 'admin', body: { role: 'author' }, expect: 200 })
        ]
      }
    ],
    [
      'trashed',
      async () => {
        const article = await draft(room)
        return [
          await make(article),
          () => api(`DELETE /v1/articles/${article.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
        ]
      }
    ],
    [
      'withdrawn',
      async () => {
        const article = await draft(room)
        return [await make(article), () => withdraw(article.id)]
      }
    ],
    [
      'ended with all of its article',
      async () => {
        const article = await draft(room)
        return [await make(article), () => db.transaction((tx) => revokePreviewsOf(tx, article.id))]
      }
    ],
    [
      'purged',
      async () => {
        const article = await draft(room)
        return [await make(article), () => sql('DELETE FROM articles WHERE id = $1::uuid', article.id)]
      }
    ]
  ]
  const here = (made: Preview) => fetch(`${room.url}/v1/content/previews/${made.token}`)
  const there = (made: Preview) => fetch(`${otherUrl}/v1/content/previews/${made.token}`)
  for (const [reason, prepare] of rows) {
    const [made, kill] = await prepare()
    for (const ask of [here, there]) {
      const alive = await ask(made)
      t.equal(alive.status, 200, `${reason}: it worked`)
      t.match(Object.fromEntries(alive.headers), secret)
      await alive.text()
    }
    await kill()
    for (const ask of [there, here]) {
      const answer = await ask(made)
      const text = await answer.text()
      t.equal(answer.status, 404, reason)
      t.equal(bare(text, answer.headers), bare(unknown.text, unknown.headers), reason)
      t.same(headersOf(answer.headers), headersOf(unknown.headers), reason)
    }
    t.equal((await api(`HEAD /v1/content/previews/${made.token}`)).status, 404, reason)
  }
  const odd = ['x', 'dlp_', `dlp_${'é'.repeat(43)}`, 'A'.repeat(5000), '..%2f..', '%F0%9F%92%A9']
  for (const token of odd) {
    const answer = await api(`GET /v1/content/previews/${token}`, { expect: 404 })
    t.equal(bare(answer.text, answer.headers), bare(unknown.text, unknown.headers), token.slice(0, 20))
  }
})

t.test('restored from the trash, an article’s links work again', async (t) => {
  const article = await draft(room)
  const made = await make(article)
  await api(`DELETE /v1/articles/${article.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  await read(made, { expect: 404 })
  await api(`POST /v1/articles/${article.id}/restore`, { as: 'editor', expect: 200 })
  t.equal((await read(made)).status, 200)
})

t.test('ending all links of an article ends those of no other', async (t) => {
  const [article, beside] = [await draft(room), await draft(room)]
  const links = [await make(article), await make(article, { maxUses: 2 })]
  const kept = await make(beside)
  const end = () => db.transaction((tx) => revokePreviewsOf(tx, article.id))
  t.equal(await end(), 2)
  t.equal(await end(), 0, 'once is enough')
  for (const link of links) await read(link, { expect: 404 })
  await read(kept, { expect: 200 })
})

t.test('a link ended while it is being read is read no more', async (t) => {
  const made = await make(await draft(room), { maxUses: 1000 })
  const [ended] = await Promise.all([
    api(`DELETE /v1/previews/${made.id}`, { as: 'editor', expect: 204 }),
    atOnce(40, () => read(made))
  ])
  t.equal(ended.status, 204)
  const uses = () => ask<number>(room, 'SELECT uses FROM preview_links WHERE id = $1::uuid', made.id)
  const before = await uses()
  t.same(tally(await atOnce(20, () => read(made))), { 404: 20 })
  t.equal(await uses(), before)
})

t.test('the token is in one answer and nowhere else', async (t) => {
  const article = await draft(room)
  const response = await fetch(`${otherUrl}/v1/articles/${article.id}/previews`, {
    method: 'POST',
    headers: { authorization: `Bearer ${room.tokens.editor}`, 'content-type': 'application/json' },
    body: '{}'
  })
  const { token, id } = (await response.json()) as { token: string; id: string }
  const secret = token.slice(4)
  const paths = [
    `/v1/content/previews/${token}`,
    `/v1/content/previews/${token}?body=text`,
    `/v1/content/previews/${token}?body=pdf`,
    `/v1/content/previews/${token}/`,
    `/v1/content/%70reviews/${token}`,
    `/v1/content/previews/%64lp_${secret}`,
    `/v1/content/%70reviews/%64lp_${secret}`,
    `/v1/content/previews/dlp%5F${secret}%zz`,
    `/V1/Content/Previews/${token}`,
    `/v1/content/preview/${token}`,
    `/v1/content/resolve?path=${encodeURIComponent(`https://x.example/v1/content/previews/${token}`)}`
  ]
  for (const path of paths) await (await fetch(otherUrl + path)).text()
  await fetch(`${otherUrl}/v1/content/previews/${token}`, { method: 'DELETE' })
  await fetch(`${otherUrl}/v1/content/articles?tag=left-alone&limit=3`)
  const log = lines.join('')
  t.ok(lines.length > paths.length, `${lines.length} lines were logged`)
  t.notMatch(log, new RegExp(secret), 'not in the log')
  t.match(log, /"url":"\/v1\/content\/previews\/\*\*\*"/, 'what stays of the address')
  t.match(
    log,
    /"method":"GET","url":"\/v1\/content\/articles\?tag=left-alone&limit=3","host":"127\.0\.0\.1:\d+","remoteAddress":"127\.0\.0\.1","remotePort":\d+/,
    'other addresses are logged whole'
  )

  const tables = Object.keys(await snapshot(room))
  t.ok(tables.includes('preview_links') && tables.includes('events') && tables.includes('audit'))
  const hex = Buffer.from(token).toString('hex')
  for (const table of tables) {
    const found = await ask<number>(
      room,
      `SELECT count(*)::int FROM "${table}" x WHERE x::text LIKE '%' || $1::text || '%' OR x::text LIKE '%' || $2::text || '%'`,
      secret.replaceAll('_', '\\_'),
      hex
    )
    t.equal(found, 0, `not in ${table}`)
  }
  const hash = await ask<string>(
    room,
    `SELECT encode(token_hash, 'hex') FROM preview_links WHERE id = $1`,
    id
  )
  for (const path of [`/v1/articles/${article.id}/previews`, `/v1/articles/${article.id}`]) {
    const { text } = await api(`GET ${path}`, { as: 'admin', expect: 200 })
    t.notOk(text.includes(secret) || text.includes(hash), `not in ${path}`)
  }
})
