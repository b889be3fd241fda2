/** What an article was: listed, read, compared and brought back. */
import t from 'tap'
import { author, CANARY, draft, newsroom, type Options, story, tag, unique } from '../helper.ts'
import { atOnce, changesNothing, refused, snapshot, tally, written } from '../traces.ts'
import { ask } from './ledger.ts'
import { type Article, whoMay } from './states.ts'

const room = await newsroom(t)
const { api, db, userIds } = room

const patch = async (article: Article, body: object, options: Options = {}): Promise<Article> =>
  (
    await api(`PATCH /v1/articles/${article.id}`, {
      as: 'editor',
      ifMatch: article.version,
      body,
      expect: 200,
      ...options
    })
  ).body
const read = async ({ id }: Article): Promise<Article> =>
  (await api(`GET /v1/articles/${id}`, { as: 'editor', expect: 200 })).body
const restoring = ({ id }: Article, version: number) => `POST /v1/articles/${id}/revisions/${version}/restore`
const restored = async (article: Article, version: number): Promise<Article> =>
  (await api(restoring(article, version), { as: 'editor', ifMatch: article.version, expect: 200 })).body
const contentOf = ({ id }: Article, version: number) =>
  ask<string>(
    room,
    'SELECT content::text FROM revisions WHERE article_id = $1::uuid AND version = $2::int',
    id,
    version
  )

const FIELDS = [
  'headline',
  'kicker',
  'standfirst',
  'body',
  'slug',
  'authors',
  'tags',
  'source',
  'image',
  'dateline',
  'breaking',
  'accessibleForFree',
  'sensitive',
  'seo',
  'rights'
]
const fieldsOf = (article: Article) => Object.fromEntries(FIELDS.map((field) => [field, article[field]]))

/** Every content field, none as it is when left out. */
const everything = async () => ({
  headline: unique('Ferry'),
  kicker: 'Coast',
  standfirst: 'The first boat left.',
  body: { markdown: 'It was **late**.\n\n- one\n- two\n\n![A boat](https://a.example/1.jpg)' },
  authors: [(await author(room)).id],
  tags: [(await tag(room)).id, (await tag(room)).id],
  source: { name: 'The Lantern', url: 'https://lantern.example/' },
  image: {
    url: 'https://a.example/2.jpg',
    alt: 'Two',
    caption: 'Two boats',
    credit: 'M.',
    width: 3,
    height: 2
  },
  dateline: 'Port Ansel',
  breaking: true,
  accessibleForFree: false,
  sensitive: true,
  seo: { title: 'Ferry', description: null, canonicalUrl: 'https://a.example/ferry' },
  rights: { licence: null, notice: 'All ours.' }
})
const nothing = {
  kicker: '',
  standfirst: '',
  body: { blocks: [] },
  authors: [],
  tags: [],
  source: null,
  image: null,
  dateline: '',
  breaking: false,
  accessibleForFree: true,
  sensitive: false,
  seo: { title: null, description: null, canonicalUrl: null },
  rights: null
}

// ---- Who may ---------------------------------------------------------------------------------------------------------

const readers = {
  nobody: ['', '401 401 401 401'],
  contributor: ['200 200 200 200', '404 404 404 404'],
  author: ['200 200 200 200', '200 200 200 200'],
  editor: ['200 200 200 200', '200 200 200 200'],
  admin: ['200 200 200 200', '200 200 200 200']
} as const

for (const path of ['revisions', 'revisions/1', 'diff?from=1'])
  t.test(`who may read ${path}`, (t) =>
    whoMay(t, room, ({ id }) => [`GET /v1/articles/${id}/${path}`], readers)
  )

t.test('who may restore: who may change the article now', (t) =>
  whoMay(t, room, ({ id, version }) => [restoring({ id }, 1), { ifMatch: version }], {
    nobody: ['', '401 401 401 401'],
    contributor: ['200 403 403 409', '404 404 404 404'],
    author: ['200 200 200 409', '403 403 403 403'],
    editor: ['200 200 200 409', '200 200 200 409'],
    admin: ['200 200 200 409', '200 200 200 409']
  })
)

