import t from 'tap'
import { doForEach, leastRole } from '../../src/articles/bulk/bulk.ts'
import { system } from '../../src/audit/audit.ts'
import type { Caller } from '../../src/http/access.ts'
import { CANARY, draft, everyone, newsroom, type Options, story, tag, unique, type Who } from '../helper.ts'
import { atOnce, refused, snapshot } from '../traces.ts'
import { ask } from './ledger.ts'
import { type Article, articleIn, states } from './states.ts'

const room = await newsroom(t)
const { api, db } = room

const BULK = 'POST /v1/articles/bulk'
const UNKNOWN = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const actions = ['publish', 'unpublish', 'tag', 'untag', 'trash'] as const
type Action = (typeof actions)[number]
type Result = {
  id: string
  status: number
  article?: Article
  publication?: Article
  problem?: {
    code: string
    status: number
    detail: string
    requestId: string
    errors?: { pointer: string }[]
  }
}
const editor = { as: 'editor' } as const
const topic = await tag(room)
const bulk = async (body: object, as: Who = 'editor'): Promise<Result[]> =>
  (await api(BULK, { as, body, expect: 200 })).body.data
const read = async ({ id }: Article): Promise<Article> =>
  (await api(`GET /v1/articles/${id}`, { as: 'admin', expect: 200 })).body
const told = ({ status, problem }: Result) => (problem ? `${status} ${problem.code}` : String(status))
const bare = ({ id }: Article) => ({ id })
const versioned = ({ id, version }: Article) => ({ id, version })
const orderOf = (action: Action, articles: Article[]) => ({
  action,
  ...((action === 'tag' || action === 'untag') && { tags: [topic.id] }),
  items: articles.map(action === 'unpublish' ? bare : versioned)
})
const single: Record<Action, (article: Article) => readonly [request: string, options?: Options]> = {
  publish: ({ id, version }) => [`POST /v1/articles/${id}/publications`, { ifMatch: version, body: {} }],
  unpublish: ({ id }) => [`POST /v1/articles/${id}/unpublish`],
  tag: ({ id, version, tags = [] }) => [
    `PATCH /v1/articles/${id}`,
    { ifMatch: version, body: { tags: [...tags, topic.id] } }
  ],
  untag: ({ id, version, tags = [] }) => [
    `PATCH /v1/articles/${id}`,
    { ifMatch: version, body: { tags: tags.filter((one: string) => one !== topic.id) } }
  ],
  trash: ({ id, version }) => [`DELETE /v1/articles/${id}`, { ifMatch: version }]
}

t.test('who may', async (t) => {
  const article = await draft(room, { as: 'contributor' })
  for (const who of everyone) {
    const order = orderOf('untag', [article])
    if (who === 'nobody') await refused(t, room, BULK, { body: order }, '401 unauthenticated')
    else t.same((await bulk(order, who)).map(told), [who === 'author' ? '403 forbidden' : '200'], who)
  }
})

t.test('the role an action takes is the one its single call takes', async (t) => {
  const document = room.app.swagger() as unknown as {
    paths: Record<string, Record<string, { description: string }>>
  }
  const routes: Record<Action, [method: string, path: string]> = {
    publish: ['post', '/v1/articles/{id}/publications'],
    unpublish: ['post', '/v1/articles/{id}/unpublish'],
    tag: ['patch', '/v1/articles/{id}'],
    untag: ['patch', '/v1/articles/{id}'],
    trash: ['delete', '/v1/articles/{id}']
  }
  for (const action of actions) {
    const [method, path] = routes[action]
    const description = document.paths[path]?.[method]?.description ?? ''
    t.match(description, `Takes the role \`${leastRole[action]}\` or higher.`, action)
  }
})

t.test('publishing takes what the single call takes, but for the version', async (t) => {
  const document = room.app.swagger() as unknown as {
    components: { schemas: Record<string, { properties: Record<string, object> }> }
  }
  const { NewPublication, BulkPublish } = document.components.schemas
  const { items } = BulkPublish?.properties ?? {}
  const item = (items as { items: { properties: Record<string, object>; required: string[] } }).items
  const { version: _, ...members } = NewPublication?.properties ?? {}
  const { id: __, version: ___, ...taken } = item.properties
  t.ok(Object.keys(members).length >= 2)
  t.same(taken, members)
  t.same(item.required, ['id', 'version'])
})

