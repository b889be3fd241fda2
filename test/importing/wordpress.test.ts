import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { importForeign, type Order } from '../../src/importing/importing.ts'
import type { Line } from '../../src/importing/report.ts'
import { type Newsroom, newsroom } from '../helper.ts'
import { wxrHead, wxrItem, wxrMeta, wxrTail } from './made-up.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-wxr-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let room: Newsroom
t.before(async () => {
  room = await newsroom(t)
})

let files = 0
/** Imports these items, and answers with the totals and what was told of each. */
async function bring(content: string, order: Partial<Order> = {}) {
  const path = join(folder, `${++files}.xml`)
  writeFileSync(path, content)
  const lines: Line[] = []
  const totals = await importForeign(room.db, { input: path, onLine: (line) => lines.push(line), ...order })
  room.app.cache.freshness.forget()
  const of = (key: string, kind = 'article') => lines.find((line) => line.key === key && line.kind === kind)
  return { totals, lines, of }
}
const site = (items: string, more = '') => wxrHead(more) + items + wxrTail
const read = async (slug: string, more = '') =>
  (await room.api(`GET /v1/content/articles/${slug}?locale=en${more}`, { expect: 200 })).body
const resolve = async (path: string) => room.api(`GET /v1/content/resolve?path=${encodeURIComponent(path)}`)

const terms = `
<wp:author><wp:author_login>maya</wp:author_login><wp:author_email>maya@old.example</wp:author_email><wp:author_display_name>Maya Holt</wp:author_display_name></wp:author>
<wp:category><wp:term_id>8</wp:term_id><wp:category_nicename>coast</wp:category_nicename><wp:category_parent>world</wp:category_parent><wp:cat_name>Coast</wp:cat_name></wp:category>
<wp:category><wp:term_id>7</wp:term_id><wp:category_nicename>world</wp:category_nicename><wp:category_parent></wp:category_parent><wp:cat_name>World</wp:cat_name></wp:category>
<wp:tag><wp:term_id>9</wp:term_id><wp:tag_slug>ferries</wp:tag_slug><wp:tag_name>Ferries</wp:tag_name></wp:tag>`
const category = (domain: string, nicename: string, name = nicename) =>
  `<category domain="${domain}" nicename="${nicename}"><![CDATA[${name}]]></category>`

