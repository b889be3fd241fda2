import t from 'tap'
import { draft, newsroom, unique } from '../helper.ts'
import { walk } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const editor = { as: 'editor' } as const
const { id: articleId } = await draft(room, { as: 'author' })
const campaign = unique('states')
const made = async (channel: string, body: object = {}, as: 'editor' | 'author' = 'editor'): Promise<Link> =>
  (
    await api('POST /v1/share-links', {
      as,
      body: { articleId, channel, campaign, ...body },
      expect: 201
    })
  ).body
const list = async (query: string): Promise<Link[]> =>
  (await api(`GET /v1/share-links?${query}`, { as: 'author', expect: 200 })).body.data
const put = (text: string, ...values: unknown[]) => db.query({ text }, values)
const counted = ({ id }: Link, human: number, bots = 0, at: string | null = null) =>
  put(
    'UPDATE share_link_totals SET human = $2::bigint, bots = $3::bigint, last_clicked_at = $4::timestamptz WHERE share_link_id = $1::uuid',
    id,
    human,
    bots,
    at
  )

t.test('each link is in one state', async (t) => {
  const links: Record<string, [string, Link]> = {
    plain: ['active', await made('x')],
    'within its window': [
      'active',
      await made('facebook', { validFrom: '2020-01-01T00:00:00Z', expiresAt: '2090-01-01T00:00:00Z' })
    ],
    'not quite used up': ['active', await made('telegram', { maxClicks: 3 })],
    ahead: ['upcoming', await made('whatsapp', { validFrom: '2090-01-01T00:00:00Z' })],
    over: ['expired', await made('linkedin', { expiresAt: '2020-01-01T00:00:00Z' })],
    'used up': ['used_up', await made('reddit', { maxClicks: 3 })],
    'used up, and ahead': [
      'used_up',
      await made('bluesky', { maxClicks: 1, validFrom: '2090-01-01T00:00:00Z' })
    ],
    'used up, and over': [
      'expired',
      await made('threads', { maxClicks: 1, expiresAt: '2020-01-01T00:00:00Z' })
    ],
    'archived, and over': ['archived', await made('email', { expiresAt: '2020-01-01T00:00:00Z' })]
  }
  const of = (what: string) => (links[what] as [string, Link])[1]
  await counted(of('not quite used up'), 2, 50)
  for (const what of ['used up', 'used up, and ahead', 'used up, and over']) await counted(of(what), 3)
  await api(`DELETE /v1/share-links/${of('archived, and over').id}`, { ...editor, ifMatch: 1, expect: 204 })
  for (const state of ['active', 'upcoming', 'expired', 'used_up', 'archived']) {
    const expected = Object.values(links).filter(([its]) => its === state)
    t.same(
      new Set((await list(`campaign=${campaign}&state=${state}`)).map(({ id }) => id)),
      new Set(expected.map(([, { id }]) => id)),
      state
    )
  }
  t.equal((await list(`campaign=${campaign}`)).length, 8, 'without a state: all but the archived one')
  const [clicked] = await list(`campaign=${campaign}&channel=telegram`)
  t.same(clicked.clicks, { total: 52, human: 2, bots: 50 })
})

t.test('by creator', async (t) => {
  const theirs = await made('other', {}, 'author')
  t.same(
    (await list(`campaign=${campaign}&createdBy=${room.userIds.author}`)).map(({ id }) => id),
    [theirs.id]
  )
  t.same(await list(`campaign=${campaign}&createdBy=${room.userIds.admin}`), [])
})

t.test('in every order, page by page, there and back, with ties', async (t) => {
  const own = unique('orders')
  const links: Link[] = []
  for (let index = 0; index < 12; index++)
    links.push(await made('other', { campaign: `${own}-${index}`, note: own }))
  // Ties in clicks and moments; a third was never followed; as many as no 32 bits hold.
  for (const [index, link] of links.entries())
    await counted(
      link,
      index === 11 ? 3_000_000_000 : index % 4,
      index % 2,
      index % 3 === 0 ? null : `2026-01-0${1 + (index % 5)}T00:00:00.123Z`
    )
  const now = await Promise.all(
    links.map(async ({ id }) => (await api(`GET /v1/share-links/${id}`, { ...editor, expect: 200 })).body)
  )
  const keys: Record<string, (link: Link) => number> = {
    createdAt: ({ createdAt }) => Date.parse(createdAt),
    clicks: ({ clicks }) => clicks.total,
    lastClickedAt: ({ lastClickedAt }) =>
      lastClickedAt ? Date.parse(lastClickedAt) : Number.NEGATIVE_INFINITY
  }
  // The same filter for all: those of this test alone.
  await put('UPDATE share_links SET archived_at = now() WHERE note <> $1::text', own)
  for (const [name, key] of Object.entries(keys)) {
    for (const sign of ['', '-']) {
      const by = (a: Link, b: Link) => {
        const [x, y] = [key(a), key(b)]
        const ascending = x === y ? (a.id < b.id ? -1 : 1) : x < y ? -1 : 1
        return sign ? -ascending : ascending
      }
      const expected = now.toSorted(by).map(({ id }) => id)
      for (const limit of [1, 5, 100]) {
        const { there, back } = await walk(room, `GET /v1/share-links?sort=${sign}${name}`, editor, limit)
        t.same(there, expected, `${sign}${name}, ${limit} at a time`)
        t.same(back, expected, `${sign}${name}, ${limit} at a time, and back`)
      }
    }
  }
  const { there } = await walk(room, 'GET /v1/share-links', editor, 5)
  t.same(there, (await walk(room, 'GET /v1/share-links?sort=-createdAt', editor, 5)).there, 'newest first')
  const { page } = (await api('GET /v1/share-links?sort=-clicks&limit=1', { ...editor, expect: 200 })).body
  for (const other of ['sort=clicks', 'sort=-clicks&state=active', ''])
    await api(`GET /v1/share-links?${other}&limit=1&cursor=${page.next}`, { ...editor, expect: 400 })
})
