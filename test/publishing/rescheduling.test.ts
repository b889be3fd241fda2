import t from 'tap'
import { tellsOnce, writesNothing } from '../articles/ledger.ts'
import { type Article, whoMay } from '../articles/states.ts'
import { draft, newsroom, story, unique } from '../helper.ts'
import { atOnce, tally } from '../traces.ts'
import { desk, Y2088, Y2089, Y2090, Y2091, Y2092 } from './desk.ts'

const room = await newsroom(t)
const { api } = room
const { cancel, change, clock, patch, publish, read, seen, soon, timeline, unpublish, write } = desk(room)

/** A live article with a second version scheduled for 2090: what `whoMay` aims at. */
async function scheduled() {
  const first = await story(room)
  const second = await patch(first, { headline: unique('Second') })
  return { article: second, publication: await publish(second, { liveFrom: Y2090 }) }
}

/** Of an article in any state: its publication, or one that is not there. */
const publicationOf = async ({ id }: Article) =>
  (await api(`GET /v1/articles/${id}/publications`, { as: 'admin' })).body.data[0]?.id ?? id

t.test('who may change and cancel', async (t) => {
  for (const method of ['PATCH', 'DELETE'] as const) {
    for (const [who, own, others] of [
      ['nobody', 401, 401],
      ['contributor', 403, 403],
      ['author', 200, 403],
      ['editor', 200, 200],
      ['admin', 200, 200]
    ] as const) {
      for (const [maker, status] of [
        [who === 'nobody' || who === 'contributor' ? 'author' : who, own],
        ['editor', others]
      ] as const) {
        const article = await draft(room, { as: maker })
        const { id } = (
          await api(`POST /v1/articles/${article.id}/publications`, {
            as: maker,
            ifMatch: 1,
            body: { liveFrom: Y2090 },
            expect: 201
          })
        ).body
        const body = method === 'PATCH' ? { body: { liveFrom: Y2091 } } : {}
        const { status: got } = await api(`${method} /v1/articles/${article.id}/publications/${id}`, {
          as: who,
          ...body
        })
        t.equal(got, status, `${method} by ${who}, made by ${maker}`)
      }
    }
  }
  t.test('of a publication that is not there, or another article’s', async (t) => {
    const { publication } = await scheduled()
    const other = await story(room)
    for (const id of [other.id, publication.id]) {
      for (const [method, options] of [
        ['PATCH', { body: {} }],
        ['DELETE', {}]
      ] as const) {
        const answer = await writesNothing(t, room, () =>
          api(`${method} /v1/articles/${other.id}/publications/${id}`, { as: 'editor', ...options })
        )
        t.match(answer, { status: 404, body: { code: 'not_found' } })
      }
    }
  })
})

t.test('a scheduled one moves: what it took over from gets its end back, and gives it again', async (t) => {
  const { article, publication } = await scheduled()
  const { body } = await tellsOnce(t, room, { event: 'article.rescheduled' }, () =>
    change(publication, { liveFrom: Y2089 }, { expect: 200 })
  )
  t.match(body, { id: publication.id, state: 'scheduled', liveFrom: Y2089, liveUntil: null })
  t.match(await timeline(article), [
    { version: 1, until: Y2089, planned: null },
    { version: 2, from: Y2089, until: null }
  ])
  await change(publication, { liveFrom: Y2091, liveUntil: Y2092 }, { expect: 200 })
  t.match(await timeline(article), [
    { version: 1, until: Y2091 },
    { version: 2, from: Y2091, until: Y2092, planned: Y2092 }
  ])
  t.match(
    await writesNothing(t, room, () => change(publication, { liveFrom: Y2092 })),
    { status: 400, body: { errors: [{ pointer: '/liveFrom', code: 'not_later' }] } },
    'not past its own end'
  )
  t.equal(
    (await writesNothing(t, room, () => change(publication, { liveFrom: Y2091, liveUntil: Y2092 }))).status,
    200
  )
  await change(publication, { liveUntil: null }, { expect: 200 })
  t.match(await timeline(article), [{ version: 1 }, { version: 2, until: null, planned: null }])
})