t.test('a live post is kept as readers knew it', async (t) => {
  const { of, totals, lines } = await bring(
    site(
      wxrItem(
        {
          title: 'Ferry &amp; <em>harbour</em>',
          'wp:post_id': '101',
          'wp:post_name': 'ferry-and-harbour',
          'wp:post_modified_gmt': '2020-02-01 12:00:00',
          'excerpt:encoded': 'In <b>two</b> sentences.',
          'content:encoded':
            'First line\nsecond line\n\n<a href="/about" style="color:red">About</a> <script>alert(1)</script>us\n\nhttps://video.example/watch/1\n\n[caption id="a" width="10"]<img src="/files/a.jpg" alt="A boat" /> The boat[/caption]',
          'wp:is_sticky': '1'
        },
        category('post_tag', 'ferries') +
          category('category', 'world') +
          category('category', 'coast') +
          wxrMeta('_yoast_wpseo_title', 'For engines') +
          wxrMeta('_yoast_wpseo_primary_category', '8') +
          wxrMeta('_thumbnail_id', '500') +
          wxrMeta('_wp_old_slug', 'old-ferry') +
          wxrMeta('_wp_old_slug', 'older-$&-ferry') +
          wxrMeta('mood', 'grey') +
          '<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>'
      ) +
        wxrItem(
          {
            'wp:post_id': '500',
            'wp:post_type': 'attachment',
            'wp:status': 'inherit',
            'wp:attachment_url': 'https://old.example/files/harbour.jpg',
            'excerpt:encoded': 'The harbour'
          },
          wxrMeta('_wp_attachment_image_alt', 'Boats at dusk')
        ),
      terms
    )
  )
  t.equal(totals.refused, 0)
  t.same(of('maya', 'author')?.fate, 'kept')
  const article = await read('ferry-and-harbour', '&body=html,text')
  t.equal(article.headline, 'Ferry & harbour')
  t.equal(article.standfirst, 'In two sentences.')
  t.equal(article.publishedAt, '2019-05-03T08:15:00.000Z')
  t.equal(article.updatedAt, '2020-02-01T12:00:00.000Z', 'when it was changed last')
  t.same(
    article.authors.map(({ name }: { name: string }) => name),
    ['Maya Holt']
  )
  t.same(
    article.tags.map(({ kind, slug }: { kind: string; slug: string }) => `${kind} ${slug}`),
    ['section coast', 'section world', 'topic ferries'],
    'the primary category first'
  )
  t.match(article.image, {
    url: 'https://old.example/files/harbour.jpg',
    alt: 'Boats at dusk',
    caption: 'The harbour'
  })
  t.equal(article.seo.title, 'For engines')
  t.match(article.body.html, /<p>First line<br>\s*second line<\/p>/)
  t.match(article.body.html, /<a href="https:\/\/old.example\/about"/)
  t.match(article.body.html, /<figure data-embed><a href="https:\/\/video.example\/watch\/1"/)
  t.match(
    article.body.html,
    /<img src="https:\/\/old.example\/files\/a.jpg" alt="A boat"[^>]*><figcaption>The boat/
  )
  t.notMatch(article.body.html, /alert|script|style/)
  t.same(of('101')?.lost.toSorted(), [
    '<script> removed',
    'comments left out',
    'custom field mood left out',
    'inline style removed',
    'sticky: pin it in a list instead'
  ])
  t.equal(lines.find(({ kind }) => kind === 'attachment')?.fate, 'left out')

  const tags = (await room.api('GET /v1/tags?q=coast', { as: 'editor', expect: 200 })).body.data
  const [world] = (await room.api('GET /v1/tags?q=world', { as: 'editor', expect: 200 })).body.data
  t.equal(tags[0].parentId, world.id, 'a category stands below its parent, in whatever order they come')

  for (const path of [
    '/news/2019/05/ferry-and-harbour/',
    '/news/?p=101',
    '/?p=101',
    '/news/2019/05/old-ferry',
    '/news/2019/05/older-$&-ferry'
  ]) {
    const { status, body } = await resolve(path)
    t.match({ status, ...body }, { status: 200, type: 'article', slug: 'ferry-and-harbour' }, path)
  }
  const users = await room.db.prisma.user.count({ where: { email: 'maya@old.example' } })
  t.equal(users, 0, 'an author is no person who could sign in')
})

for (const [what, fields, told] of [
  ['a draft', { 'wp:status': 'draft', 'wp:post_date_gmt': '0000-00-00 00:00:00' }, null],
  ['a private post', { 'wp:status': 'private' }, /private/],
  ['a post behind a password', { 'wp:post_password': 'x' }, /password/],
  ['a page', { 'wp:post_type': 'page' }, /a page/],
  ['a post of an odd status', { 'wp:status': 'archived' }, /archived/],
  [
    'a post without any date',
    { 'wp:post_date': '0000-00-00 00:00:00', 'wp:post_date_gmt': '0000-00-00 00:00:00' },
    /no valid date/
  ]
] as const) {
  t.test(`${what} is kept as a working copy and never shown`, async (t) => {
    const id = `2${files}00`
    const slug = `hidden-${files}`
    const { of } = await bring(
      site(wxrItem({ 'wp:post_id': id, 'wp:post_name': slug, 'content:encoded': 'Hidden.', ...fields }))
    )
    t.equal(of(id)?.fate, 'kept')
    if (told) t.match(of(id)?.lost.join(), told)
    await room.api(`GET /v1/content/articles/${slug}?locale=en`, { expect: 404 })
    const found = await room.db.prisma.article.findFirst({ where: { slug } })
    t.equal(found?.stage, 'draft')
    t.equal((await resolve(`/news/?p=${id}`)).status, 404, 'no old address leads to it')
  })
}