t.test('a restored byline that is another’s would take it from a contributor', async (t) => {
  const mine = await author(room, { userId: userIds.contributor })
  const article = await patch(await draft(room), { authors: [mine.id] })
  await refused(t, room, restoring(article, 1), { as: 'contributor', ifMatch: 2 }, '403 forbidden')
  const own = await draft(room, { as: 'contributor', kicker: 'Mine' })
  await patch(own, { kicker: 'Edited' })
  await api(restoring(own, 1), { as: 'contributor', ifMatch: 2, expect: 200 })
})

// ---- List and read ---------------------------------------------------------------------------------------------------

t.test('revisions tell who wrote what, when and why, newest first', async (t) => {
  const first = await draft(room, { headline: 'As it began', message: 'From the wire' })
  const second = await patch(first, { headline: 'As it went on', message: 'Names checked' }, { as: 'admin' })
  const third = await patch(second, { kicker: 'Coast' })
  const fourth = await restored(third, 1)
  const { body, text } = await api(`GET /v1/articles/${first.id}/revisions`, { as: 'author', expect: 200 })
  t.match(body.data, [
    { version: 4, headline: 'As it began', message: null, restoredFrom: 1, createdBy: userIds.editor },
    { version: 3, headline: 'As it went on', message: null, restoredFrom: null, createdBy: userIds.editor },
    { version: 2, headline: 'As it went on', message: 'Names checked', createdByName: 'Test admin' },
    { version: 1, headline: 'As it began', message: 'From the wire', createdByName: 'Test editor' }
  ])
  t.notMatch(text, /blocks|_key|in the body/, 'without what they hold')
  const times: string[] = body.data.map(({ createdAt }: { createdAt: string }) => createdAt)
  t.same(times, times.toSorted().reverse())
  t.ok((times[3] as string) >= first.createdAt && (times[0] as string) <= new Date().toISOString())
  t.equal(fourth.version, 4)
})

t.test('any headline is listed as it was', async (t) => {
  const headlines = [
    '"Quoted", she said',
    'Back\\slash \\" and \\\\',
    '{"headline":"x"}',
    'Паром 渡轮 😀',
    '😀'.repeat(149),
    '"'.repeat(300),
    '\u0001'.repeat(300),
    '\n\t\u2028'
  ].map((text) => `A${text}`.slice(0, 300))
  let article = await draft(room)
  for (const headline of headlines) article = await patch(article, { headline })
  const { body } = await api(`GET /v1/articles/${article.id}/revisions`, { as: 'editor', expect: 200 })
  const listed = body.data.map(({ headline }: { headline: string }) => headline)
  t.same(listed.toReversed().slice(1), headlines)
})

t.test('pages of revisions, there and back', async (t) => {
  let article = await draft(room)
  for (const kicker of ['b', 'c', 'd', 'e', 'f', 'g']) article = await patch(article, { kicker })
  const page = async (cursor: string | null) =>
    (
      await api(`GET /v1/articles/${article.id}/revisions?limit=3${cursor ? `&cursor=${cursor}` : ''}`, {
        as: 'editor',
        expect: 200
      })
    ).body
  const versions = (list: { data: { version: number }[] }) => list.data.map(({ version }) => version)
  const first = await page(null)
  article = await patch(article, { kicker: 'h' })
  const second = await page(first.page.next)
  const third = await page(second.page.next)
  t.same([first, second, third].map(versions), [[7, 6, 5], [4, 3, 2], [1]])
  t.same([first.page.prev, third.page.next], [null, null])
  t.same(versions(await page(third.page.prev)), [4, 3, 2])
  t.same(versions(await page(second.page.prev)), [7, 6, 5], 'what came meanwhile moves nothing')
  const other = await draft(room)
  await refused(
    t,
    room,
    `GET /v1/articles/${other.id}/revisions?cursor=${first.page.next}`,
    { as: 'editor' },
    '400 invalid_cursor',
    '/query/cursor'
  )
})

