import t from 'tap'
import { CANARY, draft, everyone, newsroom, story } from '../helper.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../traces.ts'
import { ask } from './ledger.ts'
import { type Article, articleIn, whoMay } from './states.ts'

const room = await newsroom(t)
const { api, db } = room

const stages = ['draft', 'in_review', 'ready'] as const
type Stage = (typeof stages)[number]
const editor = { as: 'editor' } as const
const path = ({ id }: Article) => `/v1/articles/${id}/stage`
const move = (article: Article, to: Stage, note?: string) =>
  [`POST ${path(article)}`, { ifMatch: article.version, body: { to, ...(note && { note }) } }] as const
const moved = async (article: Article, to: Stage, as: 'editor' | 'contributor' = 'editor') => {
  const [request, options] = move(article, to)
  return (await api(request, { ...options, as, expect: 200 })).body
}
/** The moves of an article as the database has them, oldest first. */
const kept = ({ id }: Article) =>
  db.query<{ from: Stage; to: Stage }>(
    {
      text: `SELECT from_stage AS "from", to_stage AS "to" FROM stage_moves WHERE article_id = $1::uuid ORDER BY moved_at, id`
    },
    [id]
  )
/** Puts an article into a stage past the rules. */
const begin = (article: Article, stage: Stage) =>
  db.query({ text: 'UPDATE articles SET stage = $2::stage WHERE id = $1::uuid' }, [article.id, stage])

t.test('who may move what', async (t) => {
  // For each stage it is in: to draft, in_review, ready.
  const handsIn = ['200 200 403', '403 200 403', '403 403 200']
  const any = ['200 200 200', '200 200 200', '200 200 200']
  const no = (status: number) => stages.map(() => `${status} ${status} ${status}`)
  const table = {
    nobody: { own: [], others: no(401) },
    contributor: { own: handsIn, others: no(404) },
    author: { own: handsIn, others: no(403) },
    editor: { own: any, others: any },
    admin: { own: any, others: any }
  }
  const codes: Record<string, string> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found' }
  for (const who of everyone) {
    for (const whose of ['own', 'others'] as const) {
      for (const [row, from] of stages.entries()) {
        const statuses = table[who][whose][row]?.split(' ') ?? []
        if (statuses.length === 0) continue
        t.test(`${who}, ${whose}, from ${from}: ${statuses.join(' ')}`, async (t) => {
          const maker = whose === 'own' ? who : who === 'editor' ? 'author' : 'editor'
          const article = await draft(room, { as: maker })
          for (const [column, to] of stages.entries()) {
            await begin(article, from)
            const [request, options] = move(article, to)
            const status = statuses[column] as string
            if (status !== '200') {
              await refused(t, room, request, { ...options, as: who }, `${status} ${codes[status]}`)
            } else if (from === to) {
              const answer = await changesNothing(t, room, request, { ...options, as: who })
              t.equal(answer.body.stage, to)
            } else {
              const before = await kept(article)
              const answer = await written(
                t,
                room,
                request,
                { ...options, as: who },
                { type: 'article.stage_moved', fields: ['stage'] }
              )
              t.equal(answer.body.stage, to)
              t.same(await kept(article), [...before, { from, to }], 'the move is kept')
            }
          }
        })
      }
    }
  }
})

t.test('who may hand in and read the history, in every state', async (t) => {
  await whoMay(t, room, (article) => move(article, 'in_review'), {
    nobody: ['', '401 401 401 401'],
    contributor: ['200 200 200 409', '404 404 404 404'],
    author: ['200 200 200 409', '403 403 403 403'],
    editor: ['200 200 200 409', '200 200 200 409'],
    admin: ['200 200 200 409', '200 200 200 409']
  })
  await whoMay(t, room, (article) => [`GET ${path(article)}`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['200 200 200 200', '404 404 404 404'],
    author: ['200 200 200 200', '200 200 200 200'],
    editor: ['200 200 200 200', '200 200 200 200'],
    admin: ['200 200 200 200', '200 200 200 200']
  })
})

t.test('a move needs the version that was read, and leaves it', async (t) => {
  const article = await draft(room)
  const { body } = await api(`PATCH /v1/articles/${article.id}`, {
    ...editor,
    ifMatch: 1,
    body: { kicker: 'Coast' },
    expect: 200
  })
  const request = `POST ${path(article)}`
  const to = { to: 'in_review' }
  await refused(t, room, request, { ...editor, body: to }, '428 precondition_required', '/header/if-match')
  await refused(t, room, request, { ...editor, ifMatch: '*', body: to }, '428 precondition_required')
  const stale = await refused(t, room, request, { ...editor, ifMatch: 1, body: to }, '412 stale_version')
  t.equal(stale.body.currentVersion, 2)

  const answer = await api(request, { ...editor, ifMatch: 2, body: to, expect: 200 })
  t.equal(answer.headers.get('etag'), '"2"')
  const { updatedAt: _, ...before } = body
  const { updatedAt: __, ...after } = answer.body
  t.same(after, { ...before, stage: 'in_review' }, 'nothing but the stage is another')
  t.equal(await ask(room, 'SELECT count(*)::int FROM revisions WHERE article_id = $1::uuid', article.id), 2)
  t.same(
    await ask(
      room,
      `SELECT payload FROM events WHERE subject_id = $1::uuid AND type = 'article.stage_moved'`,
      article.id
    ),
    { id: article.id, from: 'draft', to: 'in_review' }
  )
  const list = await api('GET /v1/articles?stage=in_review', { ...editor, expect: 200 })
  t.ok(list.body.data.some(({ id }: Article) => id === article.id))
})