t.test('the old addresses of a page lead to it once it is published', async (t) => {
  await bring(
    site(
      wxrItem({
        'wp:post_id': '290',
        'wp:post_name': 'about-us',
        'wp:post_type': 'page',
        link: 'https://old.example/news/about-us/',
        guid: 'https://old.example/news/?page_id=290'
      })
    )
  )
  const paths = ['/news/about-us', '/news/?page_id=290', '/?page_id=290']
  for (const path of paths) t.equal((await resolve(path)).status, 404, path)
  const { id } = await room.db.prisma.article.findFirstOrThrow({ where: { slug: 'about-us' } })
  await room.api(`POST /v1/articles/${id}/publications`, {
    as: 'editor',
    body: {},
    headers: { 'if-match': '"1"' },
    expect: 201
  })
  for (const path of paths) t.match((await resolve(path)).body, { type: 'article', slug: 'about-us' }, path)
})

t.test('what is scheduled goes live when its date comes', async (t) => {
  await bring(
    site(
      wxrItem({
        'wp:post_id': '300',
        'wp:post_name': 'tomorrow',
        'wp:status': 'future',
        'wp:post_date_gmt': '2999-01-01 00:00:00'
      })
    )
  )
  await room.api('GET /v1/content/articles/tomorrow?locale=en', { expect: 404 })
  const at = await room.api('GET /v1/content/articles/tomorrow?locale=en&at=2999-01-02T00:00:00Z', {
    as: 'editor',
    expect: 200
  })
  t.equal(at.body.publishedAt, '2999-01-01T00:00:00.000Z')
})

t.test('a date without a zone is in that of the site', async (t) => {
  await bring(
    site(
      wxrItem({
        'wp:post_id': '310',
        'wp:post_name': 'in-oslo',
        'wp:post_date': '2019-07-01 12:00:00',
        'wp:post_date_gmt': '0000-00-00 00:00:00'
      })
    ),
    { timeZone: 'Europe/Oslo' }
  )
  t.equal((await read('in-oslo')).publishedAt, '2019-07-01T10:00:00.000Z')
})

t.test('slugs are made to fit, and it is told', async (t) => {
  const { of } = await bring(
    site(
      wxrItem({ 'wp:post_id': '320', 'wp:post_name': '%d0%bf%d0%b0%d1%80%d0%be%d0%bc' }) +
        wxrItem({ 'wp:post_id': '321', 'wp:post_name': 'in-oslo' }) +
        wxrItem({ 'wp:post_id': '322', 'wp:post_name': '', title: '' }),
      category('x', 'y')
    )
  )
  t.match(of('320')?.lost.join(), /slug changed to fit/)
  await read('parom')
  t.match(of('321')?.lost.join(), /slug in-oslo is taken: in-oslo-2/)
  t.match(of('322')?.lost.join(), /no headline/)
})

t.test(
  'a category and a tag of one slug are two tags, and the old address of the second leads on',
  async (t) => {
    const { of } = await bring(
      site(
        wxrItem(
          { 'wp:post_id': '330', 'wp:post_name': 'two-tags' },
          category('category', 'ships', 'Ships') +
            category('post_tag', 'ships', 'Ships') +
            category('genre', 'sea', 'Sea')
        )
      )
    )
    t.match(of('post_tag/ships', 'tag')?.lost.join(), /slug ships changed to ships-2/)
    t.match(of('genre/sea', 'tag')?.lost.join(), /taxonomy genre/)
    t.match((await resolve('/tag/ships')).body, { type: 'tag', slug: 'ships-2' })
    t.match((await resolve('/category/ships')).body, { type: 'tag', slug: 'ships' })
  }
)

t.test('what is no article is told, and left out', async (t) => {
  const types = ['nav_menu_item', 'revision', 'product']
  const { lines, totals } = await bring(
    site(
      types.map((type, index) => wxrItem({ 'wp:post_id': `34${index}`, 'wp:post_type': type })).join('') +
        wxrItem({ 'wp:post_id': '349', 'wp:status': 'trash' })
    )
  )
  t.same(
    lines.filter(({ fate }) => fate === 'left out').map(({ kind }) => kind),
    [...types, 'post']
  )
  t.match(totals, { leftOut: 4, refused: 0 })
})