t.test('a revision is all the article said then', async (t) => {
  const input = await everything()
  const article = await draft(room, input)
  await patch(article, { ...nothing, headline: 'Another', slug: unique('another') })
  const { body } = await api(`GET /v1/articles/${article.id}/revisions/1`, { as: 'author', expect: 200 })
  t.same(body.content, fieldsOf(article))
  t.match(body, { version: 1, headline: input.headline, message: null, restoredFrom: null })
  t.same(Object.keys(body.content).sort(), [...FIELDS].sort())
  const now = await api(`GET /v1/articles/${article.id}/revisions/2`, { as: 'author', expect: 200 })
  t.same(now.body.content, fieldsOf(await read(article)))
})

t.test('tags and authors are those it had then, whatever became of them', async (t) => {
  const topic = await tag(room)
  const writer = await author(room)
  const article = await patch(await draft(room, { tags: [topic.id], authors: [writer.id] }), {
    tags: [],
    authors: []
  })
  await api(`DELETE /v1/tags/${topic.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  await api(`DELETE /v1/authors/${writer.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  const { body } = await api(`GET /v1/articles/${article.id}/revisions/1`, { as: 'editor', expect: 200 })
  t.same([body.content.tags, body.content.authors], [[topic.id], [writer.id]])
})

t.test('what is not there', async (t) => {
  const { id } = await draft(room)
  const nowhere = '019a1d2f-6f0a-7c3e-9a52-000000000000'
  for (const path of [
    `${id}/revisions/2`,
    `${id}/revisions/2147483647`,
    `${id}/diff?from=2`,
    `${id}/diff?from=1&to=2`,
    `${nowhere}/revisions`,
    `${nowhere}/revisions/1`,
    `${nowhere}/diff?from=1`
  ])
    await refused(t, room, `GET /v1/articles/${path}`, { as: 'editor' }, '404 not_found')
  for (const [path, pointer] of [
    [`${id}/revisions/0`, '/path/version'],
    [`${id}/revisions/-1`, '/path/version'],
    [`${id}/revisions/latest`, '/path/version'],
    [`${id}/revisions/2147483648`, '/path/version'],
    [`${id}/diff`, '/query/from'],
    [`${id}/diff?to=1`, '/query/from'],
    [`${id}/diff?from=one`, '/query/from'],
    [`${id}/diff?from=1&to=0`, '/query/to'],
    [`${id}/diff?from=1&to=1&to=1`, '/query/to'],
    ['nothing/revisions', '/path/id']
  ] as const)
    await refused(t, room, `GET /v1/articles/${path}`, { as: 'editor' }, '400 invalid_request', pointer)
})

// ---- Restore ---------------------------------------------------------------------------------------------------------

t.test('a restored revision is byte for byte what it was, under the slug of today', async (t) => {
  const input = await everything()
  const first = await draft(room, input)
  const second = await patch(first, { ...nothing, headline: 'Another' })
  t.not(second.slug, first.slug, 'the made slug followed the headline')
  const answer = await written(
    t,
    room,
    restoring(second, 1),
    { as: 'editor', ifMatch: 2 },
    { type: 'article.restored_revision', fields: FIELDS.filter((field) => field !== 'slug') }
  )
  t.equal(answer.headers.get('etag'), '"3"')
  t.same(answer.body.dropped, { tags: [], authors: [] })
  t.same(fieldsOf(answer.body), { ...fieldsOf(first), slug: second.slug })
  const { dropped: _, ...article } = answer.body
  t.same(article, await read(first), 'answered with the article as it is now')
  t.equal(article.wordCount, first.wordCount)
  t.equal(
    (await contentOf(first, 3)).replace(second.slug, 'SLUG'),
    (await contentOf(first, 1)).replace(first.slug, 'SLUG')
  )
  const [event] = await db.query<{ payload: object; surrogate_keys: string[] }>(
    {
      text: `SELECT payload, surrogate_keys FROM events WHERE type = 'article.restored_revision' ORDER BY at DESC LIMIT 1`
    },
    []
  )
  t.same(event, { payload: { id: first.id, version: 3, from: 1 }, surrogate_keys: [] })
  const { body: revision } = await api(`GET /v1/articles/${first.id}/revisions/3`, {
    as: 'editor',
    expect: 200
  })
  t.match(revision, { restoredFrom: 1, createdBy: userIds.editor, message: null })

  const renamed = await patch(article, { headline: 'Yet another' })
  t.not(renamed.slug, second.slug, 'a slug nobody chose still follows the headline')
})

t.test('a chosen slug stays chosen, and a stage stays', async (t) => {
  const article = await patch(await draft(room), { slug: unique('chosen'), kicker: 'Coast' })
  await db.query({ text: `UPDATE articles SET stage = 'ready' WHERE id = $1::uuid` }, [article.id])
  const after = await restored(article, 1)
  t.match(after, { slug: article.slug, stage: 'ready', kicker: '', version: 3 })
  t.equal((await patch(after, { headline: 'New' })).slug, article.slug)
})

t.test('what is live stays as it is until the restored version is published', async (t) => {
  const live = await story(room, { headline: 'What readers see' })
  const hidden = await patch(live, { headline: `${CANARY} hidden` })
  t.equal(hidden.publication.hasUnpublishedChanges, true)
  const back = await restored(hidden, 1)
  t.match(back, {
    version: 3,
    headline: 'What readers see',
    publication: { version: 1, hasUnpublishedChanges: false }
  })
  const again = await restored(back, 2)
  t.match(again, { version: 4, publication: { state: 'live', version: 1, hasUnpublishedChanges: true } })
  for (const path of [
    `articles/${live.slug}`,
    `articles/${live.slug}?body=html,blocks,text`,
    'articles?limit=100'
  ]) {
    const { text } = await api(`GET /v1/content/${path}`, { expect: 200 })
    t.match(text, 'What readers see', path)
  }
  for (const path of ['revisions', 'revisions/2', 'diff?from=2', 'revisions/2/restore'])
    await api(`GET /v1/content/articles/${live.id}/${path}`, { expect: 404 })
})

t.test('tags merged since are those they went into, each once and in order', async (t) => {
  const [one, two, three, four] = await Promise.all([tag(room), tag(room), tag(room), tag(room)])
  const article = await patch(await draft(room, { tags: [one.id, two.id, three.id, four.id] }), { tags: [] })
  for (const merged of [one, three]) {
    await db.query({ text: 'INSERT INTO tag_merges (from_id, into_id) VALUES ($1::uuid, $2::uuid)' }, [
      merged.id,
      four.id
    ])
    await api(`DELETE /v1/tags/${merged.id}?force=true`, { as: 'editor', ifMatch: 1, expect: 204 })
  }
  const { body } = await written(
    t,
    room,
    restoring(article, 1),
    { as: 'editor', ifMatch: 2 },
    { type: 'article.restored_revision', fields: ['tags'] }
  )
  t.same(body.tags, [four.id, two.id])
  t.same(body.dropped, { tags: [], authors: [] })
  const list = await api(`GET /v1/articles?tag=${four.id}`, { as: 'editor', expect: 200 })
  t.same(
    list.body.data.map(({ id }: Article) => id),
    [article.id]
  )
})

t.test('tags and authors deleted since are left out and listed', async (t) => {
  const [kept, gone, merged, into] = await Promise.all([tag(room), tag(room), tag(room), tag(room)])
  const [writer, left] = await Promise.all([author(room), author(room)])
  const article = await patch(
    await draft(room, {
      kicker: 'Coast',
      tags: [gone.id, kept.id, merged.id],
      authors: [left.id, writer.id]
    }),
    { kicker: '', tags: [], authors: [] }
  )
  await db.query({ text: 'INSERT INTO tag_merges (from_id, into_id) VALUES ($1::uuid, $2::uuid)' }, [
    merged.id,
    into.id
  ])
  // What it was merged into is deleted too: nothing is left of it.
  for (const { id } of [gone, merged, into])
    await api(`DELETE /v1/tags/${id}?force=true`, { as: 'editor', ifMatch: 1, expect: 204 })
  await api(`DELETE /v1/authors/${left.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  const after = await restored(article, 1)
  t.match(after, { version: 3, kicker: 'Coast', tags: [kept.id], authors: [writer.id] })
  t.same(after.dropped, { tags: [gone.id, merged.id], authors: [left.id] })

  const { body: again } = await changesNothing(t, room, restoring(after, 1), { as: 'editor', ifMatch: 3 })
  t.equal(again.version, 3)
  t.same(again.dropped, after.dropped, 'told again, though nothing is left to do')
})

t.test('restoring what is there already changes nothing', async (t) => {
  const article = await patch(await draft(room, await everything()), { kicker: 'Other' })
  const current = await changesNothing(t, room, restoring(article, 2), { as: 'editor', ifMatch: 2 })
  t.equal(current.headers.get('etag'), '"2"')
  t.same(current.body, { ...article, dropped: { tags: [], authors: [] } })
  const back = await patch(article, { kicker: 'Coast' })
  await changesNothing(t, room, restoring(back, 1), { as: 'editor', ifMatch: 3 })
})

t.test('a revision that differs in its slug only', async (t) => {
  const article = await patch(await draft(room), { slug: unique('other') })
  const { body } = await changesNothing(t, room, restoring(article, 1), { as: 'editor', ifMatch: 2 })
  t.equal(body.slug, article.slug)
})

t.test('refusals change nothing', async (t) => {
  const article = await patch(await draft(room), { kicker: 'Coast' })
  const request = restoring(article, 1)
  await refused(t, room, request, { as: 'editor' }, '428 precondition_required', '/header/if-match')
  await refused(t, room, request, { as: 'editor', ifMatch: '*' }, '428 precondition_required')
  const stale = await refused(t, room, request, { as: 'editor', ifMatch: 1 }, '412 stale_version')
  t.equal(stale.body.currentVersion, 2)
  await refused(t, room, restoring(article, 3), { as: 'editor', ifMatch: 2 }, '404 not_found')
  await refused(t, room, request, { as: 'editor', ifMatch: 2, body: {} }, '400 unexpected_body')
  await refused(
    t,
    room,
    `${request}?force=true`,
    { as: 'editor', ifMatch: 2 },
    '400 invalid_request',
    '/query/force'
  )
  await api(`DELETE /v1/articles/${article.id}`, { as: 'editor', ifMatch: 2, expect: 204 })
  await refused(t, room, request, { as: 'editor', ifMatch: 2 }, '409 article_trashed')
})

t.test('of a hundred restorations at once, one', async (t) => {
  const article = await patch(await draft(room), { kicker: 'Coast' })
  const before = await snapshot(room)
  const answers = await atOnce(100, () => api(restoring(article, 1), { as: 'editor', ifMatch: 2 }))
  t.same(tally(answers), { 200: 1, 412: 99 })
  const after = await snapshot(room)
  for (const table of ['revisions', 'events', 'audit'])
    t.equal((after[table]?.count ?? 0) - (before[table]?.count ?? 0), 1, `one more of ${table}`)
})

t.test('while its tags are being deleted, an article is restored with those that are left', async (t) => {
  for (let round = 0; round < 8; round++) {
    const tags = await atOnce(3, () => tag(room))
    const ids = tags.map(({ id }) => id)
    const article = await patch(await draft(room, { kicker: 'Coast', tags: ids }), { kicker: '', tags: [] })
    const [restoration, ...deletions] = await Promise.all([
      api(restoring(article, 1), { as: 'editor', ifMatch: 2 }),
      ...ids.map((id) => api(`DELETE /v1/tags/${id}?force=true`, { as: 'editor', ifMatch: 1 }))
    ])
    t.same(tally(deletions), { 204: 3 })
    t.equal(restoration.status, 200)
    t.same([...restoration.body.tags, ...restoration.body.dropped.tags].sort(), ids.toSorted())
    t.same((await read(article)).tags, [], 'in the end all are gone')
  }
})

// ---- Diff ------------------------------------------------------------------------------------------------------------

t.test('a diff tells of fields, blocks and words', async (t) => {
  const block = (key: string, text: string) => ({
    _type: 'block',
    _key: key,
    children: [{ _type: 'span', text }]
  })
  const first = await draft(room, {
    headline: 'Boats leave',
    body: {
      blocks: [block('a', 'The boat left at six.'), block('b', 'Nobody came.'), block('c', 'The end.')]
    }
  })
  const topic = await tag(room)
  const second = await patch(first, {
    headline: 'Boats left',
    tags: [topic.id],
    source: { name: 'The Lantern', url: 'https://lantern.example/' },
    body: {
      blocks: [block('c', 'The end.'), block('a', 'The boat left at seven.'), block('d', 'Forty came.')]
    }
  })
  const { body } = await api(`GET /v1/articles/${first.id}/diff?from=1`, { as: 'author', expect: 200 })
  t.same(body, {
    from: 1,
    to: 2,
    fields: [
      { field: 'headline', before: 'Boats leave', after: 'Boats left' },
      { field: 'slug', before: first.slug, after: second.slug },
      { field: 'tags', before: [], after: [topic.id] },
      { field: 'source', before: null, after: second.source }
    ],
    body: [
      { op: 'moved', key: 'c', after: second.body.blocks[0] },
      {
        op: 'changed',
        key: 'a',
        before: first.body.blocks[0],
        after: second.body.blocks[1],
        words: [
          { op: 'same', text: 'The boat left at ' },
          { op: 'removed', text: 'six' },
          { op: 'inserted', text: 'seven' },
          { op: 'same', text: '.' }
        ]
      },
      { op: 'removed', key: 'b', before: first.body.blocks[1] },
      { op: 'inserted', key: 'd', after: second.body.blocks[2] }
    ]
  })
  const back = await api(`GET /v1/articles/${first.id}/diff?from=2&to=1`, { as: 'author', expect: 200 })
  t.match(back.body, { from: 2, to: 1, fields: [{ before: 'Boats left', after: 'Boats leave' }] })
  for (const query of ['from=2', 'from=2&to=2', 'from=1&to=1']) {
    const same = await api(`GET /v1/articles/${first.id}/diff?${query}`, { as: 'author', expect: 200 })
    t.same(same.body.fields, [], query)
    t.ok(
      same.body.body.every(({ op }: { op: string }) => op === 'same'),
      query
    )
  }
  const restoration = await restored(second, 1)
  const none = await api(`GET /v1/articles/${first.id}/diff?from=1`, { as: 'author', expect: 200 })
  t.equal(none.body.to, restoration.version)
  t.same(
    none.body.fields.map(({ field }: { field: string }) => field),
    ['slug'],
    'after a restoration only the slug differs'
  )
})

t.test('a body written again as Markdown or HTML', async (t) => {
  const first = await draft(room, { body: { markdown: 'The boat left at six.\n\n---\n\nNobody came.' } })
  const second = await patch(first, {
    body: { html: '<p>The boat left at <em>seven</em>.</p><hr><p>Nobody came.</p><p>Or did they?</p>' }
  })
  const { body } = await api(`GET /v1/articles/${first.id}/diff?from=1`, { as: 'editor', expect: 200 })
  t.match(body.body, [
    {
      op: 'changed',
      before: first.body.blocks[0],
      after: second.body.blocks[0],
      words: [
        { op: 'same' },
        { op: 'removed', text: 'six' },
        { op: 'inserted', text: 'seven' },
        { op: 'same' }
      ]
    },
    { op: 'same' },
    { op: 'same' },
    { op: 'inserted' }
  ])
})

t.test('the largest bodies there are', async (t) => {
  const blocks = (word: string) =>
    Array.from({ length: 2000 }, (_, index) => ({
      _type: 'block',
      _key: `k${index}`,
      children: [{ _type: 'span', text: `${'the boat left '.repeat(20)}${word} ${index}` }]
    }))
  const first = await draft(room, { body: { blocks: blocks('early') } })
  await patch(first, { body: { blocks: blocks('late') } })
  const { body } = await api(`GET /v1/articles/${first.id}/diff?from=1`, { as: 'editor', expect: 200 })
  t.equal(body.body.length, 2000)
  t.same(body.body[1999].words.map(({ text }: { text: string }) => text).slice(1), ['early', 'late', ' 1999'])
})
