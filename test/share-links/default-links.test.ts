/** The links every article has from its first publication on. */
import t from 'tap'
import { ask, tellsOnce } from '../articles/ledger.ts'
import type { Article } from '../articles/states.ts'
import { draft, newsroom, unique } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'
import { refused } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room
const { cancel, patch, publish, unpublish } = desk(room)
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const networks = [
  'x',
  'facebook',
  'telegram',
  'whatsapp',
  'linkedin',
  'reddit',
  'bluesky',
  'threads',
  'email'
]
const all = [...networks, 'copy', 'qr']
const linksOf = async ({ id }: Article): Promise<Link[]> =>
  (await api(`GET /v1/articles/${id}/share-links?limit=100`, { as: 'editor', expect: 200 })).body.data
const channelsOf = async (article: Article) => (await linksOf(article)).map(({ channel }) => channel).sort()
const site = async (locale: string, body: object) => {
  const { version } = (await api(`GET /v1/site/${locale}`, { as: 'admin', expect: 200 })).body
  return (await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: version, body, expect: 200 })).body
}
const sorted = (...channels: string[]) => [...channels].sort()

t.test('the first publication makes one for each channel', async (t) => {
  for (const [how, order] of [
    ['at once', {}],
    ['for a day ahead', { liveFrom: Y2089 }]
  ] as const) {
    const article = await draft(room, { as: 'author' })
    t.same(await linksOf(article), [], `${how}: a draft has none`)
    const event = order === undefined || 'liveFrom' in order ? 'article.scheduled' : 'article.published'
    await tellsOnce(t, room, { event, audit: 'article.published' }, () =>
      publish(article, order, { as: 'author' })
    )
    const links = await linksOf(article)
    t.same(sorted(...links.map(({ channel }) => channel)), sorted(...all), how)
    for (const link of links) {
      t.match(
        link,
        {
          url: `http://dateline.test/s/${link.code}`,
          campaign: '',
          utm: { source: link.channel, medium: 'social', campaign: null, term: null, content: null },
          redirectStatus: 302,
          validFrom: null,
          expiresAt: null,
          expiredUrl: null,
          maxClicks: null,
          card: { title: null, description: null, image: null },
          indexable: false,
          note: '',
          clicks: { total: 0, human: 0, bots: 0 },
          lastClickedAt: null,
          archivedAt: null,
          version: 1,
          createdBy: room.userIds.author
        },
        `${how}: ${link.channel}`
      )
      t.match(link.code, /^[2-9a-hjkmnp-z]{8}$/)
      t.match(
        link.id,
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        'a UUID, version 7'
      )
      t.ok(Math.abs(Date.now() - Number.parseInt(link.id.replaceAll('-', '').slice(0, 12), 16)) < 60_000)
    }
  }
})

t.test('asking for one finds it; they can be followed; their maker may change them', async (t) => {
  const article = await draft(room, { as: 'author' })
  await publish(article, {}, { as: 'author' })
  const [link] = (await linksOf(article)).filter(({ channel }) => channel === 'telegram')
  const found = await api('POST /v1/share-links', {
    as: 'author',
    body: { articleId: article.id, channel: 'telegram' },
    expect: 200
  })
  t.same(found.body, link)
  const { headers } = await api(`GET /s/${link.code}`, { expect: 302 })
  t.match(
    headers.get('location'),
    `https://news.example/en/${article.slug}?utm_source=telegram&utm_medium=social`
  )
  const { body } = await api(`PATCH /v1/share-links/${link.id}`, {
    as: 'author',
    ifMatch: 1,
    body: { code: unique('own') },
    expect: 200
  })
  await api(`GET /s/${link.code}`, { expect: 302 })
  await api(`GET /s/${body.code}`, { expect: 302 })
})

