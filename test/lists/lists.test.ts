import t from 'tap'
import { tellsOnce } from '../articles/ledger.ts'
import { draft, everyone, newsroom, story, tag, unique, type Who } from '../helper.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room

const editor = { as: 'editor' } as const
const UNKNOWN = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const FAR = '2090-01-01T00:00:00.000Z'
const FARTHER = '2090-01-02T00:00:00.000Z'
// biome-ignore lint/suspicious/noExplicitAny: a list as the API shows it
type List = any

const fields = (more: object = {}) => ({ titles: { en: unique('List') }, size: 5, ...more })
const make = async (more: object = {}): Promise<List> =>
  (await api('POST /v1/lists', { ...editor, body: fields(more), expect: 201 })).body
const get = async (id: string): Promise<List> =>
  (await api(`GET /v1/lists/${id}`, { ...editor, expect: 200 })).body
const patch = (id: string, version: number, body: object) =>
  api(`PATCH /v1/lists/${id}`, { ...editor, ifMatch: version, body })
const put = (id: string, version: number, body: unknown, as: Who = 'editor') =>
  api(`PUT /v1/lists/${id}/items`, { as, ifMatch: version, body })
const forGood = (...stories: { storyId: string }[]) =>
  stories.map(({ storyId }) => ({ storyId, pinnedUntil: null }))
/** As if the time of a pin had come. */
const expire = ({ id }: List, { storyId }: { storyId: string }) =>
  db.query(
    {
      text: `UPDATE list_items SET pinned_until = '2020-01-01T00:00:00Z' WHERE list_id = $1::uuid AND story_id = $2::uuid`
    },
    [id, storyId]
  )

t.test('who may', async (t) => {
  for (const who of everyone) {
    t.test(`${who} reads lists: ${who === 'nobody' ? 401 : 200}`, async (t) => {
      const { id } = await make()
      for (const request of ['GET /v1/lists', `GET /v1/lists/${id}`]) {
        if (who === 'nobody') await refused(t, room, request, {}, '401 unauthenticated')
        else if (who === 'contributor') await refused(t, room, request, { as: who }, '403 forbidden')
        else await api(request, { as: who, expect: 200 })
      }
    })
  }
  for (const [who, refusal] of [
    ['nobody', '401 unauthenticated'],
    ['contributor', '403 forbidden'],
    ['author', '403 forbidden'],
    ['editor', undefined],
    ['admin', undefined]
  ] as const) {
    t.test(`${who} makes, changes, fills and deletes lists: ${refusal ?? 'done'}`, async (t) => {
      const { id } = await make()
      const items = forGood(await draft(room))
      const calls = [
        [
          'POST /v1/lists',
          { as: who, body: fields() },
          { status: 201, type: 'list.created', fields: ['titles', 'size'] }
        ],
        [
          `PATCH /v1/lists/${id}`,
          { as: who, ifMatch: 1, body: { size: 7 } },
          { type: 'list.updated', fields: ['size'] }
        ],
        [
          `PUT /v1/lists/${id}/items`,
          { as: who, ifMatch: 2, body: items },
          { type: 'list.updated', fields: ['items'] }
        ],
        [
          `DELETE /v1/lists/${id}`,
          { as: who, ifMatch: 3 },
          { status: 204, type: 'list.deleted', subject: id }
        ]
      ] as const
      for (const [request, options, trace] of calls) {
        if (refusal) await refused(t, room, request, options, refusal)
        else
          await written(t, room, request, options, {
            ...trace,
            fields: [...('fields' in trace ? trace.fields : [])]
          })
      }
      if (!refusal)
        t.same(
          await db.query({ text: 'SELECT count(*)::int AS n FROM list_items WHERE list_id = $1::uuid' }, [
            id
          ]),
          [{ n: 0 }],
          'its items go with it'
        )
    })
  }
})

