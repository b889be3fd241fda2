import t from 'tap'
import { ask, tellsOnce, writesNothing } from '../articles/ledger.ts'
import { type Article, whoMay } from '../articles/states.ts'
import { author, newsroom, type Options, story, tag, unique } from '../helper.ts'
import { desk, type Row, Y2088, Y2089, Y2090, Y2091 } from './desk.ts'

const room = await newsroom(t)
const { api } = room

const { clock, patch, read, seen, soon, timeline, unpublish, write } = desk(room)
const publish = ({ id, version }: Article, body: object = {}, options: Options = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, ...options })
const published = async (article: Article, body: object = {}) =>
  (await publish(article, body, { expect: 201 })).body

/** Each row ends no later than the next begins, and none is empty. */
function inLine(rows: Row[]) {
  return rows.every(({ from, until }, index) => {
    const next = rows[index + 1]
    return (until === null || from < until) && (!next || (until !== null && until <= next.from))
  })
}

t.test('who may publish', (t) =>
  whoMay(
    t,
    room,
    ({ id, version }) => [`POST /v1/articles/${id}/publications`, { ifMatch: version, body: {} }],
    {
      nobody: ['', '401 401 401 401'],
      contributor: ['403 403 403 403', '403 403 403 403'],
      author: ['201 201 200 409', '403 403 403 403'],
      editor: ['201 201 200 409', '201 201 200 409'],
      admin: ['201 201 200 409', '201 201 200 409']
    }
  )
)

t.test('who may take down', (t) =>
  whoMay(t, room, ({ id }) => [`POST /v1/articles/${id}/unpublish`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['403 403 403 403', '403 403 403 403'],
    author: ['409 409 200 409', '403 403 403 403'],
    editor: ['409 409 200 409', '409 409 200 409'],
    admin: ['409 409 200 409', '409 409 200 409']
  })
)

t.test('who may read a timeline', (t) =>
  whoMay(t, room, ({ id }) => [`GET /v1/articles/${id}/publications`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['200 200 200 200', '404 404 404 404'],
    author: ['200 200 200 200', '200 200 200 200'],
    editor: ['200 200 200 200', '200 200 200 200'],
    admin: ['200 200 200 200', '200 200 200 200']
  })
)

t.test('published now: live from this moment on', async (t) => {
  const article = await write()
  const before = await clock()
  const { body } = await tellsOnce(t, room, { event: 'article.published' }, () =>
    publish(article, {}, { expect: 201 })
  )
  const after = await clock()
  const { headline, slug } = article
  t.match(body, {
    articleId: article.id,
    version: 1,
    locale: 'en',
    slug,
    headline,
    state: 'live',
    liveUntil: null,
    plannedUntil: null,
    createdBy: room.userIds.editor
  })
  t.equal(body.publishedAt, body.liveFrom)
  t.ok(new Date(body.liveFrom).getTime() >= Math.floor(before.getTime()) && new Date(body.liveFrom) <= after)
  t.same((await read(article)).publication, {
    state: 'live',
    liveFrom: body.liveFrom,
    liveUntil: null,
    version: 1,
    hasUnpublishedChanges: false
  })
  t.equal((await read(article)).version, 1, 'publishing changes no version')
  t.match((await seen(article, { expect: 200 })).body, {
    headline,
    publishedAt: body.liveFrom,
    updatedAt: body.liveFrom
  })
})

t.test('scheduled: live from exactly liveFrom, and not a moment earlier', async (t) => {
  const article = await write()
  const liveFrom = await soon(400)
  const { body } = await tellsOnce(t, room, { event: 'article.scheduled', audit: 'article.published' }, () =>
    publish(article, { liveFrom }, { expect: 201 })
  )
  t.match(body, { state: 'scheduled', liveFrom, publishedAt: liveFrom })
  t.match((await read(article)).publication, { state: /^(scheduled|live)$/, liveFrom })
  for (let status = 404; status !== 200; ) {
    const before = await clock()
    status = (await seen(article, { expect: [200, 404] })).status
    const after = await clock()
    if (status === 200) t.ok(after.toISOString() >= liveFrom, 'never before')
    else if (before.toISOString() >= liveFrom) return t.fail('not there at its moment')
  }
  t.match((await read(article)).publication, { state: 'live', liveFrom })
})

