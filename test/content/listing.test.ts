/** Lists of live articles: members, orders, walks; what is related, what is counted, what is read most. */
import fc from 'fast-check'
import t from 'tap'
import type { Article } from '../articles/states.ts'
import { author, newsroom, type Options, story, tag, unique } from '../helper.ts'
import { desk } from '../publishing/desk.ts'

const room = await newsroom(t)
const { api, db } = room
const { clock, patch, publish, read, unpublish, withdraw } = desk(room)

type Item = Article
const get = (query: string, options: Options = {}) =>
  api(`GET /v1/content/articles${query}`, { expect: 200, ...options })
const items = async (query: string): Promise<Item[]> => (await get(query)).body.data
const idsOf = (list: Item[]) => list.map(({ id }) => id)
const hours = (count: number) => count * 3_600_000

/**
 * Moves what an article has on the timeline into the past: `begin` says, in hours ago, when each row began, earliest
 * first. All but the last end where the next begins.
 */
async function past({ id }: Article, begin: number[], now: Date, end: number | null = null) {
  await db.query(
    {
      text: `
        WITH given AS (
          SELECT row_number() OVER (ORDER BY live_from) AS place, id FROM publications WHERE article_id = $1::uuid
        ), moved AS (
          SELECT g.id, ($2::timestamptz[])[g.place] AS live_from, coalesce(($2::timestamptz[])[g.place + 1], $3::timestamptz) AS live_until FROM given g
        )
        UPDATE publications p SET live_from = m.live_from, live_until = m.live_until, planned_until = NULL, published_at = ($2::timestamptz[])[1]
        FROM moved m WHERE m.id = p.id`
    },
    [
      id,
      begin.map((ago) => new Date(now.getTime() - hours(ago)).toISOString()),
      end === null ? null : new Date(now.getTime() - hours(end)).toISOString()
    ]
  )
}

/** All pages from a cursor on, by `next` or `prev`, and what leads back from the last of them. */
async function walk(query: string, way: 'next' | 'prev' = 'next', from: string | null = null) {
  const pages: Item[][] = []
  for (let cursor = from; ; ) {
    const { data, page } = (await get(`${query}${cursor ? `&cursor=${cursor}` : ''}`)).body
    pages.push(data)
    cursor = page[way]
    if (cursor === null) return { pages, prev: page.prev as string | null }
  }
}

t.test('`fields` gives these members and no others; `include` adds to them', async (t) => {
  const topic = await tag(room)
  const writer = await author(room)
  const source = { name: 'Tide', url: 'https://tide.example/' }
  const made = await story(room, { tags: [topic.id], authors: [writer.id], source })
  const corrected = await patch(made, { kicker: 'Again' })
  await publish(corrected, { correction: 'It was Tuesday.' })
  const [whole] = await items(`?tag=${topic.slug}`)
  const all = Object.keys(whole)
  t.ok(all.length > 20)
  const rows: [query: string, members: string[]][] = [
    ...all.map((field): [string, string[]] => [`fields=${field}`, [field]]),
    ['fields=headline,slug', ['slug', 'headline']],
    ['fields=slug,slug,url', ['slug', 'url']],
    ['fields=headline&include=tags', ['headline', 'tags']],
    ['fields=headline&include=tags,authors', ['headline', 'authors', 'tags']],
    ['fields=tags&include=authors,tags', ['authors', 'tags']],
    ['include=tags', all],
    ['include=tags,authors', all],
    [`fields=${all}`, all]
  ]
  for (const [query, members] of rows) {
    for (const lead of [`tag=${topic.slug}`, `author=${writer.slug}`, 'source=Tide', 'limit=1']) {
      const [item] = await items(`?${lead}&${query}`)
      t.same(
        Object.keys(item),
        all.filter((member) => members.includes(member)),
        `${lead} ${query}`
      )
      for (const member of members) t.same(item[member], whole[member], `${lead} ${query}: ${member}`)
    }
  }
  const refused: [query: string, name: string][] = [
    ['fields=body', 'fields'],
    ['fields=', 'fields'],
    ['fields=slug,', 'fields'],
    ['fields=slug&fields=url', 'fields'],
    ['fields=createdBy', 'fields'],
    ['include=share', 'include'],
    ['include=tags,body', 'include'],
    ['sort=headline', 'sort'],
    ['sort=-publishedAt,slug', 'sort']
  ]
  for (const [query, name] of refused) {
    const { body } = await get(`?${query}`, { expect: 400 })
    t.equal(body.errors[0].pointer, `/query/${name}`, query)
  }
  const first = (await get(`?fields=slug&limit=1`)).body.page.next
  await get(`?fields=headline&limit=1&cursor=${first}`, { expect: 400 })
})