t.test('making a list', async (t) => {
  t.test('with everything', async (t) => {
    const { id: tailTag } = await tag(room)
    const body = {
      slug: unique('front'),
      titles: { en: 'The most important world news', ru: 'Самые важные новости мира' },
      size: 100,
      tail: { tag: tailTag.toUpperCase() }
    }
    const answer = await written(
      t,
      room,
      'POST /v1/lists',
      { ...editor, body },
      { status: 201, type: 'list.created', fields: Object.keys(body) }
    )
    const { id, createdAt, updatedAt, ...shown } = answer.body
    t.same(shown, { ...body, tail: { tag: tailTag }, items: [], version: 1 })
    t.equal(updatedAt, createdAt)
    t.equal(answer.headers.get('etag'), '"1"')
    t.equal(answer.headers.get('location'), `/v1/lists/${id}`)
    const read = await api(`GET /v1/lists/${id}`, { as: 'author', expect: 200 })
    t.same(read.body, answer.body)
    t.equal(read.headers.get('etag'), '"1"')
    t.equal(read.headers.get('cache-control'), 'private, no-store')
    t.same(
      await db.query(
        { text: 'SELECT surrogate_keys AS keys, payload FROM events WHERE subject_id = $1::uuid' },
        [id]
      ),
      [{ keys: [`list:${id}`, 'all'], payload: { id, slug: body.slug } }]
    )
  })

  t.test('a tail: none, of all, of a tag', async (t) => {
    const { id } = await tag(room)
    t.equal((await make()).tail, null)
    t.equal((await make({ tail: null })).tail, null)
    t.same((await make({ tail: { tag: null } })).tail, { tag: null })
    t.same((await make({ tail: { tag: id } })).tail, { tag: id })
  })

  t.test('without a slug, from a title: the next free one', async (t) => {
    const name = unique('Stories')
    const slug = name.toLowerCase()
    t.equal((await make({ titles: { ru: 'Другие', en: name } })).slug, slug)
    t.equal((await make({ titles: { en: name } })).slug, `${slug}-2`)
    t.equal((await make({ titles: { ru: 'Главное' } })).slug, 'glavnoe')
    t.equal((await make({ titles: { en: '!?' } })).slug, 'list')
  })

  t.test('a slug that is another list’s: 409', async (t) => {
    const { slug } = await make()
    await refused(t, room, 'POST /v1/lists', { ...editor, body: fields({ slug }) }, '409 slug_taken')
  })

  t.test('fifty of one slug at once: one is made', async (t) => {
    const slug = unique('race')
    const answers = await atOnce(50, () => api('POST /v1/lists', { ...editor, body: fields({ slug }) }))
    t.same(tally(answers), { 201: 1, 409: 49 })
  })

  t.test('twenty of one title at once: all are made', async (t) => {
    const titles = { en: unique('Together') }
    const answers = await atOnce(20, () => api('POST /v1/lists', { ...editor, body: fields({ titles }) }))
    t.same(tally(answers), { 201: 20 })
    t.equal(new Set(answers.map(({ body }) => body.slug)).size, 20)
  })

  for (const [what, more, pointer] of [
    ['no titles', { titles: undefined }, '/titles'],
    ['an empty map of titles', { titles: {} }, '/titles'],
    ['a blank title', { titles: { en: ' ' } }, '/titles/en'],
    ['a title in no locale', { titles: { english: 'News' } }, '/titles/english'],
    ['a title that is too long', { titles: { en: 'a'.repeat(201) } }, '/titles/en'],
    ['no size', { size: undefined }, '/size'],
    ['a size of 0', { size: 0 }, '/size'],
    ['a size of 101', { size: 101 }, '/size'],
    ['a size that is half', { size: 2.5 }, '/size'],
    ['a size in quotes', { size: '5' }, '/size'],
    ['a slug in capitals', { slug: 'World' }, '/slug'],
    ['a tail that does not say of what', { tail: {} }, '/tail/tag'],
    ['a tail that is a tag', { tail: UNKNOWN }, '/tail'],
    ['a tail of a tag’s slug', { tail: { tag: 'world' } }, '/tail/tag'],
    ['a tail of an unknown tag', { tail: { tag: UNKNOWN } }, '/tail/tag'],
    ['a tail of more', { tail: { tag: null, author: null } }, '/tail/author'],
    ['items', { items: [] }, '/items'],
    ['an unknown member', { colour: 'red' }, '/colour']
  ] as const) {
    t.test(`with ${what}: 400`, async (t) => {
      const options = { ...editor, body: fields(more) }
      await refused(t, room, 'POST /v1/lists', options, '400 invalid_request', pointer)
    })
  }
})

