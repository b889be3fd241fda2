import t from 'tap'
import { ask, tellsOnce, writesNothing } from '../articles/ledger.ts'
import { draft, everyone, newsroom, story, tag, unique } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'
import { atOnce, refused, tally } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room
const { patch, publish, read, seen, timeline } = desk(room)

const editor = { as: 'editor' } as const
const merge = (from: { id: string }, into: { id: string }, options = {}) =>
  api(`POST /v1/tags/${from.id}/merge`, { ...editor, body: { into: into.id }, ...options })
const get = async ({ id }: { id: string }) =>
  (await api(`GET /v1/tags/${id}`, { ...editor, expect: 200 })).body
const tagsOf = async (article: { id: string; slug: string }) => ({
  copy: (await read(article)).tags,
  live: (await seen(article, { expect: 200 })).body.tags.map(({ id }: { id: string }) => id)
})

t.test('who may', async (t) => {
  for (const who of everyone) {
    const [from, into] = [await tag(room), await tag(room)]
    const refusal = { nobody: '401 unauthenticated', contributor: '403 forbidden', author: '403 forbidden' }[
      who as string
    ]
    const request = `POST /v1/tags/${from.id}/merge`
    const options = { as: who, body: { into: into.id } }
    if (refusal) await refused(t, room, request, options, refusal)
    else await api(request, { ...options, expect: 200 })
  }
})

t.test('everything moves: working copies, live and scheduled articles, slugs, names, children', async (t) => {
  const above = await tag(room)
  const [from, into, other] = [
    await tag(room, {
      names: { en: unique('Sea trade'), ru: 'Морская торговля' },
      parentId: above.id,
      aliases: [unique('old-alias')]
    }),
    await tag(room, { names: { en: unique('Shipping') } }),
    await tag(room)
  ]
  const child = await tag(room, { parentId: from.id })
  const both = await story(room, { tags: [from.id, other.id, into.id] })
  const one = await story(room, { tags: [other.id, from.id] })
  const later = await patch(one, { headline: 'Later' })
  await publish(later, { liveFrom: Y2089 })
  const hidden = await draft(room, { tags: [from.id] })

  const event = ['tag.updated', 'tag.merged']
  const { body, headers } = await tellsOnce(t, room, { event, audit: event }, () =>
    merge(from, into, { expect: 200 })
  )
  t.match(body, { id: into.id, slug: into.slug, version: 2, articleCount: 2 })
  t.equal(headers.get('etag'), '"2"')
  t.same(body.names, { en: into.names.en, ru: 'Морская торговля' }, 'its own name, and the one it lacked')
  t.same(body.aliases.toSorted(), [from.slug, ...from.aliases].toSorted())
  t.same(
    await tagsOf(both),
    { copy: [into.id, other.id], live: [into.id, other.id] },
    'once, in the first place'
  )
  t.same(await tagsOf(one), { copy: [other.id, into.id], live: [other.id, into.id] })
  t.same((await read(hidden)).tags, [into.id])
  for (const article of [both, one, hidden]) {
    const now = await read(article)
    t.equal(now.version, article.id === one.id ? 2 : article.version, 'no version changed')
  }
  t.equal((await read(both)).publication.hasUnpublishedChanges, false)
  t.equal(
    await ask(room, 'SELECT count(*)::int FROM publication_tags WHERE tag_id = $1::uuid', from.id),
    0,
    'the scheduled one too'
  )
  t.match(await get(child), { parentId: into.id, version: 2 })
  t.equal((await api(`GET /v1/tags/${from.id}`, editor)).status, 404)

  for (const slug of [from.slug, from.aliases[0]]) {
    const moved = await api(`GET /v1/content/tags/${slug}`)
    t.match([moved.status, moved.headers.get('location')], [301, `/v1/content/tags/${into.slug}`])
    const listed = (await api(`GET /v1/content/articles?tag=${slug}`, { expect: 200 })).body.data
    t.equal(listed.length, 2, `by ${slug}`)
  }
  const payload = await ask<{ articleIds: string[] }>(
    room,
    `SELECT payload FROM events WHERE type = 'tag.merged' ORDER BY at DESC LIMIT 1`
  )
  t.same(
    payload.articleIds.toSorted(),
    [both.id, one.id, hidden.id].toSorted(),
    'the event names the articles'
  )

  t.test('what was written before it is published after it: readers get the tag that stayed', async (t) => {
    await publish(await read(hidden), {}, { expect: 201 })
    await patch(await read(hidden), {
      headline: unique('Without a mark'),
      standfirst: '',
      body: { blocks: [] }
    })
    await publish(await read(hidden), { version: 2 })
    t.same((await tagsOf(hidden)).live, [into.id])
    const back = await publish(await read(both), { liveFrom: Y2089, version: 1 })
    t.equal(back.version, 1)
  })
})