t.test('each is answered as the single call is, and has the same effect', async (t) => {
  const kinds = [...states, 'stale', 'missing'] as const
  // Of each kind two alike: one for the single call, one for the bulk.
  const kept = new Map<string, [Article, Article]>()
  const make = async (kind: (typeof kinds)[number], as: Who): Promise<Article> => {
    if (kind === 'missing') return { id: UNKNOWN, version: 1 }
    const article = await articleIn(room, kind === 'stale' ? 'draft' : kind, as)
    return kind === 'stale' ? { ...article, version: article.version + 1 } : article
  }
  const effect = async (article: Article) => {
    if (article.id === UNKNOWN) return null
    const { version, stage, tags, trashedAt, publication } = await read(article)
    const { state, hasUnpublishedChanges } = publication
    return { version, stage, tags, trashed: trashedAt !== null, state, hasUnpublishedChanges }
  }
  for (const action of actions) {
    for (const who of ['contributor', 'author', 'editor'] as const) {
      await t.test(`${action} as ${who}`, async (t) => {
        const keys = ['own', 'others'].flatMap((whose) =>
          kinds.map((kind) => ({
            kind,
            maker: whose === 'own' ? who : who === 'editor' ? 'author' : 'editor'
          }))
        ) as { kind: (typeof kinds)[number]; maker: Who }[]
        const twins: [Article, Article][] = []
        for (const { kind, maker } of keys) {
          const key = `${maker} ${kind}`
          const pair = kept.get(key) ?? [await make(kind, maker), await make(kind, maker)]
          kept.set(key, pair)
          twins.push(pair)
        }
        // The same id twice is no order: what is not there is asked for once only.
        const rows = twins.filter(([{ id }], index) => twins.findIndex(([one]) => one.id === id) === index)
        const results = await bulk(
          orderOf(
            action,
            rows.map(([, two]) => two)
          ),
          who
        )
        t.same(
          results.map(({ id }) => id),
          rows.map(([, { id }]) => id),
          'in the order of the items'
        )
        const seen = new Set<number>()
        for (const [index, [one, two]] of rows.entries()) {
          const [request, options] = single[action](one)
          const answer = await api(request, { ...options, as: who })
          const result = results[index] as Result
          seen.add(result.status)
          const called = answer.status < 400 ? String(answer.status) : `${answer.status} ${answer.body.code}`
          const { kind, maker } = keys[twins.findIndex((pair) => pair[0] === one)] ?? {}
          t.equal(told(result), called, `${kind} of ${maker}: ${called}`)
          t.equal(result.problem?.detail, answer.status < 400 ? undefined : answer.body.detail)
          t.same(await effect(two), await effect(one), `${kind} of ${maker}: the same effect`)
          if (answer.status < 300) kept.delete(`${maker} ${kind}`)
        }
        t.ok(seen.size > (action === 'publish' || action === 'unpublish' ? 0 : 2), `statuses ${[...seen]}`)
      })
    }
  }
})

t.test('refusals of the timeline are those of the single call', async (t) => {
  const promised = await story(room, { slug: unique('promised') })
  await api(`PATCH /v1/articles/${promised.id}`, {
    ...editor,
    ifMatch: 1,
    body: { slug: unique('moved') },
    expect: 200
  })
  const rows: [
    what: string,
    fields: Record<string, unknown>,
    order: object,
    refusal: string,
    pointer?: string
  ][] = [
    ['in the past', {}, { liveFrom: '2020-01-01T00:00:00Z' }, '400 invalid_request', '/liveFrom'],
    [
      'ending before it begins',
      {},
      { liveFrom: '2090-01-02T00:00:00Z', liveUntil: '2090-01-01T00:00:00Z' },
      '400 invalid_request',
      '/liveUntil'
    ],
    ['under a promised slug', { slug: promised.slug }, {}, '409 slug_promised']
  ]
  for (const [what, fields, order, refusal, pointer] of rows) {
    const article = await draft(room, fields)
    const answer = await refused(
      t,
      room,
      `POST /v1/articles/${article.id}/publications`,
      { ...editor, ifMatch: 1, body: order },
      refusal,
      pointer
    )
    const before = await snapshot(room)
    const [first, result] = await bulk({
      action: 'publish',
      items: [
        { id: UNKNOWN, version: 1 },
        { id: article.id, version: 1, ...order }
      ]
    })
    t.same([first && told(first), result && told(result)], ['404 not_found', refusal], what)
    t.equal(result?.problem?.detail, answer.body.detail)
    if (pointer)
      t.equal(result?.problem?.errors?.[0]?.pointer, `/items/1${pointer}`, 'pointed at in this body')
    t.same(await snapshot(room), before, `${what}: nothing was written`)
    await api(`DELETE /v1/articles/${article.id}`, { ...editor, ifMatch: 1, expect: 204 })
  }
})