t.test('lists by slug', async (t) => {
  const [a, b] = [await make({ slug: '0-a' }), await make({ slug: '0-b' })]
  await put(b.id, 1, forGood(await draft(room), await draft(room)))
  const { data } = (await api('GET /v1/lists?limit=2', { as: 'author', expect: 200 })).body
  const { items: _, ...rest } = a
  t.same(data[0], { ...rest, itemCount: 0 }, 'without their items')
  t.match(data[1], { slug: '0-b', itemCount: 2, version: 2 })
  const all = await db.query<{ id: string }>({ text: 'SELECT id FROM lists ORDER BY slug' }, [])
  const walked = await walk(room, 'GET /v1/lists', editor, 7)
  t.same(
    walked.there,
    all.map(({ id }) => id)
  )
  t.same(walked.back, walked.there)
  t.ok(walked.pages > 2)
  await refused(t, room, 'GET /v1/lists?q=a', editor, '400 invalid_request', '/query/q')
})

t.test('changing a list', async (t) => {
  const { id: tagId } = await tag(room)
  for (const [what, before, change, after, names] of [
    ['a title more', {}, { titles: { hy: 'Լուրեր' } }, { titles: { en: 'A', hy: 'Լուրեր' } }, ['titles']],
    ['a title less', {}, { titles: { en: null, ru: 'Б' } }, { titles: { ru: 'Б' } }, ['titles']],
    ['the size', {}, { size: 100 }, { size: 100 }, ['size']],
    ['a tail of all', {}, { tail: { tag: null } }, { tail: { tag: null } }, ['tail']],
    ['a tail of a tag', {}, { tail: { tag: tagId } }, { tail: { tag: tagId } }, ['tail']],
    ['a tag more', { tail: { tag: null } }, { tail: { tag: tagId } }, { tail: { tag: tagId } }, ['tail']],
    ['a tag less', { tail: { tag: tagId } }, { tail: { tag: null } }, { tail: { tag: null } }, ['tail']],
    ['no tail', { tail: { tag: tagId } }, { tail: null }, { tail: null }, ['tail']]
  ] as const) {
    t.test(what, async (t) => {
      const list = await make({ titles: { en: 'A' }, ...before })
      const answer = await written(
        t,
        room,
        `PATCH /v1/lists/${list.id}`,
        { ...editor, ifMatch: 1, body: change },
        { type: 'list.updated', fields: [...names] }
      )
      const { updatedAt, ...rest } = answer.body
      t.ok(updatedAt > list.updatedAt)
      t.same({ ...rest, updatedAt: list.updatedAt }, { ...list, ...after, version: 2 }, 'and nothing else')
      t.equal(answer.headers.get('etag'), '"2"')
      t.same(await get(list.id), answer.body)
    })
  }

  t.test('the slug, unless it is another’s', async (t) => {
    const [list, other, slug] = [await make(), await make(), unique('moved')]
    t.match(await patch(list.id, 1, { slug }), { status: 200, body: { slug, version: 2 } })
    const taken = { ...editor, ifMatch: 2, body: { slug: other.slug } }
    await refused(t, room, `PATCH /v1/lists/${list.id}`, taken, '409 slug_taken')
  })

  t.test('to what it is: nothing happens', async (t) => {
    const list = await make({ tail: { tag: tagId } })
    const { slug, titles, size, tail } = list
    for (const body of [{}, { slug, titles, size, tail }, { tail: { tag: tagId.toUpperCase() } }])
      t.same(
        (await changesNothing(t, room, `PATCH /v1/lists/${list.id}`, { ...editor, ifMatch: 1, body })).body,
        list
      )
  })

  t.test('to what no list is: 400', async (t) => {
    const { id } = await make({ titles: { en: 'A' }, tail: { tag: null } })
    for (const [body, pointer] of [
      [{ titles: { en: null } }, '/titles'],
      [{ titles: null }, '/titles'],
      [{ size: null }, '/size'],
      [{ size: 101 }, '/size'],
      [{ slug: null }, '/slug'],
      [{ tail: {} }, '/tail/tag'],
      [{ tail: { tag: UNKNOWN } }, '/tail/tag'],
      [{ items: [] }, '/items'],
      [{ version: 2 }, '/version']
    ] as const) {
      const options = { ...editor, ifMatch: 1, body }
      await refused(t, room, `PATCH /v1/lists/${id}`, options, '400 invalid_request', pointer)
    }
  })
})