t.test('four orders and all filters, against a plain list of random timelines', async (t) => {
  const tags = [await tag(room), await tag(room), await tag(room)]
  const writers = [await author(room), await author(room)]
  const now = await clock()
  const timelines = fc.sample(
    fc.record({
      rows: fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
      minor: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      tags: fc.subarray([0, 1, 2]),
      writers: fc.subarray([0, 1]),
      source: fc.constantFrom('Reed', 'Sand', null),
      fate: fc.constantFrom('live', 'live', 'live', 'ended', 'withdrawn')
    }),
    { numRuns: 24, seed: 7 }
  )
  type Known = {
    id: string
    publishedAt: number
    updatedAt: number
    tags: number[]
    writers: number[]
    source: string | null
  }
  const known: Known[] = []
  for (const { rows, minor, fate, source, ...has } of timelines) {
    const begin = rows.toSorted((a, b) => b - a)
    let article = await story(room, {
      locale: 'ru',
      tags: has.tags.map((index) => tags[index].id),
      authors: has.writers.map((index) => writers[index].id),
      source: source && { name: source, url: 'https://source.example/' }
    })
    for (const [index] of begin.slice(1).entries()) {
      article = await patch(article, { kicker: `Change ${index}` })
      await publish(article, { minor: minor[index] })
    }
    await past(article, begin, now, fate === 'ended' ? 0.5 : null)
    if (fate === 'withdrawn') await withdraw(article, { expect: 200 })
    // The model: a minor row keeps the time before it.
    let updated = begin[0] as number
    for (const [index, ago] of begin.slice(1).entries()) if (!minor[index]) updated = ago
    const at = (ago: number) => now.getTime() - hours(ago)
    if (fate === 'live')
      known.push({
        id: article.id,
        publishedAt: at(begin[0] as number),
        updatedAt: at(updated),
        source,
        ...has
      })
  }
  t.ok(known.length > 8, `${known.length} are live`)
  t.ok(known.some(({ publishedAt, updatedAt }) => publishedAt !== updatedAt))

  const after = new Date(now.getTime() - hours(200)).toISOString()
  const filters: [query: string, has: (one: Known) => boolean][] = [
    ['', () => true],
    [`&tag=${tags[0].slug}`, (one) => one.tags.includes(0)],
    [`&tag=${tags[0].slug}&tag=${tags[1].slug}`, (one) => one.tags.includes(0) || one.tags.includes(1)],
    [
      `&tag=${tags[0].slug}&tag=${tags[1].slug}&tagMode=all`,
      (one) => one.tags.includes(0) && one.tags.includes(1)
    ],
    [
      `&tag=${tags[2].slug}&excludeTag=${tags[0].slug}`,
      (one) => one.tags.includes(2) && !one.tags.includes(0)
    ],
    [
      `&excludeTag=${tags[0].slug}&excludeTag=${tags[1].slug}`,
      (one) => !one.tags.includes(0) && !one.tags.includes(1)
    ],
    [`&author=${writers[0].slug}`, (one) => one.writers.includes(0)],
    [
      `&author=${writers[0].slug}&excludeTag=${tags[1].slug}`,
      (one) => one.writers.includes(0) && !one.tags.includes(1)
    ],
    [
      `&author=${writers[1].slug}&tag=${tags[0].slug}&tag=${tags[2].slug}`,
      (one) => one.writers.includes(1) && (one.tags.includes(0) || one.tags.includes(2))
    ],
    ['&source=Reed', (one) => one.source === 'Reed'],
    [`&source=Sand&tag=${tags[1].slug}`, (one) => one.source === 'Sand' && one.tags.includes(1)],
    [`&publishedAfter=${after}`, (one) => one.publishedAt >= Date.parse(after)],
    [
      `&publishedBefore=${after}&author=${writers[0].slug}`,
      (one) => one.publishedAt < Date.parse(after) && one.writers.includes(0)
    ],
    [
      `&tag=${tags[0].slug}&tag=${tags[1].slug}&source=Reed&publishedAfter=${after}`,
      (one) =>
        (one.tags.includes(0) || one.tags.includes(1)) &&
        one.source === 'Reed' &&
        one.publishedAt >= Date.parse(after)
    ]
  ]
  for (const [sort, by, sign] of [
    ['-publishedAt', 'publishedAt', -1],
    ['publishedAt', 'publishedAt', 1],
    ['-updatedAt', 'updatedAt', -1],
    ['updatedAt', 'updatedAt', 1]
  ] as const) {
    for (const [filter, has] of filters) {
      const expected = known
        .filter(has)
        .sort((a, b) => sign * (a[by] - b[by] || (a.id < b.id ? -1 : 1)))
        .map((one) => [
          one.id,
          new Date(one.publishedAt).toISOString(),
          new Date(one.updatedAt).toISOString()
        ])
      const shown = (pages: Item[][]) => pages.flat().map((one) => [one.id, one.publishedAt, one.updatedAt])
      const query = `?locale=ru&limit=3&sort=${sort}${filter}`
      const { pages: forth, prev } = await walk(query)
      t.same(shown(forth), expected, `${sort} ${filter} forth`)
      if (forth.length < 3 || filter.includes('Before')) continue
      // Back again from the last page: what was before it, in the same order.
      const back = (await walk(query, 'prev', prev)).pages.reverse()
      t.same(shown(back), expected.slice(0, (forth.length - 1) * 3), `${sort} ${filter} back`)
    }
  }

  await t.test('counts are what a plain count says, also at other moments', async (t) => {
    for (const moment of [now, new Date(now.getTime() - hours(20)), new Date(now.getTime() - hours(150))]) {
      const at = `at=${encodeURIComponent(moment.toISOString())}`
      for (const [path, table, column, names] of [
        ['tags', 'publication_tags', 'tag_id', tags],
        ['authors', 'publication_authors', 'author_id', writers]
      ] as const) {
        const counted = await db.query<{ id: string; count: number }>(
          {
            text: `SELECT x.${column} AS id, count(*)::int FROM ${table} x JOIN publications p ON p.id = x.publication_id
              WHERE p.locale = 'ru' AND NOT p.withdrawn AND p.live_from <= $1::timestamptz AND (p.live_until IS NULL OR p.live_until > $1::timestamptz) GROUP BY 1`
          },
          [moment.toISOString()]
        )
        const expected = names
          .map(({ id, slug }) => [slug, counted.find((row) => row.id === id)?.count ?? 0])
          .filter(([, count]) => count !== 0)
          .sort(([a], [b]) => (a < b ? -1 : 1))
        const query = `locale=ru&limit=1&${at}`
        const listed: [string, number][] = []
        for (let cursor = ''; ; ) {
          const { body } = await api(`GET /v1/content/${path}?${query}${cursor}`, {
            as: 'editor',
            expect: 200
          })
          listed.push(...body.data.map((one: Item) => [one.slug, one.articleCount]))
          if (body.page.next === null) break
          cursor = `&cursor=${body.page.next}`
        }
        t.same(listed, expected, `${path} ${at}`)
        for (const [slug, count] of expected) {
          const one = await api(`GET /v1/content/${path}/${slug}?locale=ru&${at}`, {
            as: 'editor',
            expect: 200
          })
          t.equal(one.body.articleCount, count)
        }
      }
    }
  })
})

