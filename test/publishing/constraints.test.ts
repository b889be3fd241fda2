import t from 'tap'
import type { Article } from '../articles/states.ts'
import { draft, newsroom, story, unique } from '../helper.ts'

const room = await newsroom(t)
const { api, db } = room

const sql = (text: string, ...values: unknown[]) => db.query<Record<string, unknown>>({ text }, values)
const publicationOf = async ({ id }: Article) =>
  (await sql('SELECT id FROM publications WHERE article_id = $1::uuid', id))[0]?.id as string

/** A copy of a publication with other values in some columns. */
const copy = (id: string, changes: object) =>
  sql(
    `INSERT INTO publications SELECT (json_populate_record(p, ($2::text)::json)).* FROM publications p WHERE p.id = $1::uuid`,
    id,
    JSON.stringify({ id: crypto.randomUUID(), ...changes })
  )

/** A publication from 2080 until 2081, of an article and slug of its own. */
async function bounded() {
  const article = await draft(room, {
    headline: unique('Bounded'),
    standfirst: '',
    body: { markdown: 'Plain.' }
  })
  const body = { liveFrom: '2080-01-01T00:00:00Z', liveUntil: '2081-01-01T00:00:00Z' }
  await api(`POST /v1/articles/${article.id}/publications`, { as: 'editor', ifMatch: 1, body, expect: 201 })
  return { article, id: await publicationOf(article) }
}

const overlapping = [
  ['2080-06-01Z', '2080-07-01Z'],
  ['2079-01-01Z', '2080-01-01T00:00:00.001Z'],
  ['2080-12-31T23:59:59.999Z', '2082-01-01Z'],
  ['2079-01-01Z', '2082-01-01Z'],
  ['2080-01-01Z', '2081-01-01Z'],
  ['2079-01-01Z', null],
  ['2080-12-31T23:59:59.999Z', null]
] as const
const apart = [
  ['2079-01-01Z', '2080-01-01Z'],
  ['2081-01-01Z', null]
] as const

t.test('two publications of an article cannot overlap', async (t) => {
  const { id } = await bounded()
  const plain = { planned_until: null, slug: unique('other') }
  for (const [live_from, live_until] of overlapping) {
    const refused = { code: '23P01', constraint: 'publications_one_per_article' }
    await t.rejects(copy(id, { ...plain, live_from, live_until }), refused, `${live_from} to ${live_until}`)
  }
  for (const [live_from, live_until] of apart) {
    await t.resolves(copy(id, { ...plain, live_from, live_until }), `${live_from} to ${live_until}`)
  }
})

t.test('two publications under one slug of a locale cannot overlap', async (t) => {
  const { article, id } = await bounded()
  const other = await bounded()
  const plain = { planned_until: null, slug: article.slug }
  await sql(
    `UPDATE publications SET live_from = '2050-01-01Z', live_until = '2051-01-01Z', planned_until = NULL WHERE id = $1::uuid`,
    other.id
  )
  for (const [live_from, live_until] of overlapping) {
    const refused = { code: '23P01', constraint: 'publications_one_per_slug' }
    await t.rejects(
      copy(other.id, { ...plain, live_from, live_until }),
      refused,
      `${live_from} to ${live_until}`
    )
  }
  for (const [live_from, live_until] of apart) {
    await t.resolves(copy(other.id, { ...plain, live_from, live_until }), `${live_from} to ${live_until}`)
  }
  const third = await bounded()
  await t.resolves(
    sql(`UPDATE publications SET slug = $2::text, locale = 'ru' WHERE id = $1::uuid`, third.id, article.slug),
    'another locale'
  )
  t.equal(await publicationOf(article), id)
})

t.test('empty and inverted ranges are refused', async (t) => {
  const { id } = await bounded()
  for (const [live_from, live_until] of [
    ['2090-01-01Z', '2090-01-01Z'],
    ['2090-01-01Z', '2089-01-01Z']
  ]) {
    await t.rejects(copy(id, { live_from, live_until, planned_until: null }), {
      code: '23514',
      constraint: 'publications_not_empty'
    })
    await t.rejects(
      sql(
        'UPDATE publications SET live_from = $2::timestamptz, live_until = $3::timestamptz, planned_until = NULL WHERE id = $1::uuid',
        id,
        live_from,
        live_until
      ),
      { code: '23514' }
    )
  }
})

