import t from 'tap'
import { tellsOnce, writesNothing } from '../articles/ledger.ts'
import { draft, everyone, newsroom, type Options, unique } from '../helper.ts'

const room = await newsroom(t)
const { api } = room
const bulk = (items: object[], options: Options = {}) =>
  api('POST /v1/share-links/bulk', { as: 'editor', body: { items }, ...options })
const unknown = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'

t.test('who may', async (t) => {
  const theirs = await draft(room, { as: 'author' })
  const others = await draft(room)
  for (const who of everyone) {
    const campaign = unique(who)
    const items = [theirs, others].map(({ id }) => ({ articleId: id, channel: 'x', campaign }))
    const { status, body } = await bulk(items, { as: who })
    const expected = { nobody: 401, contributor: 403, author: 200, editor: 200, admin: 200 }[who]
    t.equal(status, expected, who)
    if (status === 200)
      t.same(
        body.data.map((one: { status: number }) => one.status),
        [201, who === 'author' ? 403 : 201],
        `${who}: as the single call`
      )
  }
})

t.test('each by itself: made, found, refused; one that fails stops no other', async (t) => {
  const { id: articleId } = await draft(room)
  const trashed = await draft(room)
  await api(`DELETE /v1/articles/${trashed.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  const code = unique('bulk')
  const there = (
    await api('POST /v1/share-links', { as: 'editor', body: { articleId, channel: 'email', note: 'N' } })
  ).body
  const { body } = await tellsOnce(
    t,
    room,
    {
      event: ['share_link.created', 'share_link.created', 'share_link.created'],
      audit: Array(3).fill('share_link.created')
    },
    () =>
      bulk(
        [
          { articleId, channel: 'x', code },
          { articleId: unknown, channel: 'x' },
          { articleId, channel: 'x' },
          { articleId, channel: 'facebook', code: code.toUpperCase() },
          { articleId, channel: 'email', note: 'Other' },
          { articleId, channel: 'email' },
          { articleId: trashed.id, channel: 'x' },
          { articleId, channel: 'reddit', redirectStatus: 301, maxClicks: 5 },
          { articleId, channel: 'reddit', expiredUrl: 'https://evil.example/' },
          { articleId, channel: 'reddit', code: 'admin' },
          { articleId, channel: 'reddit', maxClicks: 5, card: { title: 'Five' } },
          { articleId, channel: 'threads' }
        ],
        { expect: 200 }
      )
  )
  t.match(body.data, [
    { articleId, status: 201, shareLink: { code, channel: 'x' } },
    { articleId: unknown, status: 404, problem: { code: 'not_found' } },
    { status: 200, shareLink: { code } },
    { status: 409, problem: { code: 'code_taken' } },
    { status: 409, problem: { code: 'share_link_exists', existingId: there.id } },
    { status: 200, shareLink: { id: there.id } },
    { status: 409, problem: { code: 'article_trashed' } },
    { status: 400, problem: { errors: [{ pointer: '/items/7/redirectStatus' }] } },
    { status: 400, problem: { errors: [{ pointer: '/items/8/expiredUrl' }] } },
    { status: 400, problem: { errors: [{ pointer: '/items/9/code', code: 'reserved' }] } },
    { status: 201, shareLink: { maxClicks: 5, card: { title: 'Five' } } },
    { status: 201, shareLink: { channel: 'threads' } }
  ])
  t.equal(body.data.length, 12)
})

t.test('a hundred at once, not one more; what no single call would take refuses all', async (t) => {
  const { id: articleId } = await draft(room)
  const items = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ articleId, channel: 'other', campaign: `c${index}` }))
  for (const [body, pointer] of [
    [{ items: [] }, '/items'],
    [{ items: items(101) }, '/items'],
    [{ items: [...items(2), { articleId, channel: 'myspace' }] }, '/items/2/channel'],
    [{ items: [{ articleId, channel: 'x', clicks: 1 }] }, '/items/0/clicks'],
    [{ items: items(1), action: 'make' }, '/action'],
    [{}, '/items']
  ] as const) {
    const answer = await writesNothing(t, room, () =>
      api('POST /v1/share-links/bulk', { as: 'editor', body })
    )
    t.match(answer, { status: 400, body: { errors: [{ pointer }] } }, pointer)
  }
  const { body } = await bulk(items(100), { expect: 200 })
  t.same(new Set(body.data.map((one: { status: number }) => one.status)), new Set([201]))
  t.equal(new Set(body.data.map((one: { shareLink: { code: string } }) => one.shareLink.code)).size, 100)
})
