/** Many articles at once are kept as an editor's requests would make them, one by one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createArticle } from '../../src/articles/articles.ts'
import { importForeign, type Order } from '../../src/importing/importing.ts'
import type { Line } from '../../src/importing/report.ts'
import { callerFor } from '../../src/importing/run.ts'
import { publish } from '../../src/publishing/publishing.ts'
import { type Newsroom, newsroom } from '../helper.ts'
import { wxrHead, wxrItem, wxrTail } from './made-up.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-batches-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let room: Newsroom
t.before(async () => {
  room = await newsroom(t)
})

let files = 0
function written(items: string) {
  const path = join(folder, `${++files}.xml`)
  writeFileSync(path, wxrHead() + items + wxrTail)
  return path
}
async function bring(items: string, order: Partial<Order> = {}) {
  const lines: Line[] = []
  const input = written(items)
  const totals = await importForeign(room.db, {
    ...{ input, source: `https://site-${files}.example`, ...order },
    onLine: (line) => lines.push(line)
  })
  return { totals, articles: lines.filter(({ kind }) => kind === 'article') }
}
const category = (nicename: string) =>
  `<category domain="category" nicename="${nicename}"><![CDATA[${nicename}]]></category>`
const posts = (
  name: string,
  count: number,
  more: (index: number) => Partial<Record<string, string>> = () => ({})
) =>
  Array.from({ length: count }, (_, index) =>
    wxrItem({
      ...{ 'wp:post_id': `${index}`, 'wp:post_name': `${name}-${index}`, title: `${name} ${index}` },
      ...{ link: `https://old.example/${name}/${index}/`, guid: '' },
      'content:encoded': `Words of ${name} ${index}`,
      ...(more(index) as Record<string, string>)
    })
  ).join('')

const ask = (text: string, values: unknown[] = []) => room.db.query<Record<string, unknown>>({ text }, values)
/** All that is there about these articles, with names instead of their ids, and without the moments of writing. */
async function traces(slugs: string[]) {
  const articles = await ask(
    'SELECT id, story_id, slug FROM articles WHERE slug = ANY ($1::text[]) ORDER BY slug',
    [slugs]
  )
  t.equal(articles.length, slugs.length)
  const ids = articles.map(({ id }) => id)
  const tables = [
    `SELECT to_jsonb(x) - '{created_at,updated_at,search}'::text[] AS row FROM articles x WHERE id = ANY ($1::uuid[]) ORDER BY slug`,
    `SELECT to_jsonb(x) - '{created_at}'::text[] AS row FROM revisions x WHERE article_id = ANY ($1::uuid[]) ORDER BY content ->> 'slug'`,
    `SELECT to_jsonb(x) - '{created_at}'::text[] AS row FROM publications x WHERE article_id = ANY ($1::uuid[]) ORDER BY slug, live_from`,
    `SELECT to_jsonb(x) AS row FROM publication_tags x JOIN publications p ON p.id = publication_id WHERE x.article_id = ANY ($1::uuid[]) ORDER BY p.slug, p.live_from, position`,
    `SELECT to_jsonb(x) AS row FROM publication_authors x JOIN publications p ON p.id = publication_id WHERE x.article_id = ANY ($1::uuid[]) ORDER BY p.slug, p.live_from, position`,
    `SELECT to_jsonb(x) AS row FROM publication_search x JOIN publications p ON p.id = publication_id WHERE x.article_id = ANY ($1::uuid[]) ORDER BY p.slug, p.live_from`,
    `SELECT jsonb_build_object('channel', channel, 'utm', utm, 'by', x.created_by) AS row FROM share_links x JOIN articles a ON a.id = article_id WHERE article_id = ANY ($1::uuid[]) ORDER BY slug, channel`,
    `SELECT to_jsonb(x) - '{id,number,position,at,sequenced_at}'::text[] AS row FROM events x JOIN articles a ON a.id = subject_id WHERE subject_id = ANY ($1::uuid[]) ORDER BY slug, x.id`,
    `SELECT to_jsonb(x) - '{id,position,at,hash}'::text[] AS row FROM audit x JOIN articles a ON a.id = resource_id WHERE resource_id = ANY ($1::uuid[]) ORDER BY slug, x.id`
  ]
  const found = []
  for (const table of tables) found.push((await ask(table, [ids])).map(({ row }) => row))
  let text = JSON.stringify(found)
  const names = new Map<string, string>()
  for (const { id, story_id, slug } of articles) {
    names.set(`${id}`, `article ${`${slug}`.replace(/^\w+-/, '')}`)
    names.set(`${story_id}`, `story ${`${slug}`.replace(/^\w+-/, '')}`)
  }
  let publications = 0
  for (const { id } of found[2] as { id: string }[]) names.set(id, `publication ${++publications}`)
  for (const [id, name] of names) text = text.replaceAll(id, name)
  return JSON.parse(text)
}