t.test('nobody overwrites what a colleague wrote', async (t) => {
  const list = await make()
  await patch(list.id, 1, { size: 9 })
  const items = forGood(await draft(room))
  for (const [what, ifMatch, refusal] of [
    ['missing', undefined, '428 precondition_required'],
    ['a star', '*', '428 precondition_required'],
    ['the version before', '"1"', '412 stale_version'],
    ['the version to come', '"3"', '412 stale_version']
  ] as const) {
    t.test(`${what}: ${refusal}`, async (t) => {
      for (const [request, body] of [
        [`PATCH /v1/lists/${list.id}`, { size: 3 }],
        [`PUT /v1/lists/${list.id}/items`, items],
        [`PUT /v1/lists/${list.id}/items`, []],
        [`DELETE /v1/lists/${list.id}`, undefined]
      ] as const) {
        const options = { ...editor, ...(ifMatch && { ifMatch }), ...(body && { body }) }
        const answer = await refused(t, room, request, options, refusal)
        if (refusal.startsWith('412')) t.equal(answer.body.currentVersion, 2)
      }
    })
  }

  t.test('of what is not there: 404', async (t) => {
    for (const [request, body] of [
      [`GET /v1/lists/${UNKNOWN}`, undefined],
      [`PATCH /v1/lists/${UNKNOWN}`, { size: 3 }],
      [`PUT /v1/lists/${UNKNOWN}/items`, items],
      [`DELETE /v1/lists/${UNKNOWN}`, undefined]
    ] as const)
      await refused(t, room, request, { ...editor, ifMatch: 1, ...(body && { body }) }, '404 not_found')
  })

  t.test('fifty who fill one version at once: one does', async (t) => {
    const { id } = await make()
    const stories = await Promise.all([draft(room), draft(room), draft(room)])
    const answers = await atOnce(50, (index) =>
      put(id, 1, forGood(...stories.slice(index % 3), ...stories.slice(0, index % 3)))
    )
    t.same(tally(answers), { 200: 1, 412: 49 })
    t.same(await get(id), answers.find(({ status }) => status === 200)?.body)
    t.same(
      await db.query({ text: 'SELECT type FROM events WHERE subject_id = $1::uuid ORDER BY at, id' }, [id]),
      [{ type: 'list.created' }, { type: 'list.updated' }]
    )
  })

  t.test('a change, new items and a deletion at once: one is done', async (t) => {
    for (let round = 0; round < 5; round++) {
      const { id } = await make()
      const answers = await Promise.all([
        patch(id, 1, { size: 2 }),
        put(id, 1, items),
        api(`DELETE /v1/lists/${id}`, { ...editor, ifMatch: 1 })
      ])
      t.equal(answers.filter(({ status }) => status < 300).length, 1)
      t.ok(answers.every(({ status }) => [200, 204, 404, 412].includes(status)))
    }
  })
})