t.test('mixed outcomes in one call', async (t) => {
  const [one, two, three] = [await draft(room), await draft(room), await draft(room)]
  const trashed = await articleIn(room, 'trashed', 'editor')
  const live = await story(room)
  const answer = await api(BULK, {
    ...editor,
    body: {
      action: 'publish',
      items: [
        { id: one.id, version: 1 },
        { id: two.id, version: 2 },
        { id: UNKNOWN, version: 1 },
        { id: trashed.id, version: 1 },
        { id: live.id, version: 1 },
        { id: three.id, version: 1, liveFrom: '2090-01-01T09:00:00Z', liveUntil: '2090-02-01T09:00:00Z' }
      ]
    },
    expect: 200
  })
  const results: Result[] = answer.body.data
  t.same(results.map(told), [
    '201',
    '412 stale_version',
    '404 not_found',
    '409 article_trashed',
    '200',
    '201'
  ])
  t.match(results[0], { id: one.id, publication: { articleId: one.id, state: 'live', version: 1 } })
  t.match(results[1]?.problem, {
    type: '/problems/stale_version',
    title: /\S/,
    status: 412,
    detail: 'The current version is 1.',
    currentVersion: 1,
    requestId: answer.headers.get('x-request-id')
  })
  t.match(results[5], {
    publication: {
      state: 'scheduled',
      liveFrom: '2090-01-01T09:00:00.000Z',
      liveUntil: '2090-02-01T09:00:00.000Z'
    }
  })
  t.ok(results.every((result) => 'problem' in result !== 'publication' in result))
  t.same(
    await Promise.all(
      [one, two, live, three].map(async (article) => (await read(article)).publication.state)
    ),
    ['live', 'none', 'live', 'scheduled']
  )
  t.same(
    (
      await db.query({ text: 'SELECT DISTINCT action, resource_id FROM audit WHERE request_id = $1' }, [
        answer.headers.get('x-request-id')
      ])
    ).length,
    2,
    'the audit tells of those that were published'
  )

  const down = await bulk(orderOf('unpublish', [one, two, three]))
  t.same(down.map(told), ['200', '409 not_on_timeline', '200'])
  t.same(
    [down[0], down[2]].map((result) => result?.publication.state),
    ['ended', 'cancelled']
  )
  t.same((await bulk(orderOf('trash', [one, live, two]))).map(told), [
    '204',
    '409 article_on_timeline',
    '204'
  ])
  t.not((await read(one)).trashedAt, null)
})

