import t from 'tap'
import { ask, tellsOnce, writesNothing } from '../articles/ledger.ts'
import { type Article, whoMay } from '../articles/states.ts'
import {
  author,
  draft,
  everyone,
  newsroom,
  type Options,
  bareStory as story,
  unique,
  type Who
} from '../helper.ts'

const room = await newsroom(t)
const { api } = room
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const create = (body: object, options: Options = {}) =>
  api('POST /v1/share-links', { as: 'editor', body, ...options })
const made = async (body: object): Promise<Link> => (await create(body, { expect: 201 })).body
const read = async ({ id }: Link): Promise<Link> =>
  (await api(`GET /v1/share-links/${id}`, { as: 'editor', expect: 200 })).body
const patch = ({ id, version }: Link, body: object, options: Options = {}) =>
  api(`PATCH /v1/share-links/${id}`, { as: 'editor', ifMatch: version, body, ...options })
const archive = ({ id, version }: Link, options: Options = {}) =>
  api(`DELETE /v1/share-links/${id}`, { as: 'editor', ifMatch: version, ...options })
const follow = (code: string) => api(`GET /s/${code}`)
const newLink = async (body: object = {}): Promise<Link> =>
  made({ articleId: (await story(room)).id, channel: 'telegram', ...body })

t.test('who may make a link', async (t) => {
  const table = {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['201 201 201 409', '403 403 403 403'],
    editor: ['201 201 201 409', '201 201 201 409'],
    admin: ['201 201 201 409', '201 201 201 409']
  } as const
  await whoMay(
    t,
    room,
    ({ id }) => ['POST /v1/share-links', { body: { articleId: id, channel: 'other' } }],
    table
  )
  await whoMay(
    t,
    room,
    ({ id }) => [`POST /v1/articles/${id}/share-links`, { body: { channel: 'other' } }],
    table
  )
})

t.test('who may list the links of an article', (t) =>
  whoMay(t, room, ({ id }) => [`GET /v1/articles/${id}/share-links`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['200 200 200 200', '200 200 200 200'],
    editor: ['200 200 200 200', '200 200 200 200'],
    admin: ['200 200 200 200', '200 200 200 200']
  })
)

t.test('who may read, change and archive a link', async (t) => {
  const [theirs, others] = [await story(room, { as: 'author' }), await story(room)]
  const signed = await story(room, { authors: [(await author(room, { userId: room.userIds.author })).id] })
  const links: Record<string, () => Promise<Link>> = {
    'of an author’s own article': () => made({ articleId: theirs.id, channel: 'x', campaign: unique() }),
    'of an article an author signs': () => made({ articleId: signed.id, channel: 'x', campaign: unique() }),
    'of others': () => made({ articleId: others.id, channel: 'x', campaign: unique() })
  }
  for (const [whose, link] of Object.entries(links)) {
    for (const who of everyone) {
      const own = whose !== 'of others'
      const may: Record<Who, [read: number, patch: number, archive: number]> = {
        nobody: [401, 401, 401],
        contributor: [403, 403, 403],
        author: own ? [200, 200, 204] : [200, 403, 403],
        editor: [200, 200, 204],
        admin: [200, 200, 204]
      }
      const { id } = await link()
      t.equal(
        (await api(`GET /v1/share-links/${id}`, { as: who })).status,
        may[who][0],
        `${who} reads one ${whose}`
      )
      const changed = await patch({ id, version: 1 }, { note: who }, { as: who })
      t.equal(changed.status, may[who][1], `${who} changes one ${whose}`)
      t.equal(
        (await archive({ id, version: changed.status === 200 ? 2 : 1 }, { as: who })).status,
        may[who][2],
        `${who} archives one ${whose}`
      )
    }
  }
  t.equal((await api('GET /v1/share-links', { as: 'contributor' })).status, 403)
  t.equal((await api('GET /v1/share-links')).status, 401)
  t.equal((await api('GET /v1/share-links', { as: 'author' })).status, 200)
})