t.test('the items of a list', async (t) => {
  t.test('stand in their order, for good or until a moment', async (t) => {
    const list = await make()
    const [one, two] = [await draft(room), await story(room)]
    const first = await written(
      t,
      room,
      `PUT /v1/lists/${list.id}/items`,
      { ...editor, ifMatch: 1, body: [{ storyId: two.storyId, pinnedUntil: FAR }, { storyId: one.storyId }] },
      { type: 'list.updated', fields: ['items'] }
    )
    const items = [
      { storyId: two.storyId, pinnedUntil: FAR },
      { storyId: one.storyId, pinnedUntil: null }
    ]
    const { updatedAt, ...rest } = first.body
    t.same({ ...rest, updatedAt: list.updatedAt }, { ...list, items, version: 2 })
    t.ok(updatedAt > list.updatedAt)
    t.equal(first.headers.get('etag'), '"2"')
    t.same(await get(list.id), first.body)

    t.same((await put(list.id, 2, items.toReversed())).body.items, items.toReversed(), 'in another order')
    t.same((await put(list.id, 3, [items[0]])).body.items, [items[0]], 'all are replaced')
    t.match((await put(list.id, 4, [])).body, { items: [], version: 5 })
    t.same(
      await db.query(
        {
          text: `SELECT surrogate_keys AS keys, payload FROM events WHERE subject_id = $1::uuid ORDER BY at DESC, id DESC LIMIT 1`
        },
        [list.id]
      ),
      [{ keys: [`list:${list.id}`, 'all'], payload: { id: list.id, slug: list.slug, fields: ['items'] } }]
    )
  })

  t.test('exactly what is there: nothing happens', async (t) => {
    const list = await make()
    const [one, two] = [await draft(room), await draft(room)]
    const items = [...forGood(one), { storyId: two.storyId, pinnedUntil: FAR }]
    await changesNothing(t, room, `PUT /v1/lists/${list.id}/items`, { ...editor, ifMatch: 1, body: [] })
    const { body } = await put(list.id, 1, items)
    for (const same of [
      items,
      [
        { storyId: one.storyId.toUpperCase() },
        { storyId: two.storyId, pinnedUntil: '2090-01-01T02:00:00+02:00' }
      ]
    ]) {
      const options = { ...editor, ifMatch: 2, body: same }
      t.same((await changesNothing(t, room, `PUT /v1/lists/${list.id}/items`, options)).body, body)
    }
    await api(`DELETE /v1/articles/${one.id}`, { ...editor, ifMatch: 1, expect: 204 })
    const options = { ...editor, ifMatch: 2, body: items }
    await changesNothing(t, room, `PUT /v1/lists/${list.id}/items`, options)
  })

  t.test('a moment is kept to the millisecond', async (t) => {
    const { id } = await make()
    const { storyId } = await draft(room)
    const body = [{ storyId, pinnedUntil: '2090-01-01T00:00:00.1234Z' }]
    t.match((await put(id, 1, body)).body.items, [{ pinnedUntil: '2090-01-01T00:00:00.123Z' }])
    await changesNothing(t, room, `PUT /v1/lists/${id}/items`, { ...editor, ifMatch: 2, body })
  })

  t.test('a hundred, and not one more', async (t) => {
    const { id } = await make()
    const stories = await Promise.all(Array.from({ length: 101 }, () => draft(room)))
    const options = { ...editor, ifMatch: 1, body: forGood(...stories) }
    await refused(t, room, `PUT /v1/lists/${id}/items`, options, '400 invalid_request', '')
    const { body } = await put(id, 1, forGood(...stories.slice(1).toReversed()))
    t.same(body.items, forGood(...stories.slice(1).toReversed()))
  })

  t.test('only stories of articles outside the trash, each once', async (t) => {
    const { id } = await make()
    const [one, trashed, half] = [await draft(room), await draft(room), await draft(room)]
    await api(`DELETE /v1/articles/${trashed.id}`, { ...editor, ifMatch: 1, expect: 204 })
    await db.query(
      {
        text: `INSERT INTO articles (id, story_id, locale, slug, headline, standfirst, body, seo, created_by, content_hash)
          SELECT gen_random_uuid(), story_id, 'ru', slug, headline, standfirst, body, seo, created_by, content_hash FROM articles WHERE id = $1::uuid`
      },
      [half.id]
    )
    await api(`DELETE /v1/articles/${half.id}`, { ...editor, ifMatch: 1, expect: 204 })
    for (const [body, pointer] of [
      [forGood(one, { storyId: UNKNOWN }), '/1/storyId'],
      [forGood(trashed, one), '/0/storyId'],
      [[{ storyId: one.id }], '/0/storyId'],
      [forGood(one, half, one), '/2/storyId'],
      [forGood(one, { storyId: one.storyId.toUpperCase() }), '/1/storyId'],
      [[{ storyId: 'world-news' }], '/0/storyId'],
      [[...forGood(one), {}], '/1/storyId'],
      [[{ storyId: one.storyId, pinnedUntil: 'tomorrow' }], '/0/pinnedUntil'],
      [[{ storyId: one.storyId, pinnedUntil: '2090-02-30T00:00:00Z' }], '/0/pinnedUntil'],
      [[{ storyId: one.storyId, position: 1 }], '/0/position'],
      [{ items: [] }, ''],
      [[one.storyId], '/0']
    ] as const) {
      const options = { ...editor, ifMatch: 1, body }
      await refused(t, room, `PUT /v1/lists/${id}/items`, options, '400 invalid_request', pointer)
    }
    t.equal((await put(id, 1, forGood(one, half))).status, 200, 'one of its translations is enough')
  })

  t.test('a pin that is past is only taken where it is so already', async (t) => {
    const list = await make()
    const [one, two] = [await draft(room), await draft(room)]
    const request = `PUT /v1/lists/${list.id}/items`
    const pinned = ({ storyId }: { storyId: string }, pinnedUntil: string) => ({ storyId, pinnedUntil })
    const past = '2020-01-01T00:00:00.000Z'
    const bad = (body: object[], ifMatch: number, pointer: string) =>
      refused(t, room, request, { ...editor, ifMatch, body }, '400 invalid_request', pointer)
    await bad([pinned(one, past)], 1, '/0/pinnedUntil')
    await bad([...forGood(two), pinned(one, new Date(Date.now() - 1000).toISOString())], 1, '/1/pinnedUntil')
    await put(list.id, 1, [pinned(one, FAR)])
    await expire(list, one)
    t.same((await get(list.id)).items, [pinned(one, past)], 'it is still there for editors')
    t.match(await put(list.id, 2, [...forGood(two), pinned(one, past)]), {
      status: 200,
      body: { version: 3 }
    })
    await bad([...forGood(two), pinned(one, '2020-01-01T00:00:00.001Z')], 3, '/1/pinnedUntil')
    await bad([pinned(two, past), pinned(one, past)], 3, '/0/pinnedUntil')
    t.match((await put(list.id, 3, [pinned(one, FARTHER)])).body, { items: [pinned(one, FARTHER)] })
    await bad([pinned(one, past)], 4, '/0/pinnedUntil')
  })
})