t.test('bounded: no longer live at liveUntil', async (t) => {
  const article = await write()
  const liveUntil = await soon(600)
  t.match(await published(article, { liveUntil }), { liveUntil, plannedUntil: liveUntil })
  for (let status = 200; status !== 404; ) {
    const before = await clock()
    status = (await seen(article, { expect: [200, 404] })).status
    const after = await clock()
    if (status === 404) t.ok(after.toISOString() >= liveUntil, 'all the time before')
    else if (before.toISOString() >= liveUntil) return t.fail('still there at its end')
  }
  t.match((await read(article)).publication, { state: 'ended', liveUntil })
  t.match(
    await published(article),
    { state: 'live', liveUntil: null, plannedUntil: null },
    'a new beginning has no old end'
  )
})

t.test('a scheduled correction takes over without a gap', async (t) => {
  const first = await story(room)
  const second = await patch(first, { headline: 'Corrected', standfirst: 'By one word.' })
  const liveFrom = await soon(400)
  await published(second, { liveFrom })
  for (let headline = first.headline; headline !== 'Corrected'; ) {
    const before = await clock()
    headline = (await seen(first, { expect: 200 })).body.headline
    const after = await clock()
    if (headline === 'Corrected') t.ok(after.toISOString() >= liveFrom, 'the old one until then')
    else if (before.toISOString() >= liveFrom) return t.fail('still the old one')
  }
  const [old, now] = await timeline(first)
  t.equal(old?.until, now?.from)
})

t.test('a correction ends the row before it, and keeps publishedAt', async (t) => {
  const first = await story(room, { tags: [(await tag(room)).id], authors: [(await author(room)).id] })
  const second = await patch(first, { headline: unique('Second') })
  const correction = await published(second)
  const third = await patch(second, { headline: unique('Third') })
  await published(third)
  const rows = await timeline(first)
  t.same(
    rows.map(({ version }) => version),
    [1, 2, 3]
  )
  t.equal(rows[0]?.until, rows[1]?.from)
  t.equal(rows[1]?.until, rows[2]?.from)
  t.equal(rows[2]?.until, null)
  t.same(
    rows.map((row) => row.published),
    Array(3).fill(rows[0]?.from)
  )
  t.equal(correction.liveFrom, rows[1]?.from)
  t.match((await seen(first)).body, {
    headline: third.headline,
    publishedAt: rows[0]?.from,
    updatedAt: rows[2]?.from
  })
})

t.test('an older version can be published', async (t) => {
  const label = await tag(room)
  const first = await story(room, { headline: 'As it was', tags: [label.id] })
  const second = await patch(first, { headline: 'As it is', tags: [] })
  await published(second)
  t.equal((await seen(first)).body.headline, 'As it is')
  const back = await published(second, { version: 1 })
  t.match(back, { version: 1, headline: 'As it was' })
  t.match((await seen(first)).body, { headline: 'As it was', tags: [{ id: label.id }] })
  t.match((await read(first)).publication, { state: 'live', version: 1, hasUnpublishedChanges: true })
  await api(`DELETE /v1/tags/${label.id}?force=true`, { as: 'editor', ifMatch: 1, expect: 204 })
  await published(second)
  await published(second, { version: 1 })
  t.same((await seen(first)).body.tags, [], 'without a tag that was deleted since')
  for (const version of [3, 99]) {
    const answer = await writesNothing(t, room, () => publish(second, { version }))
    t.match(answer, { status: 400, body: { errors: [{ pointer: '/version', code: 'unknown_version' }] } })
  }
})

t.test('the next scheduled row is where a new one ends', async (t) => {
  const first = await story(room)
  const second = await patch(first, { headline: 'Second' })
  await published(second, { liveFrom: Y2090 })
  t.match(await timeline(first), [
    { version: 1, until: Y2090, planned: null },
    { version: 2, from: Y2090, until: null }
  ])
  const third = await patch(second, { headline: 'Third' })
  t.match(await published(third), { liveUntil: Y2090, plannedUntil: null })
  const fourth = await patch(third, { headline: 'Fourth' })
  t.match(await published(fourth, { liveUntil: null }), { liveUntil: Y2090, plannedUntil: null })
  t.match(await published(fourth, { liveFrom: Y2088, liveUntil: Y2089 }), {
    liveFrom: Y2088,
    liveUntil: Y2089,
    plannedUntil: Y2089
  })
  t.match(
    await published(fourth, { liveFrom: Y2089 }),
    { liveFrom: Y2089, liveUntil: Y2090, plannedUntil: null },
    'what ended there left no plan'
  )
  t.ok(inLine(await timeline(first)))
  t.match((await read(first)).publication, { state: 'live', version: 4 })
})