t.test('every field', async (t) => {
  const { id } = await story(room)
  const plain = await tellsOnce(t, room, { event: 'share_link.created' }, () =>
    create({ articleId: id, channel: 'telegram' }, { expect: 201 })
  )
  const link = plain.body
  t.match(link.code, /^[2-9a-hjkmnp-z]{8}$/, 'without look-alikes')
  t.match(link, {
    articleId: id,
    url: `http://dateline.test/s/${link.code}`,
    channel: 'telegram',
    campaign: '',
    expiresAt: null,
    note: '',
    utm: { source: 'telegram', medium: 'social', campaign: null, term: null, content: null },
    clicks: { total: 0, human: 0, bots: 0 },
    lastClickedAt: null,
    archivedAt: null,
    version: 1,
    createdBy: room.userIds.editor
  })
  t.equal(plain.headers.get('location'), `/v1/share-links/${link.id}`)
  t.equal(plain.headers.get('etag'), '"1"')
  t.same(await read(link), link)
  const full = {
    channel: 'other',
    campaign: 'spring',
    utm: { source: 'board', content: 'poster' },
    expiresAt: '2090-01-01T00:00:00.000Z',
    note: 'By the pier',
    code: unique('Pier')
  }
  const other = await made({ articleId: id, ...full })
  t.match(other, {
    ...full,
    code: full.code.toLowerCase(),
    utm: { source: 'board', medium: 'social', campaign: 'spring', term: null, content: 'poster' }
  })
})

t.test('asking again finds the link that is there', async (t) => {
  const { id: articleId } = await story(room)
  const values = {
    code: unique('found'),
    utm: { content: 'a' },
    expiresAt: '2090-01-01T00:00:00Z',
    note: 'N'
  }
  const link = await made({ articleId, channel: 'x', campaign: 'c', ...values })
  for (const same of [
    {},
    values,
    { code: values.code.toUpperCase() },
    { utm: { content: 'a', medium: 'social' } },
    { utm: {} },
    { expiresAt: '2090-01-01T01:00:00+01:00' },
    { note: 'N' }
  ]) {
    const { status, body, headers } = await writesNothing(t, room, () =>
      create({ articleId, channel: 'x', campaign: 'c', ...same })
    )
    t.equal(status, 200, JSON.stringify(same))
    t.same(body, link)
    t.equal(headers.get('location'), null)
    t.equal(headers.get('etag'), '"1"')
  }
  for (const other of [
    { code: unique('else') },
    { utm: { content: 'b' } },
    { utm: { content: null } },
    { expiresAt: null },
    { expiresAt: '2091-01-01T00:00:00Z' },
    { note: '' }
  ]) {
    const answer = await writesNothing(t, room, () =>
      create({ articleId, channel: 'x', campaign: 'c', ...other })
    )
    t.match(
      answer,
      { status: 409, body: { code: 'share_link_exists', existingId: link.id } },
      JSON.stringify(other)
    )
  }
  for (const apart of [
    { channel: 'facebook', campaign: 'c' },
    { channel: 'x' },
    { channel: 'x', campaign: 'C' }
  ]) {
    t.not((await made({ articleId, ...apart })).id, link.id, JSON.stringify(apart))
  }
  await archive(link, { expect: 204 })
  const fresh = await made({ articleId, channel: 'x', campaign: 'c' })
  t.not(fresh.id, link.id, 'an archived one is not found')
})