t.test('what stands beside tags and authors is what the publications say', async (t) => {
  for (const table of ['publication_tags', 'publication_authors']) {
    const [row] = await db.query<{ all: number; wrong: number }>(
      {
        text: `SELECT count(*)::int AS all, (count(*) FILTER (WHERE x.live_from <> p.live_from OR x.updated_at <> p.updated_at OR x.published_at <> p.published_at
            OR x.live_until <> CASE WHEN p.withdrawn THEN '-infinity' ELSE coalesce(p.live_until, 'infinity') END))::int AS wrong
          FROM ${table} x JOIN publications p ON p.id = x.publication_id`
      },
      []
    )
    t.ok((row?.all ?? 0) > 20)
    t.equal(row?.wrong, 0, table)
  }
})

t.test('each steady row exactly once while a thousand others come and go', async (t) => {
  const label = await tag(room)
  const model = await story(room, { tags: [label.id] })
  const now = await clock()
  const STEADY = 300
  /**
   * Copies of one article, `<kind>-<n>` for every `step`th n. First published so many minutes earlier as `place` says, and
   * updated in quite another order; copies may share a moment. Each row is made in FROM, once: as
   * `(f(…)).*` it would be made for each of its columns.
   */
  const copy = async (kind: string, [from, to, step]: [number, number, number], place: string) => {
    const made = await db.query(
      {
        text: `
          WITH given AS (SELECT gen_random_uuid() AS id, gen_random_uuid() AS story_id, $5::text || n AS slug, ${place} AS place FROM generate_series($2::int, $3::int, $4::int) n),
            a AS (INSERT INTO articles SELECT x.* FROM articles o, given g,
              json_populate_record(o, json_build_object('id', g.id, 'story_id', g.story_id, 'slug', g.slug)) x WHERE o.id = $1::uuid),
            r AS (INSERT INTO revisions SELECT x.* FROM revisions o, given g, json_populate_record(o, json_build_object('article_id', g.id)) x WHERE o.article_id = $1::uuid)
          INSERT INTO publications SELECT x.* FROM publications o, given g, json_populate_record(o, json_build_object('id', gen_random_uuid(), 'article_id', g.id,
              'story_id', g.story_id, 'slug', g.slug, 'published_at', $6::timestamptz - (g.place + 2000) * interval '1 minute',
              'live_from', $6::timestamptz - (g.place * 7 % 1009) * interval '1 minute')) x WHERE o.article_id = $1::uuid RETURNING id`
      },
      [model.id, from, to, step, `${kind}-`, now.toISOString()]
    )
    await db.query(
      {
        text: `INSERT INTO publication_tags (publication_id, tag_id, position, article_id, locale, published_at)
          SELECT p.id, $1::uuid, 0, p.article_id, p.locale, p.published_at FROM publications p WHERE p.id = ANY ($2::uuid[])`
      },
      [label.id, made.map(({ id }) => id)]
    )
    return made.length
  }
  await copy('steady', [1, STEADY, 1], 'n * 3')
  await copy('fleeting', [0, 999, 1], 'n')

  // A tenth of them is away at any time: they come back at another place, and the next tenth goes.
  let away: number | null = null
  let place = 0
  const comeAndGo = async () => {
    const came: number = away === null ? 0 : await copy('fleeting', [away, 999, 10], `n + ${place}`)
    away = ((away ?? -1) + 1) % 10
    place = (place + 17) % 400
    const went = await db.query({ text: `DELETE FROM articles WHERE slug ~ $1::text RETURNING id` }, [
      `^fleeting-[0-9]*${away}$`
    ])
    return { came, went: went.length }
  }
  await comeAndGo()
  const steady = Array.from({ length: STEADY }, (_, index) => `steady-${index + 1}`).sort()
  for (const [filter, sort] of [
    ['', '-publishedAt'],
    ['', '-updatedAt'],
    [`&tag=${label.slug}`, '-publishedAt'],
    [`&tag=${label.slug}`, 'updatedAt']
  ] as const) {
    for (const way of ['next', 'prev'] as const) {
      const query = `?limit=90&fields=slug&sort=${sort}${filter}`
      const told = `${sort} ${filter} by ${way}`
      let shown = (await get(query)).body
      // Backwards from the far end.
      while (way === 'prev' && shown.page.next !== null)
        shown = (await get(`${query}&cursor=${shown.page.next}`)).body
      const seen: string[] = []
      const moved = { came: 0, went: 0 }
      for (;;) {
        seen.push(...shown.data.map(({ slug }: Item) => slug))
        const cursor = shown.page[way]
        if (cursor === null) break
        const { came, went } = await comeAndGo()
        moved.came += came
        moved.went += went
        shown = (await get(`${query}&cursor=${cursor}`)).body
      }
      t.same(seen.filter((slug) => slug.startsWith('steady-')).sort(), steady, `${told}: each once`)
      t.ok(moved.came >= 1_000 && moved.went >= 1_000, `${told}: ${moved.came} came and ${moved.went} went`)
      t.ok(seen.filter((slug) => slug.startsWith('fleeting-')).length > 500, `${told}: between them`)
    }
  }
  await db.query({ text: `DELETE FROM articles WHERE slug ~ '^(fleeting|steady)-'` }, [])
})