t.test('an end past the next row is a conflict', async (t) => {
  const article = await story(room)
  const other = await patch(article, { headline: 'Other' })
  await published(other, { liveFrom: Y2090 })
  const third = await patch(other, { headline: 'Third' })
  t.match(await writesNothing(t, room, () => publish(third, { liveUntil: Y2091 })), {
    status: 409,
    body: { code: 'timeline_conflict' }
  })
  t.match(await writesNothing(t, room, () => publish(third, { liveFrom: Y2089, liveUntil: Y2091 })), {
    status: 409,
    body: { code: 'timeline_conflict' }
  })
  t.match(
    await writesNothing(t, room, () => publish(third, { liveFrom: Y2090 })),
    { status: 409, body: { code: 'timeline_conflict' } },
    'another version at the same moment'
  )
  t.match(
    await published(third, { liveUntil: Y2090 }),
    { liveUntil: Y2090, plannedUntil: Y2090 },
    'exactly there is none'
  )
})

t.test('without liveUntil, the end asked for before stays', async (t) => {
  const first = await write()
  await published(first, { liveUntil: Y2089 })
  const second = await patch(first, { kicker: 'Second' })
  t.match(await published(second), { liveUntil: Y2089, plannedUntil: Y2089 })
  const third = await patch(second, { kicker: 'Third' })
  t.match(await published(third, { liveFrom: Y2088 }), { liveUntil: Y2089, plannedUntil: Y2089 })
  t.match(await timeline(first), [
    { version: 1, planned: Y2089 },
    { version: 2, until: Y2088, planned: Y2089 },
    { version: 3, until: Y2089, planned: Y2089 }
  ])
  const fourth = await patch(third, { kicker: 'Fourth' })
  t.match(
    await published(fourth),
    { liveUntil: Y2088, plannedUntil: Y2089 },
    'cut short by the next row, planned as before'
  )
  t.match(
    await published(fourth, { liveFrom: Y2090 }),
    { liveUntil: null, plannedUntil: null },
    'after the end nothing is left of it'
  )
  t.ok(inLine(await timeline(first)))
})

t.test('times that cannot be are refused with a pointer', async (t) => {
  const article = await write()
  for (const [body, pointer] of [
    [{ liveFrom: await soon(-61_000) }, '/liveFrom'],
    [{ liveFrom: '2020-01-01T00:00:00Z' }, '/liveFrom'],
    [{ liveFrom: Y2089, liveUntil: Y2089 }, '/liveUntil'],
    [{ liveFrom: Y2089, liveUntil: Y2088 }, '/liveUntil'],
    [{ liveUntil: await soon(-1) }, '/liveUntil'],
    [{ liveFrom: '2089-01-01' }, '/liveFrom'],
    [{ liveFrom: '2089-01-01T00:00:00' }, '/liveFrom'],
    [{ liveFrom: '2089-02-30T00:00:00Z' }, '/liveFrom'],
    [{ liveFrom: '12089-01-01T00:00:00Z' }, '/liveFrom'],
    [{ liveFrom: 4_000_000_000 }, '/liveFrom'],
    [{ liveFrom: null }, '/liveFrom'],
    [{ liveUntil: '' }, '/liveUntil'],
    [{ version: 0 }, '/version'],
    [{ version: '1' }, '/version'],
    [{ at: Y2089 }, '/at']
  ] as const) {
    const answer = await writesNothing(t, room, () => publish(article, body))
    t.match(answer, { status: 400, body: { errors: [{ pointer }] } }, JSON.stringify(body))
  }
})

t.test('times in other ways of writing them', async (t) => {
  for (const [given, meant] of [
    ['2089-01-01T05:30:00+05:30', Y2089],
    ['2088-12-31T23:00:00.0009-01:00', Y2089],
    ['2088-12-31T23:59:60Z', null],
    ['2089-01-01T05:00:00+05', null],
    ['9999-12-31T23:59:59-12:00', null]
  ] as const) {
    for (const field of ['liveFrom', 'liveUntil']) {
      const answer = await publish(await write(), { [field]: given }, { expect: meant ? 201 : 400 })
      if (meant) t.equal(answer.body[field], meant, given)
      else t.match(answer.body.errors, [{ pointer: `/${field}` }], given)
    }
  }
})

t.test('up to a minute in the past is now', async (t) => {
  const before = await clock()
  const { liveFrom, state } = await published(await write(), { liveFrom: await soon(-55_000) })
  t.ok(new Date(liveFrom).getTime() >= Math.floor(before.getTime()))
  t.equal(state, 'live')
})