t.test('a row lives no longer than was planned', async (t) => {
  const { id } = await bounded()
  for (const live_until of [null, '2081-01-01T00:00:00.001Z']) {
    await t.rejects(
      sql('UPDATE publications SET live_until = $2::timestamptz WHERE id = $1::uuid', id, live_until),
      { code: '23514', constraint: 'publications_within_plan' }
    )
  }
  await t.resolves(sql(`UPDATE publications SET live_until = '2080-02-01Z' WHERE id = $1::uuid`, id))
})

t.test('a publication is of a revision there is', async (t) => {
  const { id } = await bounded()
  await t.rejects(sql('UPDATE publications SET version = 2 WHERE id = $1::uuid', id), {
    code: '23503',
    constraint: 'publications_revision'
  })
})

t.test('one UPDATE moves the boundary between neighbours', async (t) => {
  const { article, id } = await bounded()
  await copy(id, { live_from: '2081-01-01Z', live_until: null, planned_until: null })
  for (const boundary of ['2080-03-01Z', '2082-09-01Z', '2080-01-01T00:00:00.001Z']) {
    await sql(
      `UPDATE publications SET planned_until = NULL,
         live_from = CASE WHEN id = $1::uuid THEN live_from ELSE $2::timestamptz END,
         live_until = CASE WHEN id = $1::uuid THEN $2::timestamptz ELSE live_until END
       WHERE article_id = $3::uuid`,
      id,
      boundary,
      article.id
    )
    const rows = await sql(
      'SELECT live_from, live_until FROM publications WHERE article_id = $1::uuid ORDER BY live_from',
      article.id
    )
    t.equal(rows.length, 2)
    t.same(rows[0]?.live_until, new Date(boundary))
    t.same(rows[1]?.live_from, new Date(boundary))
  }
})

t.test('one UPDATE swaps the slugs of two live publications', async (t) => {
  const [one, two] = [await story(room), await story(room)]
  const swap =
    'UPDATE publications SET slug = CASE slug WHEN $1::text THEN $2::text ELSE $1::text END WHERE slug IN ($1::text, $2::text)'
  await sql(swap, one.slug, two.slug)
  t.equal((await api(`GET /v1/content/articles/${one.slug}`, { expect: 200 })).body.id, two.id)
  t.equal((await api(`GET /v1/content/articles/${two.slug}`, { expect: 200 })).body.id, one.id)
  await t.rejects(sql('UPDATE publications SET slug = $1::text WHERE slug = $2::text', one.slug, two.slug), {
    code: '23P01',
    constraint: 'publications_one_per_slug'
  })
})

t.test('one UPDATE swaps the slugs of two articles', async (t) => {
  const [one, two] = [await draft(room), await draft(room)]
  const swap =
    'UPDATE articles SET slug = CASE id WHEN $1::uuid THEN $4::text ELSE $3::text END WHERE id IN ($1::uuid, $2::uuid)'
  await sql(swap, one.id, two.id, one.slug, two.slug)
  const slugs = await sql(
    'SELECT slug FROM articles WHERE id IN ($1::uuid, $2::uuid) ORDER BY id',
    one.id,
    two.id
  )
  t.same(
    slugs.map(({ slug }) => slug),
    [two.slug, one.slug]
  )
  await t.rejects(sql('UPDATE articles SET slug = $2::text WHERE id = $1::uuid', one.id, one.slug), {
    code: '23P01',
    constraint: 'articles_slug'
  })
})

t.test('the trash frees a slug and a story’s locale; outside it each is there once', async (t) => {
  const [one, two] = [await draft(room), await draft(room)]
  const take = (column: string, value: string) =>
    sql(`UPDATE articles SET ${column} = $2 WHERE id = $1::uuid`, two.id, value)
  await t.rejects(take('slug', one.slug), { code: '23P01', constraint: 'articles_slug' })
  await t.rejects(take('story_id', one.storyId), { code: '23P01', constraint: 'articles_story' })
  await api(`DELETE /v1/articles/${one.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  await t.resolves(take('slug', one.slug))
  await t.resolves(take('story_id', one.storyId))
})

t.test('a revision is never changed', async (t) => {
  const { id } = await draft(room)
  for (const set of [
    `content = '{}'`,
    `message = 'Nicer'`,
    'version = 2',
    'created_at = now()',
    'created_by = created_by'
  ]) {
    await t.rejects(
      sql(`UPDATE revisions SET ${set} WHERE article_id = $1::uuid`, id),
      { code: '23000' },
      set
    )
  }
})