t.test('publishing again makes none, and brings none back that was archived', async (t) => {
  const article = await draft(room)
  const first = await publish(article, { liveFrom: Y2089 })
  const [gone] = (await linksOf(article)).filter(({ channel }) => channel === 'facebook')
  await api(`DELETE /v1/share-links/${gone.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  const before = await linksOf(article)
  t.equal(before.length, all.length - 1)
  // Its timeline is empty again: the next one is a first one.
  await cancel(first, { expect: 200 })
  await publish(article)
  await publish(await patch(article, { headline: 'Other' }))
  await unpublish(article, { expect: 200 })
  await publish({ ...article, version: 2 })
  t.same(await linksOf(article), before)
})

t.test('one that was made before stays the only one of its channel', async (t) => {
  const article = await draft(room)
  const own = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: article.id, channel: 'x', code: unique('own'), maxClicks: 7 },
      expect: 201
    })
  ).body
  const other = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: article.id, channel: 'x', campaign: 'spring' },
      expect: 201
    })
  ).body
  await publish(article)
  const links = await linksOf(article)
  t.same(
    links.filter(({ channel, campaign }) => channel === 'x' && campaign === ''),
    [own]
  )
  t.same(
    links.filter(({ campaign }) => campaign === 'spring'),
    [other]
  )
  t.equal(links.length, all.length + 1)
})

t.test('a publication that is refused makes none', async (t) => {
  const [first, second] = [await draft(room), await draft(room)]
  await publish(first)
  // Taken between the check of slugs and this: only the timeline refuses it.
  await db.query({ text: 'UPDATE articles SET slug = slug || $2::text WHERE id = $1::uuid' }, [
    first.id,
    '-moved'
  ])
  const same = await patch(second, { slug: first.slug })
  await refused(
    t,
    room,
    `POST /v1/articles/${second.id}/publications`,
    { as: 'editor', ifMatch: same.version, body: {} },
    '409 slug_promised'
  )
  t.same(await linksOf(second), [])
})

t.test('in bulk, each article has its own', async (t) => {
  const articles = [await draft(room), await draft(room), await draft(room)]
  const items = articles.map(({ id, version }) => ({ id, version }))
  await api('POST /v1/articles/bulk', { as: 'editor', body: { action: 'publish', items }, expect: 200 })
  for (const article of articles) t.same(await channelsOf(article), sorted(...all))
})

t.test('the site says which channels', async (t) => {
  const russian = await draft(room, { locale: 'ru' })
  await site('ru', { shareChannels: ['telegram', 'x'] })
  await publish(russian)
  t.same(await channelsOf(russian), sorted('telegram', 'x', 'copy', 'qr'))

  await t.test('a locale without a site follows the default one', async (t) => {
    await site('en', { shareChannels: ['email'] })
    const latvian = await draft(room, { locale: 'lv' })
    await publish(latvian)
    t.same(await channelsOf(latvian), sorted('email', 'copy', 'qr'))

    await t.test('a channel added to it is filled in there too, and nowhere else', async (t) => {
      const scheduled = await draft(room)
      await publish(scheduled, { liveFrom: Y2089 })
      const ended = await draft(room)
      await publish(ended)
      await unpublish(ended, { expect: 200 })
      const unpublished = await draft(room)
      const before = await linksOf(latvian)
      await tellsOnce(t, room, { event: 'site.updated' }, () =>
        site('en', { shareChannels: ['reddit', 'email'] })
      )
      for (const article of [scheduled, ended, latvian])
        t.same(await channelsOf(article), sorted('email', 'reddit', 'copy', 'qr'))
      t.same(await channelsOf(russian), sorted('telegram', 'x', 'copy', 'qr'))
      t.same(await linksOf(unpublished), [])
      t.same(
        (await linksOf(latvian)).filter(({ channel }) => channel !== 'reddit'),
        before,
        'what is there stays'
      )
      t.ok(
        (await linksOf(latvian)).every(({ createdBy }) => createdBy === room.userIds.editor),
        'who published'
      )
    })

    await t.test('a site of its own: what it asks for is filled in', async (t) => {
      await site('lv', { shareChannels: ['threads'] })
      t.same(await channelsOf(latvian), sorted('email', 'reddit', 'threads', 'copy', 'qr'))
    })

    await t.test('another default site: who has none follows that', async (t) => {
      const estonian = await draft(room, { locale: 'et' })
      await publish(estonian)
      await site('ru', { isDefault: true })
      t.same(await channelsOf(estonian), sorted('reddit', 'email', 'telegram', 'x', 'copy', 'qr'))
      await site('en', { isDefault: true })
    })
  })

  await t.test('a channel taken away keeps its links', async (t) => {
    await site('ru', { shareChannels: [] })
    t.same(await channelsOf(russian), sorted('telegram', 'x', 'copy', 'qr'))
    const another = await draft(room, { locale: 'ru' })
    await publish(another)
    t.same(await channelsOf(another), ['copy', 'qr'])
  })

  for (const [shareChannels, pointer] of [
    [['x', 'x'], '/shareChannels'],
    [['copy'], '/shareChannels/0'],
    [['qr'], '/shareChannels/0'],
    [['other'], '/shareChannels/0'],
    [['myspace'], '/shareChannels/0'],
    ['x', '/shareChannels'],
    [null, '/shareChannels']
  ] as const) {
    const { version } = (await api('GET /v1/site/ru', { as: 'editor' })).body
    const options = { as: 'editor', ifMatch: version, body: { shareChannels } } as const
    await refused(t, room, 'PATCH /v1/site/ru', options, '400 invalid_request', pointer)
  }
})

t.test('who is published while a channel is added has it', async (t) => {
  await site('en', { shareChannels: ['x'] })
  const articles: Article[] = []
  for (let index = 0; index < 24; index++) articles.push(await draft(room))
  const rest = ['facebook', 'telegram', 'whatsapp']
  const adding = async () => {
    for (let index = 1; index <= rest.length; index++)
      await site('en', { shareChannels: ['x', ...rest.slice(0, index)] })
  }
  await Promise.all([adding(), ...articles.map((article) => publish(article))])
  for (const article of articles) t.same(await channelsOf(article), sorted('x', ...rest, 'copy', 'qr'))
})

// Embedded, transactions are served one after another.
t.test(
  'one that is being published when a channel is added is waited for',
  { skip: db.embedded },
  async (t) => {
    await site('en', { shareChannels: ['x'] })
    const article = await draft(room)
    const waiting = async (condition: string) => {
      const end = Date.now() + 1_500
      while (Date.now() < end) {
        const found = await ask<number>(
          room,
          `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND ${condition}`
        )
        if (found > 0) return
      }
    }
    const writesEvent = `query LIKE 'INSERT INTO%events%'`
    const work: Promise<unknown>[] = []
    await db.session('dateline: test', (session) =>
      session.transaction(async () => {
        // Whoever has an event to write stops there, with all else done and not committed.
        await session.query('LOCK TABLE events IN EXCLUSIVE MODE')
        work.push(publish(article))
        await waiting(writesEvent)
        work.push(site('en', { shareChannels: ['x', 'reddit'] }))
        await waiting(`wait_event = 'advisory'`)
      })
    )
    await Promise.all(work)
    t.same(await channelsOf(article), sorted('x', 'reddit', 'copy', 'qr'))
  }
)

t.test('before the first site, and in the code, the same channels', async (t) => {
  const blank = (await api('GET /v1/site/xx', { as: 'editor', expect: 200 })).body
  t.same(blank.shareChannels, networks)
  const { rows } = await db.session('dateline: test', async (session) => {
    await session.query('BEGIN')
    await session.query('DELETE FROM sites')
    const rows = await session.query<{ channels: string[] }>(`SELECT share_channels('xx') AS channels`)
    await session.query('ROLLBACK')
    return { rows }
  })
  t.same(rows[0]?.channels, networks)
})

t.test('codes made by the database are as random as others', async (t) => {
  const codes = await db.query<{ code: string }>(
    { text: 'SELECT new_share_code() AS code FROM generate_series(1, 10000)' },
    []
  )
  const letters = '23456789abcdefghjkmnpqrstuvwxyz'
  t.ok(codes.every(({ code }) => code.length === 8))
  t.equal(new Set(codes.map(({ code }) => code)).size, codes.length)
  /** How far the counts of letters are from those of a fair draw. Of 30 degrees of freedom: over 82 once in a million. */
  const chiOf = (drawn: string[]) => {
    const counts = new Map([...letters].map((letter) => [letter, 0]))
    for (const letter of drawn) counts.set(letter, (counts.get(letter) ?? Number.NaN) + 1)
    const expected = drawn.length / letters.length
    return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  }
  const all = chiOf(codes.flatMap(({ code }) => [...code]))
  t.ok(all < 82, `all letters: ${all}`)
  for (let place = 0; place < 8; place++) {
    const chi = chiOf(codes.map(({ code }) => code[place] as string))
    t.ok(chi < 82, `place ${place}: ${chi}`)
  }
})

t.test('a code that somebody else was given meanwhile is drawn again', async (t) => {
  await site('en', { shareChannels: ['x', 'facebook'] })
  const taken = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: (await draft(room)).id, channel: 'other', code: 'taken-already' },
      expect: 201
    })
  ).body
  const draw = await ask<string>(room, `SELECT pg_get_functiondef('new_share_code'::regproc)`)
  await db.query({ text: 'CREATE SEQUENCE draws' }, [])
  await db.query(
    {
      text: `CREATE OR REPLACE FUNCTION new_share_code() RETURNS text LANGUAGE sql VOLATILE AS
        $$ SELECT CASE WHEN n = 3 THEN 'taken-already' ELSE 'draw-' || n END FROM nextval('draws') n $$`
    },
    []
  )
  const article = await draft(room)
  await publish(article)
  const links = await linksOf(article)
  t.same(sorted(...links.map(({ code }) => code)), ['draw-4', 'draw-5', 'draw-6', 'draw-7'])
  t.equal(
    await ask<string>(room, `SELECT share_link_id FROM share_codes WHERE code = 'taken-already'`),
    taken.id
  )
  await db.query({ text: draw }, [])
})