t.test('a chosen code', async (t) => {
  const { id: articleId } = await story(room)
  const code = unique('Night-Ferry')
  const link = await made({ articleId, channel: 'x', code })
  t.equal(link.code, code.toLowerCase())
  for (const taken of [code, code.toUpperCase()]) {
    t.match(await writesNothing(t, room, () => create({ articleId, channel: 'email', code: taken })), {
      status: 409,
      body: { code: 'code_taken' }
    })
  }
  const other = await made({ articleId, channel: 'email' })
  for (const taken of [code, code.toUpperCase()]) {
    t.match(await writesNothing(t, room, () => patch(other, { code: taken })), {
      status: 409,
      body: { code: 'code_taken' }
    })
  }
  for (const reserved of ['admin', 'API', 'qr', 'well-known', 'Null']) {
    const answer = await writesNothing(t, room, () => create({ articleId, channel: 'copy', code: reserved }))
    t.match(answer, { status: 400, body: { errors: [{ pointer: '/code' }] } }, reserved)
    t.match(
      await writesNothing(t, room, () => patch(other, { code: reserved })),
      { status: 400, body: { errors: [{ pointer: '/code' }] } },
      reserved
    )
  }
  for (const broken of [
    'ab',
    'x'.repeat(65),
    'two words',
    '-edge',
    'edge-',
    'a--b',
    'café',
    'a/b',
    'a.b',
    '',
    null,
    7
  ]) {
    const answer = await writesNothing(t, room, () => create({ articleId, channel: 'copy', code: broken }))
    t.match(answer, { status: 400, body: { errors: [{ pointer: '/code' }] } }, String(broken))
  }
})

t.test('a code given up still leads there, and is never another’s', async (t) => {
  const [first, second, third] = [unique('one'), unique('two'), unique('three')]
  const link = await newLink({ code: first })
  const other = await newLink({ code: third })
  const changed = (await patch(link, { code: second.toUpperCase() }, { expect: 200 })).body
  t.match(changed, { code: second, url: `http://dateline.test/s/${second}`, version: 2 })
  const [there, before] = [await follow(second), await follow(first)]
  t.equal(before.status, 302)
  t.equal(before.headers.get('location'), there.headers.get('location'))
  t.equal((await read(link)).clicks.total, 2, 'counted on the same link')
  t.match(await writesNothing(t, room, () => patch(other, { code: first })), {
    status: 409,
    body: { code: 'code_taken' }
  })
  t.match(
    await writesNothing(t, room, () => create({ articleId: other.articleId, channel: 'qr', code: first })),
    { status: 409, body: { code: 'code_taken' } }
  )
  t.match(
    (await patch(changed, { code: first }, { expect: 200 })).body,
    { code: first, version: 3 },
    'its own it may have back'
  )
  await archive({ ...link, version: 3 }, { expect: 204 })
  for (const code of [first, second]) {
    t.match(
      await writesNothing(t, room, () => create({ articleId: other.articleId, channel: 'qr', code })),
      { status: 409, body: { code: 'code_taken' } },
      'nor when it is archived'
    )
  }
})

t.test('fifty articles that want one code at once: one gets it', async (t) => {
  const articles: Article[] = []
  for (let index = 0; index < 50; index++) articles.push(await draft(room))
  const code = unique('rush')
  const answers = await tellsOnce(t, room, { event: 'share_link.created' }, () =>
    Promise.all(articles.map(({ id }) => create({ articleId: id, channel: 'x', code })))
  )
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status, body }) => status === 409 && body.code === 'code_taken').length, 49)
})

t.test('fifty who ask for the same link at once find one', async (t) => {
  const { id: articleId } = await story(room)
  const answers = await tellsOnce(t, room, { event: 'share_link.created' }, () =>
    Promise.all(Array.from({ length: 50 }, () => create({ articleId, channel: 'x', campaign: 'rush' })))
  )
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status }) => status === 200).length, 49)
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  t.equal(
    await ask<number>(room, 'SELECT count(*)::int FROM share_links WHERE article_id = $1::uuid', articleId),
    1
  )
})

t.test('fifty who change one link at once: one does', async (t) => {
  const link = await newLink()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => patch(link, { note: `Note ${index}` }))
  )
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ status, body }) => status === 412 && body.currentVersion === 2).length, 49)
})