t.test('the same version in the same window again is 200 and no new row', async (t) => {
  for (const [first, again] of [
    [{}, {}],
    [{}, { version: 1 }],
    [{}, { liveUntil: null }],
    [{ liveUntil: Y2089 }, {}],
    [{ liveUntil: Y2089 }, { liveUntil: '2089-01-01T01:00:00+01:00' }],
    [{ liveFrom: Y2088 }, { liveFrom: Y2088 }],
    [
      { liveFrom: Y2088, liveUntil: Y2089 },
      { liveFrom: Y2088, liveUntil: Y2089 }
    ],
    [{ liveFrom: Y2088, liveUntil: Y2089 }, { liveFrom: Y2088 }]
  ]) {
    const article = await write()
    const one = await published(article, first)
    const two = await writesNothing(t, room, () => publish(article, again, { expect: 200 }))
    t.same(two.body, one, `${JSON.stringify(first)}, then ${JSON.stringify(again)}`)
  }
  const article = await write()
  await published(article)
  t.match(
    await published(article, { liveUntil: Y2089 }),
    { version: 1, liveUntil: Y2089 },
    'another window is another row'
  )
  t.ok(inLine(await timeline(article)))
})

t.test('taking down what is live ends it now', async (t) => {
  const article = await story(room)
  const second = await patch(article, { headline: 'Never seen' })
  await published(second, { liveFrom: Y2089 })
  const before = await clock()
  const { body } = await tellsOnce(
    t,
    room,
    { event: ['article.unscheduled', 'article.ended'], audit: 'article.unpublished' },
    () => unpublish(article, { expect: 200 })
  )
  t.match(body, { version: 1, state: 'ended' })
  t.ok(
    new Date(body.liveUntil) <= (await clock()) &&
      new Date(body.liveUntil).getTime() >= Math.floor(before.getTime())
  )
  t.match(
    await timeline(article),
    [{ version: 1, until: body.liveUntil, planned: body.liveUntil }],
    'what was scheduled is gone'
  )
  t.equal((await timeline(article)).length, 1)
  t.equal((await seen(article)).status, 404)
  t.match((await read(article)).publication, { state: 'ended', version: 1 })
  t.match(await writesNothing(t, room, () => unpublish(article)), {
    status: 409,
    body: { code: 'not_on_timeline' }
  })
  const again = await published(second)
  t.equal(again.publishedAt, (await timeline(article))[0]?.from, 'first published is first published')
})

t.test('taking down what is scheduled cancels it', async (t) => {
  const article = await write()
  const { id } = await published(article, { liveFrom: Y2089, liveUntil: Y2090 })
  await published(await patch(article, { kicker: 'Later' }), { liveFrom: Y2091 })
  const { body } = await tellsOnce(
    t,
    room,
    { event: ['article.unscheduled', 'article.unscheduled'], audit: 'article.unpublished' },
    () => unpublish(article, { expect: 200 })
  )
  t.match(body, { id, state: 'cancelled', liveFrom: Y2089, liveUntil: Y2090 })
  t.same(await timeline(article), [])
  t.match((await read(article)).publication, { state: 'none', liveFrom: null, version: null })
  t.match(await writesNothing(t, room, () => unpublish(article)), {
    status: 409,
    body: { code: 'not_on_timeline' }
  })
  const draftOnly = await write()
  t.match(await writesNothing(t, room, () => unpublish(draftOnly)), {
    status: 409,
    body: { code: 'not_on_timeline' }
  })
})

t.test('published earlier than first planned, publishedAt moves on all rows', async (t) => {
  const label = await tag(room)
  const article = await write({ tags: [label.id] })
  await published(article, { liveFrom: Y2089 })
  const earlier = await published(await patch(article, { kicker: 'Now' }))
  t.same(
    (await timeline(article)).map((row) => row.published),
    [earlier.liveFrom, earlier.liveFrom]
  )
  const moved = await ask<number>(
    room,
    `SELECT count(*)::int FROM publication_tags WHERE article_id = $1::uuid AND published_at = $2::timestamptz`,
    article.id,
    earlier.liveFrom
  )
  t.equal(moved, 2)
})

t.test('fifty who publish the same at once make one row', async (t) => {
  const article = await write()
  const answers = await tellsOnce(t, room, { event: 'article.published' }, () =>
    Promise.all(Array.from({ length: 50 }, () => publish(article)))
  )
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status }) => status === 200).length, 49)
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  t.equal((await timeline(article)).length, 1)
})