for (const [what, content, message] of [
  ['broken XML', `${wxrHead()}<item><title>x</item>`, /^Line 5, column \d+: this is no XML: /],
  ['a file that ends in the middle', site('').slice(0, -20), /^Line \d+, column \d+: this is no XML: /],
  [
    'an ordinary feed',
    '<rss version="2.0"><channel><title>x</title><item><title>y</title></item></channel></rss>',
    /^This is a feed/
  ],
  [
    'another document',
    '<html><body>x</body></html>',
    /This is no export of WordPress: the document is a <html>/
  ],
  ['nothing', '', /The file is empty/],
  ['text', 'hello', /neither an export of WordPress \(XML\) nor one of Ghost/],
  [
    'entities of its own',
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>',
    /this is no XML: undefined entity/
  ]
] as const) {
  t.test(`${what} is refused, and nothing of it is kept`, async (t) => {
    const before = await room.db.prisma.imported.count()
    await t.rejects(bring(content), { message })
    t.equal(await room.db.prisma.imported.count(), before)
  })
}

t.test('characters that XML does not allow, an unknown version and no version are told', async (t) => {
  const odd = await bring(
    site(wxrItem({ 'wp:post_id': '360', 'wp:post_name': 'odd', title: 'With a\u000B tab' })).replace(
      '>1.2<',
      '>9.9<'
    )
  )
  t.match(
    odd.lines
      .filter(({ kind }) => kind === 'file')
      .flatMap(({ lost }) => lost)
      .join(),
    /version 9.9.*XML does not allow/
  )
  const none = await bring(site('').replace(/<wp:wxr_version>.*?<\/wp:wxr_version>/, ''))
  t.match(none.lines.flatMap(({ lost }) => lost).join(), /names no version/)
})

t.test('only an admin or editor imports', async (t) => {
  await t.rejects(bring(site(''), { as: 'author@example.org' }), {
    message: /is author: only an admin or editor/
  })
  await t.rejects(bring(site(''), { as: 'nobody@example.org' }), { message: /no such person/ })
  await t.rejects(bring(site(''), { locale: 'English' }), { message: /no locale/ })
  await t.rejects(bring(site(''), { timeZone: 'Mars' }), { message: /no time zone/ })
})

t.test('a dry run tells the same and writes nothing', async (t) => {
  const file = site(
    wxrItem(
      { 'wp:post_id': '370', 'wp:post_name': 'dry', 'content:encoded': '<table><tr><td>a</td></tr></table>' },
      category('category', 'dry-land', 'Dry land')
    ) + wxrItem({ 'wp:post_id': '371', 'wp:post_name': 'dry' }),
    terms
  )
  const counts = async () => {
    const tables = await room.db.query<{ name: string }>(
      {
        text: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`
      },
      []
    )
    const rows: Record<string, unknown> = {}
    // The service itself goes on meanwhile.
    for (const { name } of tables)
      if (!/^(feed|announced|changes|audit_head|search_words|idempotency_keys)$/.test(name))
        rows[name] = (await room.db.query({ text: `SELECT count(*)::int AS n FROM "${name}"` }, []))[0]
    return rows
  }
  const before = await counts()
  t.ok(Object.keys(before).length > 20)
  const dry = await bring(file, { dryRun: true, source: 'https://dry.example' })
  t.same(await counts(), before)
  const wet = await bring(file, { source: 'https://dry.example' })
  const plain = (lines: Line[]) => lines.map(({ kind, key, fate, lost }) => ({ kind, key, fate, lost }))
  t.same(plain(dry.lines), plain(wet.lines))
  t.same(dry.totals, wet.totals)
  const again = await bring(file, { source: 'https://dry.example/' })
  t.match(again.totals, { kept: 0, refused: 0 })
  t.ok(again.totals.alreadyThere > 3)
})

t.test('what was imported and deleted here since does not come back', async (t) => {
  const file = site(
    wxrItem({ 'wp:post_id': '380', 'wp:post_name': 'gone' }, category('post_tag', 'soon-gone'))
  )
  await bring(file)
  const [tag] = (await room.api('GET /v1/tags?q=soon-gone', { as: 'editor' })).body.data
  await room.api(`DELETE /v1/tags/${tag.id}?force=true`, { as: 'editor', ifMatch: tag.version, expect: 204 })
  const { of } = await bring(file)
  t.match(of('post_tag/soon-gone', 'tag'), { fate: 'already there', lost: [/deleted here since/] })
  t.equal(await room.db.prisma.tag.count({ where: { slug: 'soon-gone' } }), 0)
})