t.test('it can move over its neighbours, and to now', async (t) => {
  const { article, publication } = await scheduled()
  const third = await patch(article, { headline: 'Third' })
  const other = await publish(third, { liveFrom: Y2091 })
  t.match(await timeline(article), [
    { version: 1, until: Y2090 },
    { version: 2, until: Y2091 },
    { version: 3, until: null }
  ])
  await change(publication, { liveFrom: Y2092 }, { expect: 200 })
  t.match(await timeline(article), [
    { version: 1, until: Y2091 },
    { version: 3, until: Y2092 },
    { version: 2, until: null }
  ])
  t.match(await writesNothing(t, room, () => change(publication, { liveFrom: Y2091 })), {
    status: 409,
    body: { code: 'timeline_conflict' }
  })
  const now = new Date((await clock()).getTime() - 1000).toISOString()
  const { body } = await tellsOnce(
    t,
    room,
    { event: 'article.published', audit: 'article.rescheduled' },
    () => change(other, { liveFrom: now }, { expect: 200 })
  )
  t.equal(body.state, 'live')
  t.equal((await seen(article)).body.headline, 'Third')
  t.match(await timeline(article), [
    { version: 1, until: body.liveFrom },
    { version: 3, until: Y2092 },
    { version: 2 }
  ])
  const longAgo = new Date((await clock()).getTime() - 61_000).toISOString()
  t.match(await writesNothing(t, room, () => change(publication, { liveFrom: longAgo })), {
    status: 400,
    body: { errors: [{ pointer: '/liveFrom', code: 'in_the_past' }] }
  })
})

t.test('ends: past the next one is a conflict, a kept one is cut', async (t) => {
  const article = await write()
  const first = await publish(article, { liveFrom: Y2088, liveUntil: Y2091 })
  const second = await publish(await patch(article, { kicker: 'Two' }), { liveFrom: Y2089, liveUntil: null })
  t.match(await timeline(article), [
    { until: Y2089, planned: Y2091 },
    { until: null, planned: null }
  ])
  t.match(await writesNothing(t, room, () => change(first, { liveUntil: Y2090 })), {
    status: 409,
    body: { code: 'timeline_conflict' }
  })
  await change(second, { liveFrom: Y2090 }, { expect: 200 })
  t.match(await timeline(article), [{ until: Y2090, planned: Y2091 }, { from: Y2090 }])
  await cancel(second, { expect: 200 })
  t.match(await timeline(article), [{ until: Y2091, planned: Y2091 }], 'given back')
})

t.test('cancelled: the end is given back, the moment of first publication moves', async (t) => {
  const { article, publication } = await scheduled()
  const { body } = await tellsOnce(t, room, { event: 'article.unscheduled' }, () =>
    cancel(publication, { expect: 200 })
  )
  t.match(body, { id: publication.id, state: 'cancelled', liveFrom: Y2090 })
  t.match(await timeline(article), [{ version: 1, until: null, planned: null }])
  t.equal((await timeline(article)).length, 1)

  const later = await write()
  const [early, late] = [
    await publish(later, { liveFrom: Y2088 }),
    await publish(await patch(later, { kicker: 'x' }), { liveFrom: Y2090 })
  ]
  t.equal(late.publishedAt, Y2088)
  await cancel(early, { expect: 200 })
  t.match(await timeline(later), [{ from: Y2090, published: Y2090 }])
})

t.test('cancelling is refused when the slug has been promised meanwhile', async (t) => {
  const slug = unique('promised')
  const first = await story(room, { slug })
  const second = await patch(first, { slug: unique('moved') })
  const move = await publish(second, { liveFrom: Y2089 })
  const other = await write({ slug })
  await publish(other, { liveFrom: Y2090 })
  for (const call of [() => cancel(move), () => change(move, { liveFrom: Y2091 })]) {
    t.match(await writesNothing(t, room, call), { status: 409, body: { code: 'slug_promised' } })
  }
  await change(move, { liveFrom: Y2088 }, { expect: 200 })
})