t.test('repeated: the same; also through another merge', async (t) => {
  const [a, b, c] = [await tag(room), await tag(room), await tag(room)]
  const first = (await merge(a, b, { expect: 200 })).body
  const again = await writesNothing(t, room, () => merge(a, b, { expect: 200 }))
  t.same(again.body, first)
  await merge(b, c, { expect: 200 })
  t.equal((await merge(a, c, { expect: 200 })).body.id, c.id, 'one hop')
  t.equal((await merge(a, b, { expect: 200 })).body.id, c.id)
  t.same((await get(c)).aliases.toSorted(), [a.slug, b.slug].toSorted())
  const chain = await db.query<{ into_id: string }>(
    { text: 'SELECT into_id FROM tag_merges WHERE from_id = ANY ($1::uuid[])' },
    [[a.id, b.id]]
  )
  t.same(
    chain.map(({ into_id }) => into_id),
    [c.id, c.id]
  )
  const other = await tag(room)
  await refused(
    t,
    room,
    `POST /v1/tags/${a.id}/merge`,
    { ...editor, body: { into: other.id } },
    '404 not_found'
  )
})

t.test('refused', async (t) => {
  const one = await tag(room)
  const bad: [object, string, string?][] = [
    [{ into: one.id }, '400 invalid_request', '/into'],
    [{ into: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10' }, '400 invalid_request', '/into'],
    [{ into: 'nothing' }, '400 invalid_request', '/into'],
    [{}, '400 invalid_request', '/into']
  ]
  for (const [body, refusal, pointer] of bad)
    await refused(t, room, `POST /v1/tags/${one.id}/merge`, { ...editor, body }, refusal, pointer)
})

t.test('tags above and below: no circle', async (t) => {
  const top = await tag(room)
  const from = await tag(room, { parentId: top.id })
  const middle = await tag(room, { parentId: from.id })
  const into = await tag(room, { parentId: middle.id })
  const side = await tag(room, { parentId: from.id })
  await merge(from, into, { expect: 200 })
  t.equal((await get(middle)).parentId, top.id, 'what the survivor stands below moves up')
  t.equal((await get(into)).parentId, middle.id)
  t.equal((await get(side)).parentId, into.id)

  const above = await tag(room)
  const below = await tag(room, { parentId: above.id })
  await merge(above, below, { expect: 200 })
  t.equal((await get(below)).parentId, null, 'a survivor directly below stands where the other stood')
})

t.test('at once', async (t) => {
  t.test('50 times the same merge: all answer alike, one is told of', async (t) => {
    const [from, into] = [await tag(room), await tag(room)]
    const answers = await tellsOnce(t, room, { event: 'tag.merged' }, () =>
      atOnce(50, () => merge(from, into))
    )
    t.same(tally(answers), { 200: 50 })
    t.equal((await get(into)).version, 2)
  })

  t.test('into each other: one stays', async (t) => {
    const [a, b] = [await tag(room), await tag(room)]
    const answers = await atOnce(10, (index) => (index % 2 ? merge(a, b) : merge(b, a)))
    t.same(
      Object.keys(tally(answers)).filter((status) => !['200', '400', '404'].includes(status)),
      []
    )
    const left = await ask<number>(room, 'SELECT count(*)::int FROM tags WHERE id = ANY ($1::uuid[])', [
      a.id,
      b.id
    ])
    t.equal(left, 1)
  })

  t.test('while articles are written, changed and published: none keeps or loses it', async (t) => {
    const [from, into] = [await tag(room), await tag(room)]
    const articles = await Promise.all(Array.from({ length: 12 }, () => story(room, { tags: [from.id] })))
    const answers = await atOnce(24, (index) => {
      const article = articles[index % 12] as { id: string }
      if (index === 20) return merge(from, into)
      if (index % 3 === 0)
        return api(`PATCH /v1/articles/${article.id}`, {
          ...editor,
          ifMatch: 1,
          body: { kicker: unique('k') }
        })
      if (index % 3 === 1)
        return api(`POST /v1/articles/${article.id}/publications`, {
          ...editor,
          ifMatch: 1,
          body: { correction: 'x' }
        })
      return api('POST /v1/articles', {
        ...editor,
        body: { locale: 'en', headline: unique('h'), tags: [from.id] }
      })
    })
    t.same(
      Object.keys(tally(answers)).filter((status) => !['200', '201', '400', '409', '412'].includes(status)),
      [],
      JSON.stringify(tally(answers))
    )
    for (const article of articles) {
      t.same((await tagsOf(article as never)).copy, [into.id])
      t.same((await tagsOf(article as never)).live, [into.id])
      t.ok((await timeline(article as never)).length > 0)
    }
  })
})

/** So many live articles more that are like this one, with its tags; written past the API, which would take minutes. */
async function multiply(articleId: string, count: number) {
  const copies = async (text: string, ...more: unknown[]) => db.query({ text }, [articleId, ...more])
  await copies(
    `INSERT INTO articles (id, slug, story_id, locale, headline, content_hash, seo, created_by)
     SELECT gen_random_uuid(), 'many-' || n, gen_random_uuid(), locale, headline, content_hash, seo, created_by
     FROM articles, generate_series(1, $2::int) AS n WHERE id = $1::uuid`,
    count
  )
  await copies(
    `INSERT INTO article_tags (article_id, tag_id, position) SELECT a.id, x.tag_id, x.position
     FROM articles a, article_tags x WHERE a.slug LIKE 'many-%' AND x.article_id = $1::uuid`
  )
  await copies(
    `INSERT INTO revisions (article_id, version, content, content_hash, created_by)
     SELECT a.id, 1, r.content, r.content_hash, r.created_by FROM articles a, revisions r
     WHERE a.slug LIKE 'many-%' AND r.article_id = $1::uuid AND r.version = 1`
  )
  const copied =
    'headline, kicker, standfirst, body, body_html, body_text, dateline, breaking, accessible_for_free, sensitive, seo, word_count'
  await copies(
    `INSERT INTO publications (id, article_id, story_id, locale, slug, version, content_hash, live_from, published_at, created_by, ${copied})
     SELECT gen_random_uuid(), a.id, a.story_id, a.locale, a.slug, 1, a.content_hash, p.live_from, p.live_from, p.created_by,
       ${copied.replace(/\w+/g, 'p.$&')}
     FROM articles a, publications p WHERE a.slug LIKE 'many-%' AND p.article_id = $1::uuid`
  )
  await copies(
    `INSERT INTO publication_tags (publication_id, tag_id, position, article_id, locale, published_at)
     SELECT p.id, x.tag_id, x.position, p.article_id, p.locale, p.published_at
     FROM publications p, article_tags x WHERE p.slug LIKE 'many-%' AND x.article_id = $1::uuid`
  )
}

t.test('5,000 articles in one transaction', async (t) => {
  const [from, into] = [await tag(room), await tag(room)]
  const model = await story(room, { tags: [from.id] })
  await multiply(model.id, 4999)
  const began = performance.now()
  const { body } = await merge(from, into, { expect: 200 })
  t.comment(`${Math.round(performance.now() - began)} ms`)
  t.equal(body.articleCount, 5000)
  t.equal(
    (await api(`GET /v1/content/tags/${from.slug}`)).headers.get('location'),
    `/v1/content/tags/${into.slug}`
  )
  t.equal((await api(`GET /v1/content/tags/${into.slug}`, { expect: 200 })).body.articleCount, 5000)
})