t.test(
  'a tag that a list is filled up from is in use; deleted by force, the list is filled up no more',
  async (t) => {
    const topic = await tag(room)
    const list = await make({ tail: { tag: topic.id } })
    const request = `DELETE /v1/tags/${topic.id}`
    await refused(t, room, request, { ...editor, ifMatch: topic.version }, '409 tag_in_use')
    const event = ['list.updated', 'tag.deleted']
    await tellsOnce(t, room, { event, audit: event }, () =>
      api(`${request}?force=true`, { ...editor, ifMatch: topic.version, expect: 204 })
    )
    t.match((await api(`GET /v1/lists/${list.id}`, { ...editor, expect: 200 })).body, {
      tail: null,
      version: list.version + 1
    })
  }
)

t.test('a tag that is merged: the list is filled up from the one that stays', async (t) => {
  const [topic, other] = [await tag(room), await tag(room)]
  const list = await make({ tail: { tag: topic.id } })
  const event = ['list.updated', 'tag.merged']
  await tellsOnce(t, room, { event, audit: event }, () =>
    api(`POST /v1/tags/${topic.id}/merge`, { ...editor, body: { into: other.id }, expect: 200 })
  )
  t.match((await api(`GET /v1/lists/${list.id}`, { ...editor, expect: 200 })).body, {
    tail: { tag: other.id },
    version: list.version + 1
  })
})