t.test('moved and given another version in one go: the slug it has in the end is what counts', async (t) => {
  const slug = unique('only-one')
  const first = await write({ slug })
  const scheduled = await publish(first, { liveFrom: Y2090 })
  await patch(first, { slug: unique('other-one') })
  const other = await story(room)
  const renamed = await patch(other, { slug: unique('passing') })
  await room.db.query({ text: 'UPDATE articles SET slug = $1::text WHERE id = $2::uuid' }, [
    unique('x'),
    first.id
  ])
  const taker = await patch(renamed, { slug })
  await publish(taker, { liveFrom: Y2088, liveUntil: Y2090 })
  t.match(await writesNothing(t, room, () => change(scheduled, { liveFrom: Y2089 })), {
    status: 409,
    body: { code: 'slug_promised' }
  })
  const { body } = await change(scheduled, { liveFrom: Y2089, version: 2 }, { expect: 200 })
  t.match(body, { version: 2, liveFrom: Y2089 })
})

t.test('ids are the same in capitals', async (t) => {
  const { article, publication } = await scheduled()
  const capitals = { articleId: article.id.toUpperCase(), id: publication.id.toUpperCase() }
  await change(capitals, { liveFrom: Y2091 }, { expect: 200 })
  t.match((await cancel(capitals, { expect: 200 })).body, { id: publication.id, state: 'cancelled' })
  t.equal((await timeline(article)).length, 1)
})

t.test('what is live keeps all but its end; what has ended keeps that too', async (t) => {
  const article = await story(room)
  await patch(article, { kicker: 'Two' })
  const live = { articleId: article.id, id: await publicationOf(article) }
  for (const body of [
    { liveFrom: Y2089 },
    { version: 2 },
    { correction: 'Wrong' },
    { minor: true },
    { liveUntil: Y2090, minor: true }
  ]) {
    t.match(await writesNothing(t, room, () => change(live, body)), {
      status: 409,
      body: { code: 'publication_begun' }
    })
  }
  t.match(await writesNothing(t, room, () => cancel(live)), {
    status: 409,
    body: { code: 'publication_begun' }
  })
  const past = new Date((await clock()).getTime() - 10).toISOString()
  t.match(await writesNothing(t, room, () => change(live, { liveUntil: past })), {
    status: 400,
    body: { errors: [{ pointer: '/liveUntil', code: 'in_the_past' }] }
  })
  await tellsOnce(t, room, { event: 'article.rescheduled' }, () =>
    change(live, { liveUntil: Y2090, version: 1 }, { expect: 200 })
  )
  t.match(await timeline(article), [{ until: Y2090, planned: Y2090 }])
  await change(live, { liveUntil: null }, { expect: 200 })
  t.match(await timeline(article), [{ until: null, planned: null }])
  await unpublish(article, { expect: 200 })
  for (const call of [() => change(live, { liveUntil: Y2090 }), () => change(live, {}), () => cancel(live)])
    t.match(await writesNothing(t, room, call), { status: 409, body: { code: 'publication_begun' } })
})

t.test('another version, a correction and a minor change can be given while it is scheduled', async (t) => {
  const { article, publication } = await scheduled()
  const slug = unique('third')
  const third = await patch(article, { headline: 'Third', slug })
  const { body } = await change(publication, { version: 3, correction: 'It was two.' }, { expect: 200 })
  t.match(body, {
    id: publication.id,
    version: 3,
    headline: 'Third',
    slug,
    correction: 'It was two.',
    liveFrom: Y2090
  })
  t.match(await timeline(article), [{ version: 1 }, { version: 3, from: Y2090 }])
  t.match((await change(publication, { correction: null, minor: true }, { expect: 200 })).body, {
    correction: null,
    minor: true
  })
  t.match(await writesNothing(t, room, () => change(publication, { version: third.version + 1 })), {
    status: 400,
    body: { errors: [{ pointer: '/version', code: 'unknown_version' }] }
  })
})