t.test('changing a link', async (t) => {
  let link = await newLink({ utm: { content: 'a' } })
  for (const [change, after] of [
    [{ note: 'Pinned' }, { note: 'Pinned' }],
    [
      { utm: { term: 'sea' } },
      { utm: { source: 'telegram', medium: 'social', campaign: null, term: 'sea', content: 'a' } }
    ],
    [
      { utm: { content: null, medium: null } },
      { utm: { source: 'telegram', medium: null, campaign: null, term: 'sea', content: null } }
    ],
    [{ expiresAt: '2090-01-01T00:00:00Z' }, { expiresAt: '2090-01-01T00:00:00.000Z' }],
    [{ expiresAt: null }, { expiresAt: null }],
    [{ code: unique('changed') }, { code: /^changed-/ }]
  ] as const) {
    const answer = await tellsOnce(t, room, { event: 'share_link.updated' }, () =>
      patch(link, change, { expect: 200 })
    )
    t.match(answer.body, { ...after, version: link.version + 1 }, JSON.stringify(change))
    t.equal(answer.headers.get('etag'), `"${link.version + 1}"`)
    t.same(await read(link), answer.body)
    link = answer.body
  }
  for (const nothing of [
    {},
    { note: 'Pinned' },
    { code: link.code.toUpperCase() },
    { utm: { term: 'sea' } },
    { expiresAt: null }
  ]) {
    t.same(
      (await writesNothing(t, room, () => patch(link, nothing, { expect: 200 }))).body,
      link,
      JSON.stringify(nothing)
    )
  }
  for (const [refused, pointer] of [
    [{ channel: 'x' }, '/channel'],
    [{ campaign: 'c' }, '/campaign'],
    [{ articleId: link.articleId }, '/articleId'],
    [{ note: null }, '/note'],
    [{ utm: null }, '/utm'],
    [{ utm: { content: '' } }, '/utm/content'],
    [{ utm: { place: 'x' } }, '/utm/place'],
    [{ expiresAt: 'never' }, '/expiresAt'],
    [{ clicks: { total: 9 } }, '/clicks']
  ] as const) {
    t.match(
      await writesNothing(t, room, () => patch(link, refused)),
      { status: 400, body: { errors: [{ pointer }] } },
      JSON.stringify(refused)
    )
  }
})

t.test('changing and archiving need If-Match', async (t) => {
  const link = (await patch(await newLink(), { note: 'Two' }, { expect: 200 })).body
  for (const [ifMatch, status] of [
    [undefined, 428],
    ['*', 428],
    [1, 412],
    [3, 412],
    ['two', 412],
    ['W/"1"', 412]
  ] as const) {
    for (const refused of [
      () => patch(link, { note: 'No' }, { ifMatch }),
      () => archive(link, { ifMatch })
    ]) {
      const answer = await writesNothing(t, room, refused)
      t.equal(answer.status, status, String(ifMatch))
      if (status === 412) t.equal(answer.body.currentVersion, 2)
    }
  }
  await patch(link, { note: 'Yes' }, { ifMatch: 'W/"2"', expect: 200 })
  await archive(link, { ifMatch: 'W/"3"', expect: 204 })
})

t.test('archiving', async (t) => {
  const link = await newLink()
  await follow(link.code)
  await tellsOnce(t, room, { event: 'share_link.archived' }, () => archive(link, { expect: 204 }))
  const archived = await read(link)
  t.match(archived, { version: 2, clicks: { total: 1 } })
  t.ok(archived.archivedAt)
  t.match(await writesNothing(t, room, () => patch(archived, { note: 'No' })), {
    status: 409,
    body: { code: 'link_archived' }
  })
  await writesNothing(t, room, () => archive(archived, { expect: 204 }))
  const query = `articleId=${link.articleId}`
  t.same((await api(`GET /v1/share-links?${query}`, { as: 'editor' })).body.data, [])
  t.same((await api(`GET /v1/share-links?${query}&state=archived`, { as: 'editor' })).body.data, [archived])
})