t.test('what is there afterwards is what an editor would have made, to the last row', async (t) => {
  const published = '2019-05-03 08:15:00'
  const changed = '2020-02-01 12:00:00'
  const ahead = '2100-02-01 12:00:00'
  const kinds: Record<string, string>[] = [
    {},
    { 'wp:post_modified_gmt': changed },
    { 'wp:post_date_gmt': ahead, 'wp:status': 'future' },
    { 'wp:status': 'draft', 'wp:post_name': 'bulk-3' }
  ]
  const items = kinds
    .map((more, index) =>
      wxrItem(
        {
          ...{ 'wp:post_id': `${index}`, 'wp:post_name': `bulk-${index}`, title: `Ferry ${index}` },
          ...{ 'wp:post_date_gmt': published, link: '', guid: '', 'excerpt:encoded': 'In two sentences.' },
          'content:encoded': '<p>Words of <strong>one</strong></p>',
          ...more
        },
        category('north') + category('south')
      )
    )
    .join('')
  const { totals } = await bring(items)
  t.match(totals, { refused: 0 })
  const tags = await room.db.prisma.tag.findMany({ where: { slug: { in: ['north', 'south'] } } })
  const author = await room.db.prisma.author.findFirstOrThrow({ where: { name: 'maya' } })
  const [imported] = await ask(
    `SELECT r.content, r.message FROM revisions r JOIN articles a ON a.id = article_id WHERE a.slug = 'bulk-0'`
  )
  const content = imported?.content as Record<string, unknown>
  const { user, actor } = await callerFor(room.db, undefined)
  for (const [index, more] of kinds.entries()) {
    const article = await createArticle(room.db, actor, user, {
      ...{ locale: 'en', headline: `Ferry ${index}`, standfirst: 'In two sentences.' },
      body: { blocks: content.body as never },
      authors: [author.id],
      tags: ['north', 'south'].map((slug) => tags.find((tag) => tag.slug === slug)?.id as string),
      accessibleForFree: true,
      seo: content.seo as never,
      message: imported?.message as string,
      slug: `once-${index}`
    })
    if (more['wp:status'] === 'draft') continue
    for (const moment of [more['wp:post_date_gmt'] ?? published, more['wp:post_modified_gmt']]) {
      const order = { liveFrom: moment && new Date(`${moment}Z`).toISOString() }
      if (order.liveFrom)
        await publish(room.db, actor, user, article.id, new Set([1]), order as never, { past: true })
    }
  }
  const named = (slug: string) => kinds.map((_, index) => `${slug}-${index}`)
  const plain = (rows: unknown) =>
    JSON.parse(
      JSON.stringify(rows)
        .replaceAll(/(bulk|once)-(\d)/g, 'it-$2')
        // Slugs are a part of what is hashed.
        .replaceAll(/"content_?hash":\s*"[^"]+"/gi, '"hash":""')
        .replaceAll(/"_key":\s*"[^"]+"/g, '"_key":""')
    )
  const [one, other] = [plain(await traces(named('bulk'))), plain(await traces(named('once')))]
  t.ok(one.every((rows: unknown[]) => rows.length >= 4))
  for (const [index, rows] of one.entries()) t.same(rows, other[index])
})

t.test('one that is refused leaves the others of its batch, each once', async (t) => {
  const bad = new Set([3, 11, 12])
  const { totals, articles } = await bring(
    posts('left', 30, (index) => (bad.has(index) ? { 'content:encoded': tooLong } : {}))
  )
  t.match(totals, { refused: 3 })
  t.same(
    articles.map(({ key, fate }) => [key, fate]),
    Array.from({ length: 30 }, (_, index) => [`${index}`, bad.has(index) ? 'refused' : 'kept'])
  )
  const [counts] = await ask(
    `SELECT count(*)::int AS articles, (SELECT count(*)::int FROM publications WHERE slug LIKE 'left-%') AS publications,
      (SELECT count(*)::int FROM redirects WHERE path LIKE '/left/%') AS redirects,
      (SELECT count(*)::int FROM events WHERE type = 'article.created' AND payload ->> 'slug' LIKE 'left-%') AS events
     FROM articles WHERE slug LIKE 'left-%'`
  )
  t.same(counts, { articles: 27, publications: 27, redirects: 27, events: 27 })
})

/** 1.1 MiB of body in few characters. */
const tooLong = Array.from({ length: 900 }, (_, index) => `<p>${index}${'<i>i</i>u'.repeat(12)}</p>`).join('')

t.test('many who want one slug, or come without one, get each their own', async (t) => {
  const { articles } = await bring(
    posts('same', 25, (index) =>
      index % 2 ? { 'wp:post_name': 'wanted' } : { 'wp:post_name': '', title: 'Wanted' }
    )
  )
  t.ok(articles.every(({ fate }) => fate === 'kept'))
  const rows = await ask(`SELECT slug FROM articles WHERE slug ~ '^wanted(-[0-9]+)?$'`)
  t.same(
    rows.map(({ slug }) => slug).toSorted(),
    ['wanted', ...Array.from({ length: 24 }, (_, index) => `wanted-${index + 2}`)].toSorted()
  )
})

t.test('old addresses that two want lead to the first', async (t) => {
  const { articles } = await bring(
    posts('address', 2, () => ({ link: 'https://old.example/wanted-by-two/' }))
  )
  t.match(articles[0]?.lost, [])
  t.match(articles[1]?.lost, [/old address leads elsewhere already: \/wanted-by-two/])
  const { body } = await room.api('GET /v1/content/resolve?path=/wanted-by-two', { expect: 200 })
  t.equal(body.slug, 'address-0')
})

t.test('twenty articles take a few statements each, not dozens', async (t) => {
  const items = posts('few', 40, () => ({ 'wp:post_modified_gmt': '2020-02-01 12:00:00' }))
  const count = await room.statements(() => bring(items))
  t.ok(count < 40 * 4, `${count} statements for 40 articles`)
})

t.test('two imports of the same file at the same time make no twins', async (t) => {
  const items = posts('both', 45)
  const path = written(items)
  const told: Line[] = []
  await Promise.all(
    [1, 2].map(() =>
      importForeign(room.db, {
        ...{ input: path, source: 'https://both.example' },
        onLine: (line) => told.push(line)
      })
    )
  )
  const articles = told.filter(({ kind }) => kind === 'article')
  t.equal(articles.filter(({ fate }) => fate === 'kept').length, 45)
  t.equal(articles.filter(({ fate }) => fate === 'already there').length, 45)
  t.match(await ask(`SELECT count(*)::int AS n FROM articles WHERE slug LIKE 'both-%'`), [{ n: 45 }])
})