t.test('tags', async (t) => {
  const [a, b, c, d] = [await tag(room), await tag(room), await tag(room), await tag(room)]
  const ids = (...tags: Article[]) => tags.map(({ id }) => id)
  const articles = [
    await draft(room, { tags: ids(a, b) }),
    await draft(room),
    await draft(room, { tags: ids(c, a, d) })
  ]
  const added = await bulk({ action: 'tag', tags: ids(d, c), items: articles.map(versioned) })
  t.same(added.map(told), ['200', '200', '200'])
  t.same(
    added.map(({ article }) => article.tags),
    [ids(a, b, d, c), ids(d, c), ids(c, a, d)],
    'the missing ones at the end, in their order'
  )
  t.same(
    added.map(({ article }) => article.version),
    [2, 2, 1],
    'nothing changed, no version'
  )
  t.notOk(
    added.some(({ article }) => 'body' in article),
    'without bodies'
  )
  const [first] = articles
  t.same(
    await ask(room, 'SELECT content FROM revisions WHERE article_id = $1::uuid AND version = 2', first.id),
    await ask(
      room,
      `SELECT jsonb_set(content::jsonb, '{tags}', $2::text::jsonb) FROM revisions WHERE article_id = $1::uuid AND version = 1`,
      first.id,
      JSON.stringify(ids(a, b, d, c))
    ),
    'a revision keeps it'
  )
  t.same(
    await ask(
      room,
      `SELECT payload FROM events WHERE subject_id = $1::uuid AND type = 'article.edited'`,
      first.id
    ),
    { id: first.id, version: 2, fields: ['tags'] }
  )
  const taken = await bulk({
    action: 'untag',
    tags: [UNKNOWN, c.id.toUpperCase(), a.id],
    items: added.map(({ article }) => versioned(article))
  })
  t.same(
    taken.map(({ article }) => [article.tags, article.version]),
    [
      [ids(b, d), 3],
      [ids(d), 3],
      [ids(d), 2]
    ]
  )
  t.test('one that is not there is pointed at', async (t) => {
    const article = await draft(room, { tags: ids(a, b) })
    const before = await snapshot(room)
    const [result] = await bulk({
      action: 'tag',
      tags: [b.id, c.id, UNKNOWN],
      items: [versioned(article)]
    })
    t.match(result, {
      status: 400,
      problem: { code: 'invalid_request', errors: [{ pointer: '/tags/2', code: 'unknown_id' }] }
    })
    t.same(await snapshot(room), before)
  })
  t.test('an article has fifty at most', async (t) => {
    const many = await atOnce(50, () => tag(room))
    const [full, roomy] = [
      await draft(room, { tags: ids(...many) }),
      await draft(room, { tags: ids(...many.slice(1)) })
    ]
    const results = await bulk({ action: 'tag', tags: [a.id], items: [full, roomy].map(versioned) })
    t.same(results.map(told), ['400 invalid_request', '200'])
    t.match(results[0]?.problem?.errors, [{ pointer: '/tags', code: 'max_items' }])
    t.equal((await read(full)).version, 1)
  })
})

t.test('a hundred at once, and no more', async (t) => {
  const articles = await atOnce(100, () => draft(room))
  const results = await bulk(orderOf('tag', articles))
  t.same(
    results.map(({ id, article }) => [id, article.version, article.tags]),
    articles.map(({ id }) => [id, 2, [topic.id]])
  )
  const one = await draft(room)
  await refused(
    t,
    room,
    BULK,
    { ...editor, body: orderOf('tag', [...articles, one]) },
    '400 invalid_request',
    '/items'
  )
})

t.test('what is no order', async (t) => {
  const article = await draft(room)
  const other = await draft(room)
  const item = versioned(article)
  const rows: [what: string, body: object, pointer: string][] = [
    ['without an action', { items: [item] }, '/action'],
    ['an unknown action', { action: 'purge', items: [item] }, '/action'],
    ['without items', { action: 'trash' }, '/items'],
    ['no items', { action: 'trash', items: [] }, '/items'],
    ['an article twice', orderOf('trash', [article, other, article]), '/items/2/id'],
    [
      'an article twice in other letters',
      { action: 'unpublish', items: [{ id: article.id }, { id: article.id.toUpperCase() }] },
      '/items/1/id'
    ],
    ['no version', { action: 'trash', items: [item, { id: other.id }] }, '/items/1/version'],
    ['a version to take down', { action: 'unpublish', items: [item] }, '/items/0/version'],
    [
      'another version to publish',
      { action: 'publish', items: [{ ...item, revision: 1 }] },
      '/items/0/revision'
    ],
    ['no tags', { action: 'tag', items: [item] }, '/tags'],
    ['no tag', { action: 'untag', tags: [], items: [item] }, '/tags'],
    [
      'too many tags',
      {
        action: 'tag',
        tags: Array(21)
          .fill(0)
          .map((_, n) => UNKNOWN.slice(0, -2) + (10 + n)),
        items: [item]
      },
      '/tags'
    ],
    ['tags to publish', { action: 'publish', tags: [topic.id], items: [item] }, '/tags'],
    [
      'a moment that is none',
      { action: 'publish', items: [{ ...item, liveFrom: 'soon' }] },
      '/items/0/liveFrom'
    ],
    ['an id that is none', { action: 'trash', items: [{ ...item, id: 'x' }] }, '/items/0/id']
  ]
  for (const [what, body, pointer] of rows)
    await t.test(what, (t) => refused(t, room, BULK, { ...editor, body }, '400 invalid_request', pointer))
  await api('GET /v1/articles/bulk', { ...editor, expect: 405 })
})

