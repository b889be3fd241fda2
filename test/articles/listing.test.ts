import t from 'tap'
import { author, draft, newsroom, type Options, story, tag, unique } from '../helper.ts'
import { ask } from './ledger.ts'
import type { Article } from './states.ts'

const room = await newsroom(t)
const { api } = room

const get = (query: string, options: Options = {}) =>
  api(`GET /v1/articles${query}`, { as: 'editor', ...options })
const list = async (query: string) => (await get(query, { expect: 200 })).body
const ids = async (query: string): Promise<string[]> => (await list(query)).data.map(({ id }: Article) => id)
const patch = ({ id, version }: Article, body: object) =>
  api(`PATCH /v1/articles/${id}`, { as: 'editor', ifMatch: version, body, expect: 200 })
const read = async ({ id }: Article): Promise<Article> =>
  (await api(`GET /v1/articles/${id}`, { as: 'editor', expect: 200 })).body

t.test('by filters, last changed first', async (t) => {
  const [one, two] = [await tag(room), await tag(room)]
  const [ada, bo] = [await author(room), await author(room)]
  const a = await draft(room, {
    headline: 'Grain ships wait',
    standfirst: 'In the fog',
    tags: [one.id],
    authors: [ada.id]
  })
  const b = await draft(room, {
    headline: 'Fog over 100% of the harbour',
    tags: [one.id, two.id],
    authors: [bo.id, ada.id]
  })
  const c = await draft(room, { headline: 'Туман рассеялся', locale: 'ru', authors: [bo.id] })
  const d = await story(room, { headline: 'Lighthouse_keeper retires', tags: [two.id] })
  const e = await draft(room, { headline: 'Planned' })
  await api(`POST /v1/articles/${e.id}/publications`, {
    as: 'editor',
    ifMatch: 1,
    body: { liveFrom: '2090-01-01T00:00:00Z' },
    expect: 201
  })
  const f = await story(room, { headline: 'Over' })
  await api(`POST /v1/articles/${f.id}/unpublish`, { as: 'editor', expect: 200 })
  const g = await draft(room, { headline: 'Thrown away', tags: [one.id], as: 'author' })
  await api(`DELETE /v1/articles/${g.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  for (const [article, stage] of [
    [b, 'in_review'],
    [c, 'ready']
  ] as const) {
    await room.db.query({ text: `UPDATE articles SET stage = $2::stage WHERE id = $1::uuid` }, [
      article.id,
      stage
    ])
  }
  // The stages moved b and c to the front, as any change does.
  const order = [c, b, f, e, d, a]
  const at = async (article: Article) => encodeURIComponent((await read(article)).updatedAt)
  const later = async (article: Article) =>
    encodeURIComponent(new Date(Date.parse((await read(article)).updatedAt) + 1).toISOString())

  for (const [query, found] of [
    ['', order],
    ['?stage=draft', [f, e, d, a]],
    ['?stage=in_review', [b]],
    ['?stage=ready', [c]],
    ['?state=none', [c, b, a]],
    ['?state=live', [d]],
    ['?state=scheduled', [e]],
    ['?state=ended', [f]],
    [`?tag=${one.id}`, [b, a]],
    [`?tag=${two.id}`, [b, d]],
    [`?tag=${one.id.toUpperCase()}`, [b, a]],
    [`?author=${ada.id}`, [b, a]],
    [`?author=${bo.id}`, [c, b]],
    [`?author=${one.id}`, []],
    ['?locale=ru', [c]],
    ['?locale=hy', []],
    [`?storyId=${a.storyId}`, [a]],
    ['?q=fog', [b, a]],
    ['?q=FOG+grain', [a]],
    ['?q=fog++ships', [a]],
    [`?q=${encodeURIComponent('туман')}`, [c]],
    ['?q=100%25', [b]],
    ['?q=r_r', []],
    ['?q=e_keeper', [d]],
    ['?q=%5C', []],
    ['?q=nothing', []],
    [`?updatedAfter=${await at(e)}`, [c, b, f, e]],
    [`?updatedAfter=${await later(e)}`, [c, b, f]],
    [`?updatedBefore=${await at(e)}`, [d, a]],
    [`?updatedBefore=${await later(e)}`, [e, d, a]],
    [`?updatedAfter=${await at(e)}&updatedBefore=${await later(e)}`, [e]],
    ['?trashed=true', [g]],
    ['?trashed=false', order],
    [`?trashed=true&tag=${one.id}`, [g]],
    [`?tag=${one.id}&stage=in_review&locale=en&q=harbour&state=none&author=${bo.id}`, [b]],
    ['?sort=-updatedAt', order],
    ['?sort=updatedAt', [...order].reverse()],
    ['?sort=-createdAt', [f, e, d, c, b, a]],
    ['?sort=createdAt', [a, b, c, d, e, f]]
  ] as const) {
    t.same(
      await ids(query),
      found.map(({ id }) => id),
      query
    )
    const { data, page } = await list(`${query || '?'}&count=exact&limit=1`)
    t.equal(page.count, found.length, `count of ${query}`)
    t.equal(data.length, Math.min(1, found.length))
  }
  t.notOk('count' in (await list('')).page, 'counted only when asked')
})

t.test('a list shows all of an article but its body', async (t) => {
  const [label, writer] = [await tag(room, { names: { en: 'Sea', ru: 'Море' } }), await author(room)]
  const article = await draft(room, {
    tags: [label.id],
    authors: [writer.id],
    source: { name: 'Tide', url: 'https://tide.example/' }
  })
  const { body, ...summary } = article
  t.ok(body.blocks.length)
  t.same((await list(`?tag=${label.id}`)).data, [summary])
  const tags = [{ id: label.id, slug: label.slug, names: { en: 'Sea', ru: 'Море' } }]
  const authors = [{ id: writer.id, slug: writer.slug, name: writer.name }]
  for (const [include, included] of [
    ['tags', { tags }],
    ['authors', { authors }],
    ['tags,authors', { tags, authors }],
    ['authors,tags,tags', { tags, authors }]
  ] as const) {
    t.same((await list(`?tag=${label.id}&include=${include}`)).data, [{ ...summary, included }], include)
    const one = (
      await api(`GET /v1/articles/${article.id}?include=${include}`, { as: 'editor', expect: 200 })
    ).body
    t.same(one, { ...article, included }, include)
  }
  const bare = await draft(room)
  t.same(
    (await api(`GET /v1/articles/${bare.id}?include=tags,authors`, { as: 'editor', expect: 200 })).body
      .included,
    { tags: [], authors: [] }
  )
  const [second, first] = [await tag(room), await tag(room)]
  const ordered = await draft(room, { tags: [first.id, second.id] })
  t.same(
    (await api(`GET /v1/articles/${ordered.id}?include=tags`, { as: 'editor' })).body.included.tags.map(
      ({ id }: Article) => id
    ),
    [first.id, second.id],
    'in their order'
  )
})

t.test('pages forth and back', async (t) => {
  const label = await tag(room)
  const articles = []
  for (let index = 0; index < 7; index++) articles.push(await draft(room, { tags: [label.id] }))
  for (const [sort, wanted] of [
    ['-updatedAt', [...articles].reverse()],
    ['updatedAt', articles],
    ['-createdAt', [...articles].reverse()],
    ['createdAt', articles]
  ] as const) {
    const page = (cursor: string | null, limit = 3) =>
      list(`?tag=${label.id}&sort=${sort}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`)
    const first = await page(null)
    const second = await page(first.page.next)
    const third = await page(second.page.next)
    t.same(
      [...first.data, ...second.data, ...third.data].map(({ id }) => id),
      wanted.map(({ id }) => id),
      sort
    )
    t.same(
      [first.page.prev, first.page.hasMore, third.page.next, third.page.hasMore],
      [null, true, null, false]
    )
    const back = await page(third.page.prev)
    t.same(back.data, second.data, 'next, then prev')
    t.same((await page(back.page.prev)).data, first.data)
    t.same((await page(back.page.next)).data, third.data)
    t.equal((await page(back.page.prev)).page.prev, null)
    const wide = await page(first.page.next, 100)
    t.same(wide.data, [...second.data, ...third.data], 'another limit goes on from the same place')
    t.same(
      (await page(null, 7)).page,
      { limit: 7, hasMore: false, next: null, prev: null },
      'an exact fit has no next'
    )
  }
})

t.test('a cursor belongs to its list and filters', async (t) => {
  await draft(room)
  await draft(room)
  const { next } = (await list('?limit=1&locale=en')).page
  const bytes = Buffer.from(next, 'base64url')
  const flipped = (at: number) => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] as number) ^ 1
    return copy.toString('base64url')
  }
  for (const query of [
    `?limit=1&cursor=${next}`,
    `?limit=1&locale=ru&cursor=${next}`,
    `?limit=1&locale=en&sort=createdAt&cursor=${next}`,
    `?limit=1&locale=en&stage=draft&cursor=${next}`,
    `?locale=en&cursor=${flipped(0)}`,
    `?locale=en&cursor=${flipped(20)}`,
    `?locale=en&cursor=${flipped(bytes.length - 1)}`,
    `?locale=en&cursor=${next}A`,
    `?locale=en&cursor=${next}==`,
    `?locale=en&cursor=${next.slice(0, -1)}`,
    '?locale=en&cursor=x',
    '?locale=en&cursor=',
    `?locale=en&cursor=${Buffer.from('[0,"2026","x"]').toString('base64url')}`
  ]) {
    const { body } = await get(query, { expect: 400 })
    t.match(
      body,
      { code: 'invalid_cursor', errors: [{ pointer: '/query/cursor', code: 'invalid_cursor' }] },
      query
    )
  }
  t.equal((await get(`?locale=en&limit=2&cursor=${next}`)).status, 200, 'the limit may change')
  for (const other of ['tags', 'authors', 'share-links']) {
    await api(`GET /v1/${other}?cursor=${next}`, { as: 'editor', expect: 400 })
  }
})

t.test('unknown and broken parameters are refused with a pointer', async (t) => {
  const { id } = await draft(room)
  for (const [query, name] of [
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=-1', 'limit'],
    ['?limit=abc', 'limit'],
    ['?limit=1e1', 'limit'],
    ['?limit=1.5', 'limit'],
    ['?limit=+5', 'limit'],
    ['?limit=', 'limit'],
    ['?limit=99999999999999999999', 'limit'],
    ['?limit=5&limit=5', 'limit'],
    ['?limit[]=5', 'limit[]'],
    ['?stage=done', 'stage'],
    ['?stage=draft&stage=ready', 'stage'],
    ['?state=cancelled', 'state'],
    ['?tag=sea', 'tag'],
    ['?author=1', 'author'],
    ['?storyId=x', 'storyId'],
    ['?locale=EN', 'locale'],
    ['?q=', 'q'],
    [`?q=${'x'.repeat(201)}`, 'q'],
    ['?q=%00', 'q'],
    ['?updatedAfter=today', 'updatedAfter'],
    ['?updatedBefore=2026-01-01', 'updatedBefore'],
    ['?trashed=1', 'trashed'],
    ['?trashed=TRUE', 'trashed'],
    ['?trashed=', 'trashed'],
    ['?sort=headline', 'sort'],
    ['?sort=%2BcreatedAt', 'sort'],
    ['?count=yes', 'count'],
    ['?count=', 'count'],
    ['?include=body', 'include'],
    ['?include=', 'include'],
    ['?include=tags,', 'include'],
    ['?filter=x', 'filter'],
    ['?Limit=5', 'Limit'],
    ['?__proto__=1', '__proto__'],
    [`/${id}?include=nothing`, 'include'],
    [`/${id}?fields=id`, 'fields']
  ] as const) {
    const { body } = await get(query, { expect: 400 })
    t.equal(body.errors?.[0]?.pointer, `/query/${name}`, query)
  }
})

t.test('walking all pages while rows come and go meets each steady row once', async (t) => {
  const label = await tag(room)
  const steady: Article[] = []
  const passing: Article[] = []
  for (let index = 0; index < 24; index++)
    (index % 2 ? passing : steady).push(await draft(room, { tags: [label.id] }))
  for (const sort of ['-updatedAt', 'createdAt']) {
    const met: string[] = []
    let cursor: string | null = null
    do {
      const { data, page }: { data: Article[]; page: { next: string | null } } = await list(
        `?tag=${label.id}&sort=${sort}&limit=3${cursor ? `&cursor=${cursor}` : ''}`
      )
      met.push(...data.map(({ id }) => id))
      cursor = page.next
      // One goes, one comes, one moves to the front.
      const [gone, moves] = [passing.pop(), passing.shift()]
      if (gone)
        await api(`DELETE /v1/articles/${gone.id}`, {
          as: 'editor',
          ifMatch: (await read(gone)).version,
          expect: 204
        })
      if (moves) await patch(await read(moves), { kicker: unique() })
      await draft(room, { tags: [label.id] })
    } while (cursor)
    for (const { id } of steady) t.equal(met.filter((one) => one === id).length, 1, sort)
  }
})

t.test('counts and pages are of one’s own for a contributor', async (t) => {
  const label = await tag(room)
  const mine = [
    await draft(room, { as: 'contributor', tags: [label.id] }),
    await draft(room, { as: 'contributor', tags: [label.id] })
  ]
  await draft(room, { as: 'editor', tags: [label.id] })
  const first = (
    await get(`?tag=${label.id}&limit=1&count=exact&q=draft`, { as: 'contributor', expect: 200 })
  ).body
  t.equal(first.page.count, 2)
  const second = (
    await get(`?tag=${label.id}&limit=1&count=exact&q=draft&cursor=${first.page.next}`, {
      as: 'contributor',
      expect: 200
    })
  ).body
  t.same(
    [...first.data, ...second.data].map(({ id }) => id),
    mine.map(({ id }) => id).reverse()
  )
  t.equal(second.page.next, null)
  t.equal(
    await ask<number>(room, 'SELECT count(*)::int FROM article_tags WHERE tag_id = $1::uuid', label.id),
    3
  )
})

t.test('a list takes as many statements however long it is', async (t) => {
  const label = await tag(room)
  for (let index = 0; index < 5; index++) await draft(room, { tags: [label.id] })
  const cost = (query: string) => room.statements(() => list(`?tag=${label.id}${query}`))
  t.equal(await cost('&limit=5'), await cost('&limit=1'))
  t.equal(await cost('&limit=5&include=tags,authors'), (await cost('&limit=5')) + 2)
  t.equal(await cost('&count=exact'), (await cost('')) + 1)
})