t.test('a page that has become empty leads back', async (t) => {
  const label = await tag(room)
  const all: Article[] = []
  for (let index = 0; index < 4; index++) all.unshift(await story(room, { tags: [label.id] }))
  const page = async (cursor: string | null) =>
    (await get(`?tag=${label.slug}&limit=2${cursor ? `&cursor=${cursor}` : ''}`)).body
  const first = await page(null)
  const second = await page(first.page.next)
  for (const gone of all.slice(2)) await unpublish(gone, { expect: 200 })
  const empty = await page(first.page.next)
  t.match(empty, { data: [], page: { hasMore: false, next: null, prev: String } })
  const back = await page(empty.page.prev)
  t.same(idsOf(back.data), idsOf(first.data), 'the row it began after is on it')
  for (const gone of all.slice(0, 2)) await unpublish(gone, { expect: 200 })
  const nothing = await page(second.page.prev)
  t.match(nothing, { data: [], page: { hasMore: false, next: String, prev: null } })
  t.match(await page(nothing.page.next), { data: [], page: { next: null, prev: String } })
  t.match(await page(null), { data: [], page: { next: null, prev: null } })
})

t.test('related: shared tags, rarer ones first, then the newest', async (t) => {
  const [common, rare, primary] = [await tag(room), await tag(room), await tag(room)]
  const now = await clock()
  const make = async (tags: Item[], ago: number, fields: object = {}) => {
    const made = await story(room, { tags: tags.map(({ id }) => id), ...fields })
    await past(made, [ago], now)
    return made
  }
  const main = await make([primary, common, rare], 1)
  const both = await make([rare, common], 50)
  const onlyRare = await make([rare], 60)
  const onlyPrimary = await make([primary], 70)
  const olderPrimary = await make([primary], 80)
  const fillers: Article[] = []
  for (let index = 0; index < 8; index++) fillers.push(await make([common], 10 + index))
  await make([common], 2, { locale: 'ru' })
  const ended = await make([rare, common, primary], 3)
  await unpublish(ended, { expect: 200 })
  const relatedOf = async ({ slug }: Article, more = '') =>
    (await get(`/${slug}?include=related${more}`)).body.related as Item[]
  const found = await relatedOf(main)
  t.same(
    idsOf(found),
    idsOf([onlyPrimary, olderPrimary, both, onlyRare, fillers[0], fillers[1]]),
    'twice for the primary tag, more for rare ones, then the newest'
  )
  t.same(
    found[2],
    (await items(`?tag=${rare.slug}&tag=${common.slug}&tagMode=all`)).find(({ id }) => id === both.id),
    'whole items'
  )
  t.notOk((await get(`/${main.slug}`)).body.related)
  t.same(await relatedOf(await story(room, { tags: [(await tag(room)).id] })), [], 'nobody shares its tag')
  t.same(await relatedOf(await story(room)), [], 'it has no tags')
  await get(`/${main.slug}?include=shares`, { expect: 400 })
  await get(`/${main.slug}?include=`, { expect: 400 })
  // A translation that was moved into the same language is still the same story.
  await db.query({ text: 'UPDATE publications SET story_id = $1::uuid WHERE article_id = $2::uuid' }, [
    main.storyId,
    onlyPrimary.id
  ])
  t.same(idsOf(await relatedOf(main)).slice(0, 2), idsOf([olderPrimary, both]), 'never a translation')
  for (const [ago, expected] of [
    [65, [onlyPrimary]],
    [75, []]
  ] as const) {
    const then = new Date(now.getTime() - hours(ago)).toISOString()
    const path = `/${olderPrimary.slug}?include=related&at=${then}`
    const { body } = await get(path, { as: 'editor' })
    t.same(idsOf(body.related), idsOf([...expected]), `what was live ${ago} hours ago`)
  }
})