t.test('fifty who publish two versions in turn never overlap', async (t) => {
  const first = await write()
  const second = await patch(first, { kicker: 'Two' })
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => publish(second, { version: (index % 2) + 1 }))
  )
  t.same(
    answers.map(({ status }) => status).filter((status) => ![200, 201, 409, 412].includes(status)),
    []
  )
  const rows = await timeline(first)
  t.ok(inLine(rows))
  t.equal(rows.length, answers.filter(({ status }) => status === 201).length)
  t.ok(rows.length > 0)
  t.same(
    rows.slice(0, -1).map(({ until }) => until),
    rows.slice(1).map(({ from }) => from),
    'without a gap'
  )
  t.equal(new Set(rows.map((row) => row.published)).size, 1)
})

t.test('publishing, taking down and changing at once leave a timeline in line', async (t) => {
  const article = await write()
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0
        ? publish(article)
        : index % 3 === 1
          ? unpublish(article)
          : publish(article, { liveFrom: Y2089 })
    )
  )
  t.same(
    answers.map(({ status }) => status).filter((status) => ![200, 201, 409].includes(status)),
    []
  )
  t.ok(inLine(await timeline(article)))
})

t.test('two articles cannot be live under one slug', async (t) => {
  const slug = unique('contested')
  const holder = await story(room, { slug })
  const leaving = await patch(holder, { slug: unique('left') })
  const heir = await write({ slug })
  for (const body of [{}, { liveFrom: Y2089 }, { liveUntil: Y2089 }]) {
    t.match(
      await writesNothing(t, room, () => publish(heir, body)),
      { status: 409, body: { code: 'slug_promised' } },
      JSON.stringify(body)
    )
  }
  t.equal((await seen(heir)).body.id, holder.id)
  await published(leaving)
  await published(heir)
  t.equal((await seen(heir)).body.id, heir.id)
  t.match(
    await writesNothing(t, room, () => publish(leaving, { version: 1 })),
    { status: 409, body: { code: 'slug_promised' } },
    'nor by going back'
  )
})

t.test('a slug promised for later is free until then', async (t) => {
  const slug = unique('later')
  const holder = await write({ slug })
  await published(holder, { liveFrom: Y2090 })
  await patch(holder, { slug: unique('away') })
  const heir = await write({ slug })
  t.match(await writesNothing(t, room, () => publish(heir)), { status: 409, body: { code: 'slug_promised' } })
  t.match(await published(heir, { liveUntil: Y2090 }), { state: 'live', liveUntil: Y2090 })
})

t.test('many articles that want one slug at once: one gets it', async (t) => {
  const slug = unique('rush')
  const articles = []
  for (let index = 0; index < 10; index++) {
    const article = await write({ slug })
    articles.push(await patch(article, { slug: unique('waiting') }))
  }
  const answers = await Promise.all(articles.map((article) => publish(article, { version: 1 })))
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status, body }) => status === 409 && body.code === 'slug_promised').length, 9)
})

t.test('a timeline is read latest first, in pages', async (t) => {
  const article = await write()
  for (const liveFrom of [undefined, Y2088, Y2089, Y2090, Y2091]) {
    await published(await patch(await read(article), { kicker: unique() }), { liveFrom })
  }
  const list = async (query: string) =>
    (await api(`GET /v1/articles/${article.id}/publications?${query}`, { as: 'editor', expect: 200 })).body
  const whole = await list('')
  t.same(whole.data.map(({ liveFrom }: { liveFrom: string }) => liveFrom).slice(0, 4), [
    Y2091,
    Y2090,
    Y2089,
    Y2088
  ])
  t.same(
    whole.data.map(({ state }: { state: string }) => state),
    ['scheduled', 'scheduled', 'scheduled', 'scheduled', 'live']
  )
  t.match(whole.page, { limit: 20, hasMore: false, next: null, prev: null })
  const one = await list('limit=2')
  const two = await list(`limit=2&cursor=${one.page.next}`)
  const three = await list(`limit=2&cursor=${two.page.next}`)
  t.same([...one.data, ...two.data, ...three.data], whole.data)
  t.equal(three.page.next, null)
  t.same((await list(`limit=2&cursor=${three.page.prev}`)).data, two.data)
  const other = await write()
  const answer = await api(`GET /v1/articles/${other.id}/publications?cursor=${one.page.next}`, {
    as: 'editor',
    expect: 400
  })
  t.match(answer.body, { code: 'invalid_cursor', errors: [{ pointer: '/query/cursor' }] })
})

t.test('publishing needs If-Match of the working copy', async (t) => {
  const article = await write()
  const changed = await patch(article, { kicker: 'Two' })
  for (const [ifMatch, status] of [
    [undefined, 428],
    ['*', 428],
    [1, 412]
  ] as const) {
    await writesNothing(t, room, () => publish(changed, {}, { ifMatch, expect: status }))
  }
  await publish(changed, {}, { ifMatch: 'W/"2"', expect: 201 })
})
