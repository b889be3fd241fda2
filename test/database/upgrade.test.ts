/** Migrations over a newsroom that was there before them: every one applies, and readers find what they found. */
import t from 'tap'
import { openDatabase, prepareSchema } from '../../src/database/database.ts'
import { readMigrations } from '../../src/database/migrations.ts'
import { freshDatabase } from '../helper.ts'

/** The edition the newsroom comes from. */
const FORMER = '20261124220000_editors_day'
const id = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
const [desk, topic, writer] = [id(1), id(2), id(3)]

const { settings, drop } = await freshDatabase()
const db = await openDatabase(settings)
t.teardown(async () => {
  await db.close()
  await drop()
})

type Row = { article: number; from: string; until?: string; minor?: boolean; withdrawn?: boolean }
/** One that was corrected twice, the last time in something minor; one that ended; one that was withdrawn; one to come. */
const timeline: Row[] = [
  { article: 1, from: '2026-01-01', until: '2026-01-02' },
  { article: 1, from: '2026-01-02', until: '2026-01-03' },
  { article: 1, from: '2026-01-03', minor: true },
  { article: 2, from: '2026-02-01', until: '2026-02-02' },
  { article: 3, from: '2026-03-01', until: '2026-03-02', withdrawn: true },
  { article: 4, from: '2089-01-01' }
]