t.test('a contributor tags and trashes drafts of their own, and publishes nothing', async (t) => {
  const mine = await draft(room, { as: 'contributor' })
  const handedIn = await articleIn(room, 'in review', 'contributor')
  const theirs = await draft(room)
  for (const [action, statuses] of [
    ['publish', ['403', '403', '403']],
    ['unpublish', ['403', '403', '403']],
    ['tag', ['200', '403', '404']],
    ['untag', ['412', '403', '404']],
    ['trash', ['412', '403', '404']]
  ] as const) {
    const results = await bulk(orderOf(action, [mine, handedIn, theirs]), 'contributor')
    t.same(
      results.map(({ status }) => String(status)),
      statuses,
      action
    )
    t.notMatch(JSON.stringify(results[2]), theirs.headline, 'others’ stay unknown')
  }
  t.equal((await bulk(orderOf('trash', [{ ...mine, version: 2 }]), 'contributor'))[0]?.status, 204)
})

t.test('two at once with the same versions: each article is changed once', async (t) => {
  const articles = await atOnce(10, () => draft(room))
  const [a, b] = [await tag(room), await tag(room)]
  const answers = await Promise.all(
    [a, b].map(({ id }) => bulk({ action: 'tag', tags: [id], items: articles.map(versioned) }))
  )
  for (const [index, article] of articles.entries()) {
    t.same(answers.map((results) => results[index]?.status).sort(), [200, 412])
    const { version, tags } = await read(article)
    t.same([version, tags.length], [2, 1])
  }
})

t.test('what breaks on our side is that article’s alone, and is logged', async (t) => {
  const articles = [await draft(room), await draft(room), await draft(room)]
  const [, broken] = articles
  for (const text of [
    `CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'something secret'; END $$`,
    `CREATE TRIGGER break_one BEFORE UPDATE ON articles FOR EACH ROW WHEN (OLD.id = '${broken.id}') EXECUTE FUNCTION break_it()`
  ])
    await db.query({ text }, [])
  const logged: string[] = []
  const { log } = room.app
  const child = log.child.bind(log)
  log.child = ((...parameters: Parameters<typeof child>) => {
    const own = child(...parameters)
    own.error = (...what: unknown[]) => void logged.push(String(what[1]))
    return own
  }) as typeof log.child
  const results = await bulk(orderOf('trash', articles))
  log.child = child as typeof log.child
  await db.query({ text: 'DROP FUNCTION break_it CASCADE' }, [])
  t.same(results.map(told), ['204', '500 internal_error', '204'])
  t.notMatch(JSON.stringify(results), 'secret', 'nothing of it is told')
  t.same(logged, ['request failed'])
  t.equal((await read(broken)).trashedAt, null)
})

t.test('what is not begun in time is to come again', async (t) => {
  const article = await draft(room)
  const user = { id: room.userIds.editor, role: 'editor', authorId: null } as Caller
  const before = await snapshot(room)
  const order = { action: 'trash' as const, items: [versioned(article)] }
  const outcomes = await doForEach(db, system, room.app.check, user, order, -1)
  t.match(outcomes, [{ id: article.id, error: { code: 'unavailable', status: 503 } }])
  t.same(await snapshot(room), before)
})

t.test('readers see what was published and nothing of what was refused', async (t) => {
  const locale = 'ru'
  const open = await draft(room, {
    locale,
    headline: unique('Open'),
    standfirst: '',
    body: { markdown: 'Plain.' }
  })
  const secret = await draft(room, { locale, headline: `${CANARY} ${unique('kept')}` })
  const results = await bulk({ action: 'publish', items: [versioned(open), { id: secret.id, version: 9 }] })
  t.same(results.map(told), ['201', '412 stale_version'])
  await api(`GET /v1/content/articles/${open.slug}?locale=ru`, { expect: 200 })
  await api(`GET /v1/content/articles/${secret.slug}?locale=ru`, { expect: 404 })
  const { data } = (await api('GET /v1/content/articles?locale=ru', { expect: 200 })).body
  t.same(
    data.map(({ id }: Article) => id),
    [open.id]
  )
})