t.test('taken down ahead of time', async (t) => {
  const { article, publication } = await scheduled()
  const { body } = await tellsOnce(
    t,
    room,
    { event: ['article.unscheduled', 'article.rescheduled'], audit: 'article.unpublished' },
    () => unpublish(article, { body: { at: Y2089 }, expect: 200 })
  )
  t.match(body, { version: 1, state: 'live', liveUntil: Y2089, plannedUntil: Y2089 })
  t.match(await timeline(article), [{ version: 1, until: Y2089, planned: Y2089 }])
  t.equal((await timeline(article)).length, 1)
  t.equal((await api(`GET /v1/articles/${article.id}`, { as: 'editor' })).body.publication.state, 'live')
  t.equal(
    (await writesNothing(t, room, () => unpublish(article, { body: { at: Y2089 } }))).status,
    200,
    'repeated: as it is'
  )
  t.match(await writesNothing(t, room, () => unpublish(article, { body: { at: Y2090 } })), {
    status: 409,
    body: { code: 'not_on_timeline' }
  })
  const longAgo = new Date((await clock()).getTime() - 61_000).toISOString()
  t.match(await writesNothing(t, room, () => unpublish(article, { body: { at: longAgo } })), {
    status: 400,
    body: { errors: [{ pointer: '/at', code: 'in_the_past' }] }
  })
  t.equal((await cancel(publication)).status, 404, 'what began then is gone')

  t.test('exactly where the next one begins: it goes, and the one before ends there for good', async (t) => {
    const { article } = await scheduled()
    await unpublish(article, { body: { at: Y2090 }, expect: 200 })
    t.match(await timeline(article), [{ version: 1, until: Y2090, planned: Y2090 }])
    t.equal((await timeline(article)).length, 1)
  })
})

t.test('corrections are shown to readers, minor changes keep their time of update', async (t) => {
  const first = await story(room)
  const [{ from } = { from: '' }] = await timeline(first)
  const second = await patch(first, { headline: 'Second' })
  const corrected = await publish(second, { correction: 'The boat has forty seats.' })
  const third = await patch(second, { headline: 'Third' })
  await publish(third, { minor: true })
  const corrections = [{ at: corrected.liveFrom, text: 'The boat has forty seats.' }]
  t.match((await seen(first)).body, {
    headline: 'Third',
    publishedAt: from,
    updatedAt: corrected.liveFrom,
    corrections
  })
  const listed = (await api('GET /v1/content/articles?limit=100', { expect: 200 })).body.data
  t.match(
    listed.find(({ id }: Article) => id === first.id),
    { updatedAt: corrected.liveFrom, corrections }
  )
  const again = await publish(third, { correction: 'And a roof.' })
  t.equal(
    (await seen(first)).body.corrections.length,
    2,
    'the same version with something to say is a new row'
  )
  t.equal((await seen(first)).body.updatedAt, again.liveFrom)
  t.equal((await read(first)).publication.hasUnpublishedChanges, false)
})

t.test('50 at once move, cancel, publish and take down: one line, no refusal but the rules’', async (t) => {
  const { article, publication } = await scheduled()
  const moments = await Promise.all(Array.from({ length: 10 }, (_, index) => soon((index + 1) * 3_600_000)))
  const answers = await atOnce(50, (index) => {
    const at = moments[index % 10] as string
    return [
      () => change(publication, { liveFrom: at }),
      () => cancel(publication),
      () =>
        api(`POST /v1/articles/${article.id}/publications`, {
          as: 'editor',
          ifMatch: 2,
          body: { liveFrom: at }
        }),
      () => unpublish(article, { body: { at } }),
      () => change(publication, { liveUntil: at })
    ][index % 5]?.() as ReturnType<typeof api>
  })
  const counts = tally(answers)
  t.same(
    Object.keys(counts).filter((status) => !['200', '201', '400', '404', '409'].includes(status)),
    [],
    JSON.stringify(counts)
  )
  const rows = await timeline(article)
  t.ok(
    rows.every(({ from, until }, index) => {
      const next = rows[index + 1]
      return (until === null || from < until) && (!next || (until !== null && until <= next.from))
    }),
    JSON.stringify(rows)
  )
  t.equal(new Set(rows.map(({ published }) => published)).size, 1)
})

t.test('who may take down ahead of time', (t) =>
  whoMay(t, room, ({ id }) => [`POST /v1/articles/${id}/unpublish`, { body: { at: Y2090 } }], {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['409 409 200 409', '403 403 403 403'],
    editor: ['409 409 200 409', '409 409 200 409'],
    admin: ['409 409 200 409', '409 409 200 409']
  })
)