t.test('what is in the trash does not move', async (t) => {
  const article = await articleIn(room, 'trashed', 'author')
  for (const to of stages) {
    const [request, options] = move(article, to)
    await refused(t, room, request, { ...options, as: 'author' }, '409 article_trashed')
    await refused(t, room, request, { ...options, as: 'editor' }, '409 article_trashed')
  }
})

t.test('what was handed in is the contributor’s again when it is returned', async (t) => {
  const article = await draft(room, { as: 'contributor' })
  const change = [
    `PATCH /v1/articles/${article.id}`,
    { as: 'contributor', ifMatch: 1, body: { kicker: 'Mine' } }
  ] as const
  await moved(article, 'in_review', 'contributor')
  await refused(t, room, ...change, '403 forbidden')
  await moved(article, 'ready')
  await refused(t, room, ...change, '403 forbidden')
  await moved(article, 'draft')
  await api(change[0], { ...change[1], expect: 200 })
})

t.test('notes', async (t) => {
  const article = await draft(room)
  for (const note of ['', '  \n', 'x'.repeat(2001), null, 5]) {
    await refused(
      t,
      room,
      `POST ${path(article)}`,
      { ...editor, ifMatch: 1, body: { to: 'ready', note } },
      '400 invalid_request',
      '/note'
    )
  }
  for (const to of ['published', null, undefined, ['draft']]) {
    await refused(
      t,
      room,
      `POST ${path(article)}`,
      { ...editor, ifMatch: 1, body: { to } },
      '400 invalid_request',
      '/to'
    )
  }
  const long = 'ы'.repeat(2000)
  const [request, options] = move(article, 'ready', long)
  await api(request, { ...options, ...editor, expect: 200 })
  await moved(article, 'draft')
  const { data } = (await api(`GET ${path(article)}`, { ...editor, expect: 200 })).body
  t.same(
    data.map(({ note }: { note: string | null }) => note),
    [null, long]
  )
})

t.test('the history', async (t) => {
  const article = await draft(room, { as: 'contributor' })
  t.same((await api(`GET ${path(article)}`, { as: 'contributor', expect: 200 })).body, {
    data: [],
    page: { limit: 20, hasMore: false, next: null, prev: null }
  })
  await moved(article, 'in_review', 'contributor')
  for (const to of ['ready', 'draft', 'ready', 'in_review'] as const) await moved(article, to)
  const { data } = (await api(`GET ${path(article)}`, { as: 'contributor', expect: 200 })).body
  t.match(data, [
    { from: 'ready', to: 'in_review', movedBy: room.userIds.editor, movedByName: 'Test editor' },
    { from: 'draft', to: 'ready' },
    { from: 'ready', to: 'draft' },
    { from: 'in_review', to: 'ready' },
    { from: 'draft', to: 'in_review', movedBy: room.userIds.contributor, movedByName: 'Test contributor' }
  ])
  t.equal(data.length, 5)
  const moments = data.map(({ movedAt }: { movedAt: string }) => movedAt)
  t.same(moments, moments.toSorted().reverse(), 'newest first')
  const ids = data.map(({ id }: { id: string }) => id)
  const walked = await walk(room, `GET ${path(article)}`, { as: 'contributor' }, 2)
  t.match(walked, { there: ids, back: ids, pages: 3, firstPrev: null })
  const other = await draft(room)
  const cursor = (await api(`GET ${path(article)}?limit=1`, { ...editor, expect: 200 })).body.page.next
  await refused(t, room, `GET ${path(other)}?cursor=${cursor}`, editor, '400 invalid_cursor', '/query/cursor')
})

t.test('fifty moves at once are one line of moves', async (t) => {
  const article = await draft(room)
  const answers = await atOnce(50, (index) => {
    const [request, options] = move(article, stages[index % 3] as Stage)
    return api(request, { ...options, as: index % 2 ? 'editor' : 'admin' })
  })
  t.same(tally(answers), { 200: 50 }, 'the version stays, so none is stale')
  const { data } = (await api(`GET ${path(article)}?limit=100`, { ...editor, expect: 200 })).body
  const line: { from: Stage; to: Stage; movedAt: string }[] = data.toReversed()
  t.ok(line.length > 1, `${line.length} moves`)
  let at: Stage = 'draft'
  for (const { from, to } of line) {
    t.equal(from, at, 'it begins where the one before ended')
    t.not(to, from, 'it goes somewhere')
    at = to
  }
  t.equal((await api(`GET /v1/articles/${article.id}`, editor)).body.stage, at)
  t.equal(new Set(line.map(({ movedAt }) => movedAt)).size, line.length, 'each at a moment of its own')
  t.equal(
    await ask(
      room,
      `SELECT count(*)::int FROM events WHERE subject_id = $1::uuid AND type = 'article.stage_moved'`,
      article.id
    ),
    line.length
  )
})

t.test('moves in the same millisecond keep their order', async (t) => {
  const article = await draft(room)
  await moved(article, 'ready')
  await db.query(
    {
      text: `UPDATE stage_moves SET moved_at = clock_timestamp() + interval '1 hour' WHERE article_id = $1::uuid`
    },
    [article.id]
  )
  await moved(article, 'draft')
  t.same(await kept(article), [
    { from: 'draft', to: 'ready' },
    { from: 'ready', to: 'draft' }
  ])
})

t.test('readers learn nothing of stages and notes', async (t) => {
  const article = await story(room)
  const [request, options] = move(article, 'in_review', `${CANARY} between us`)
  await api(request, { ...options, ...editor, expect: 200 })
  const { body } = await api(`GET /v1/content/articles/${article.slug}`, { expect: 200 })
  t.equal(body.headline, article.headline)
  t.notOk('stage' in body)
})