t.test('a newsroom of the edition before', async (t) => {
  const migrations = readMigrations()
  const former = migrations.filter(({ name }) => name <= FORMER)
  const later = migrations.filter(({ name }) => name > FORMER).map(({ name }) => name)
  await db.alone(async (client) => {
    await client.query('DROP SCHEMA public CASCADE')
    await client.query('CREATE SCHEMA public')
    await client.query(`
      CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL,
        logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`)
    for (const [index, { name, sql, checksum }] of former.entries()) {
      await client.query(sql)
      await client.query(
        'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
        [id(index), checksum, name]
      )
    }
    await client.query(
      `INSERT INTO users (id, email, name, role) VALUES ('${desk}', 'desk@example.org', 'Desk', 'editor')`
    )
    await client.query(
      `INSERT INTO tags (id, kind, slug, names) VALUES ('${topic}', 'topic', 'ferries', '{"en": "Ferries"}')`
    )
    await client.query(`INSERT INTO authors (id, slug, name) VALUES ('${writer}', 'edda-holm', 'Edda Holm')`)
    for (const [
      index,
      { article, from, until = null, minor = false, withdrawn = false }
    ] of timeline.entries()) {
      const [articleId, storyId] = [id(100 + article), id(200 + article)]
      const first = timeline.find((row) => row.article === article) as Row
      const slug = `story-${article}`
      await client.query(
        `INSERT INTO articles (id, story_id, locale, slug, headline, seo, content_hash, created_by) VALUES ($1, $2, 'en', $3, 'Fog', '{}', 'x', $4) ON CONFLICT (id) DO NOTHING`,
        [articleId, storyId, slug, desk]
      )
      await client.query(
        `INSERT INTO revisions (article_id, version, content, content_hash, created_by) VALUES ($1, $2, '{}', 'x', $3)`,
        [articleId, index + 1, desk]
      )
      await client.query(
        `INSERT INTO publications (id, article_id, story_id, locale, slug, version, content_hash, live_from, live_until, published_at, headline, kicker, standfirst,
           body, body_html, body_text, source, dateline, breaking, accessible_for_free, sensitive, seo, word_count, created_by, minor, withdrawn)
         VALUES ($1, $2, $3, 'en', $4, $5, 'x', $6, $7, $8, 'Fog over the sound', '', '', '[]', '', 'Lighthouses', '{"name": "Tide"}', '', false, true, false, '{}', 1, $9, $10, $11)`,
        [
          id(300 + index),
          articleId,
          storyId,
          slug,
          index + 1,
          `${from}T00:00:00Z`,
          until && `${until}T00:00:00Z`,
          `${first.from}T00:00:00Z`,
          desk,
          minor,
          withdrawn
        ]
      )
      for (const [table, column, what] of [
        ['publication_tags', 'tag_id', topic],
        ['publication_authors', 'author_id', writer]
      ])
        await client.query(
          `INSERT INTO ${table} (publication_id, ${column}, position, article_id, locale, published_at) VALUES ($1, $2, 0, $3, 'en', $4)`,
          [id(300 + index), what, articleId, `${first.from}T00:00:00Z`]
        )
    }
  })

  t.same(await db.alone(prepareSchema), later)
  const all = <T extends object>(text: string) => db.query<T>({ text }, [])
  const updated = await all<{ updated: string }>(
    `SELECT to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS updated FROM publications ORDER BY id`
  )
  t.same(
    updated.map((row) => row.updated),
    ['2026-01-01', '2026-01-02', '2026-01-02', '2026-02-01', '2026-03-01', '2089-01-01'],
    'what is minor keeps the time before it'
  )
  for (const table of ['publication_tags', 'publication_authors']) {
    const windows = await all<{ until: string }>(
      `SELECT left(x.live_until::text, 10) AS until FROM ${table} x JOIN publications p ON p.id = x.publication_id
       WHERE x.live_from = p.live_from AND x.updated_at = p.updated_at ORDER BY p.id`
    )
    t.same(
      windows.map((row) => row.until),
      ['2026-01-02', '2026-01-03', 'infinity', '2026-02-02', '-infinity', 'infinity'],
      table
    )
  }
  const found = await all<{ found: number }>(
    `SELECT count(*)::int AS found FROM publication_search s JOIN publications p ON p.id = s.publication_id
     WHERE s.vector @@ plainto_tsquery('dateline_english', 'lighthouse fog') AND s.vector @@ ('''#${topic}''')::tsquery
       AND (s.live_from, s.withdrawn) = (p.live_from, p.withdrawn) AND s.live_until IS NOT DISTINCT FROM p.live_until`
  )
  t.equal(found[0]?.found, timeline.length, 'all of it can be searched')
  t.same(
    (await all<{ word: string }>(`SELECT word FROM search_words ORDER BY word`)).map(({ word }) => word),
    ['edda', 'ferries', 'holm', 'lighthouses', 'over', 'sound', 'tide']
  )
  t.equal((await all(`SELECT FROM search_names WHERE words @@ 'ferri' OR words @@ 'holm'`)).length, 2)
  t.same(
    await all(`SELECT slug, type, reason FROM changes`),
    [{ slug: 'story-1', type: 'upsert', reason: 'published' }],
    'what is live is what is told first'
  )
  t.same(
    await all(
      `SELECT l.article_id AS id, count(*)::int AS links, count(DISTINCT c.code)::int AS codes, count(t.share_link_id)::int AS totals
       FROM share_links l JOIN share_codes c ON c.share_link_id = l.id JOIN share_link_totals t ON t.share_link_id = l.id
       WHERE l.created_by = '${desk}' GROUP BY 1 ORDER BY 1`
    ),
    [1, 2, 3, 4].map((article) => ({ id: id(100 + article), links: 11, codes: 11, totals: 11 })),
    'what is on the timeline has its share links'
  )
  // Its triggers are in force.
  await all(`UPDATE publications SET live_until = '2026-12-31', headline = 'Gale' WHERE id = '${id(302)}'`)
  t.match(
    await all(
      `SELECT to_char(x.live_until AT TIME ZONE 'UTC', 'YYYY') AS until, s.vector @@ 'gale'::tsquery AS found FROM publication_tags x
       JOIN publication_search s USING (publication_id) WHERE publication_id = '${id(302)}'`
    ),
    [{ until: '2026', found: true }]
  )
})

t.test('what an article’s words cost does not grow with the words there are', async (t) => {
  await db.session('dateline: test', (session) =>
    session.transaction(async () => {
      // As at an upgrade: nobody has counted the words yet, and one plan serves for all articles.
      await session.query(`
        SELECT learn_words('xx', (SELECT string_agg(translate(left(md5(n || '-' || m), 12), '0123456789', 'ghijklmnop'), ' ') FROM generate_series(1, 100) m))
        FROM generate_series(1, 30) n`)
      const [row] = await session.query<{ words: number; read: number }>(`
        SELECT (SELECT count(*)::int FROM search_words WHERE locale = 'xx') AS words, (seq_tup_read + idx_tup_fetch)::int AS read
        FROM pg_stat_xact_user_tables WHERE relname = 'search_words'`)
      t.equal(row?.words, 3_000)
      t.ok((row?.read ?? 0) < 10_000, `${row?.read} rows were read`)
    })
  )
})