t.test('trending: most read, newer views counting more', async (t) => {
  const trending = async (query = '', options: Options = {}) =>
    (await api(`GET /v1/content/trending${query}`, { expect: 200, ...options })).body
  const nothing = await trending()
  t.match(nothing, { data: [], window: '24h', computedAt: String })
  const now = await clock()
  t.ok(Math.abs(Date.parse(nothing.computedAt) - now.getTime()) < 60_000, 'by the clock of the database')
  const [fresh, old, ancient, gone, russian] = [
    await story(room),
    await story(room),
    await story(room),
    await story(room),
    await story(room, { locale: 'ru' })
  ]
  const count = (article: Article, ago: number, views: number) =>
    db.query(
      {
        text: `INSERT INTO article_views (article_id, hour, locale, views) VALUES ($1::uuid, date_trunc('hour', now() - $2::int * interval '1 hour', 'UTC'), $3::text, $4::bigint)`
      },
      [article.id, ago, article.locale, views]
    )
  await count(fresh, 2, 100)
  await count(old, 20, 500)
  await count(ancient, 160, 900)
  await count(gone, 2, 9000)
  await count(russian, 2, 70)
  await count(await draftOnly(), 2, 8000)
  await unpublish(gone, { expect: 200 })
  for (const [query, expected] of [
    ['', [fresh, old]],
    ['?window=24h', [fresh, old]],
    ['?window=1h', []],
    ['?window=7d', [old, fresh, ancient]],
    ['?window=7d&limit=1', [old]],
    ['?locale=ru', [russian]],
    ['?locale=hy', []]
  ] as const) {
    const { data } = await trending(query)
    t.same(idsOf(data), idsOf([...expected]), query)
  }
  const [first] = (await trending()).data
  t.same(
    first,
    (await items('?limit=100')).find(({ id }) => id === fresh.id),
    'a whole item'
  )
  // In sum: an article that is never first in an hour may be first in all.
  for (let ago = 3; ago < 20; ago++) await count(ancient, ago, 60)
  t.equal((await trending()).data[0].id, ancient.id)
  for (const [query, name] of [
    ['window=2h', 'window'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['cursor=a', 'cursor'],
    ['locale=EN', 'locale']
  ])
    t.equal((await trending(`?${query}`, { expect: 400 })).errors[0].pointer, `/query/${name}`)
  const later = new Date(now.getTime() + hours(1)).toISOString()
  t.equal((await trending(`?at=${later}`, { as: 'editor' })).data[0].id, ancient.id)
  await trending(`?at=${later}`, { as: 'author', expect: 403 })
  await unpublish(ancient, { expect: 200 })
  t.same(idsOf((await trending()).data), idsOf([fresh, old]))

  async function draftOnly() {
    const { body } = await api('POST /v1/articles', {
      as: 'editor',
      body: { locale: 'en', headline: unique('Draft') },
      expect: 201
    })
    return body
  }
})

t.test('a purged article takes its views along', async (t) => {
  const article = await story(room)
  await db.query(
    {
      text: `INSERT INTO article_views (article_id, hour, locale, views) VALUES ($1::uuid, '2026-01-01T00:00:00Z', 'en', 1)`
    },
    [article.id]
  )
  await t.rejects(
    db.query(
      {
        text: `INSERT INTO article_views (article_id, hour, locale, views) VALUES ($1::uuid, '2026-01-01T00:30:00Z', 'en', 1)`
      },
      [article.id]
    ),
    /article_views_whole_hour/
  )
  t.equal((await read(article)).id, article.id)
  await db.query({ text: 'DELETE FROM articles WHERE id = $1::uuid' }, [article.id])
  t.same(await db.query({ text: 'SELECT FROM article_views WHERE article_id = $1::uuid' }, [article.id]), [])
})