t.test('listing, newest first, by filters', async (t) => {
  const [one, two] = [await story(room), await story(room)]
  const campaign = unique('list')
  const a = await made({ articleId: one.id, channel: 'x', campaign })
  const b = await made({ articleId: one.id, channel: 'telegram', campaign })
  const c = await made({ articleId: two.id, channel: 'x', campaign })
  const d = await made({ articleId: two.id, channel: 'x' })
  const gone = await made({ articleId: one.id, channel: 'email', campaign })
  await archive(gone, { expect: 204 })
  const ids = async (path: string) =>
    (await api(`GET ${path}`, { as: 'author', expect: 200 })).body.data.map(({ id }: Link) => id)
  for (const [path, found] of [
    [`/v1/share-links?articleId=${one.id}`, [b, a]],
    [`/v1/share-links?campaign=${campaign}`, [c, b, a]],
    [`/v1/share-links?campaign=${campaign}&channel=x`, [c, a]],
    [`/v1/share-links?campaign=${campaign}&channel=x&articleId=${two.id}`, [c]],
    [`/v1/share-links?articleId=${two.id}&campaign=`, [d]],
    [`/v1/share-links?campaign=${campaign}&state=archived`, [gone]],
    [`/v1/share-links?campaign=${campaign}&channel=reddit`, []],
    [`/v1/articles/${one.id}/share-links`, [b, a]],
    [`/v1/articles/${two.id}/share-links`, [d, c]]
  ] as const) {
    t.same(
      await ids(path),
      found.map(({ id }) => id),
      path
    )
  }
  for (const path of [`/v1/share-links?campaign=${campaign}`, `/v1/articles/${one.id}/share-links?`]) {
    const page = async (cursor: string) =>
      (await api(`GET ${path}&limit=1${cursor && `&cursor=${cursor}`}`, { as: 'editor', expect: 200 })).body
    const first = await page('')
    const second = await page(first.page.next)
    t.same((await page(second.page.prev)).data, first.data)
    t.not(second.data[0].id, first.data[0].id)
    await api(`GET /v1/share-links?channel=x&cursor=${first.page.next}`, { as: 'editor', expect: 400 })
    await api(`GET /v1/articles/${two.id}/share-links?cursor=${first.page.next}`, {
      as: 'editor',
      expect: 400
    })
  }
  for (const query of [
    'channel=myspace',
    'archived=true',
    'state=gone',
    'state=',
    'sort=note',
    'sort=clicks,createdAt',
    'createdBy=me',
    'articleId=1',
    'limit=0',
    'limit=101',
    'q=x',
    'channel=x&channel=x',
    'campaign=two%20words'
  ]) {
    await api(`GET /v1/share-links?${query}`, { as: 'editor', expect: 400 })
  }
})

t.test('refused creations write nothing', async (t) => {
  const { id: articleId } = await story(room)
  const unknown = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
  for (const [body, status, pointer] of [
    [{ channel: 'x' }, 400, '/articleId'],
    [{ articleId }, 400, '/channel'],
    [{ articleId, channel: 'myspace' }, 400, '/channel'],
    [{ articleId: 'x', channel: 'x' }, 400, '/articleId'],
    [{ articleId: unknown, channel: 'x' }, 404, null],
    [{ articleId, channel: 'x', campaign: 'two words' }, 400, '/campaign'],
    [{ articleId, channel: 'x', campaign: 'a&b' }, 400, '/campaign'],
    [{ articleId, channel: 'x', utm: { source: 7 } }, 400, '/utm/source'],
    [{ articleId, channel: 'x', expiresAt: '2090' }, 400, '/expiresAt'],
    [{ articleId, channel: 'x', maxClicks: 0, url: 'https://evil.example/' }, 400, '/maxClicks']
  ] as const) {
    const answer = await writesNothing(t, room, () => create(body))
    t.equal(answer.status, status, JSON.stringify(body))
    if (pointer)
      t.match(answer.body.errors, [{ pointer: pointer === '/maxClicks' ? /^\/(maxClicks|url)$/ : pointer }])
  }
  for (const request of [
    `GET /v1/share-links/${unknown}`,
    `PATCH /v1/share-links/${unknown}`,
    `DELETE /v1/share-links/${unknown}`,
    `GET /v1/articles/${unknown}/share-links`
  ]) {
    await api(request, {
      as: 'editor',
      ifMatch: 1,
      body: request.startsWith('PATCH') ? {} : undefined,
      expect: 404
    })
  }
})
