import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { importForeign, type Order } from '../../src/importing/importing.ts'
import type { Line } from '../../src/importing/report.ts'
import { type Newsroom, newsroom } from '../helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-ghost-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let room: Newsroom
t.before(async () => {
  room = await newsroom(t)
})

let files = 0
async function bring(content: string, order: Partial<Order> = {}) {
  const path = join(folder, `${++files}.json`)
  writeFileSync(path, content)
  const lines: Line[] = []
  const totals = await importForeign(room.db, {
    input: path,
    source: 'https://old.example',
    onLine: (line) => lines.push(line),
    ...order
  })
  room.app.cache.freshness.forget()
  const of = (key: string, kind = 'article') => lines.find((line) => line.key === key && line.kind === kind)
  return { totals, lines, of }
}
const ghost = (data: Record<string, object[]>) =>
  JSON.stringify({ db: [{ meta: { exported_on: 1, version: '5.80.0' }, data }] }, null, 1)
const read = async (slug: string) =>
  (await room.api(`GET /v1/content/articles/${slug}?locale=en&body=html,text`, { expect: 200 })).body

const live = {
  type: 'post',
  status: 'published',
  visibility: 'public',
  published_at: '2021-04-01T07:30:00.000Z',
  updated_at: '2021-04-01T07:30:00.000Z'
}
const users = [
  {
    id: 'u1',
    name: 'Maya Holt',
    slug: 'maya',
    email: 'maya@old.example',
    bio: 'Writes about ports.',
    website: 'https://maya.example',
    profile_image: '__GHOST_URL__/content/images/maya.jpg'
  },
  { id: 'u2', name: 'Tom Ash', slug: 'tom', email: 'tom@old.example', twitter: '@tomash' }
]

t.test('a live post is kept with who signs it, its tags, picture and words for engines', async (t) => {
  const { of, lines, totals } = await bring(
    ghost({
      posts: [
        {
          ...live,
          id: 'p1',
          title: 'The bridge & the river',
          slug: 'bridge',
          html: '<p>See <a href="__GHOST_URL__/old/">before</a>.</p><!--kg-card-begin: html--><iframe src="https://www.youtube.com/embed/abcDEF12345"></iframe><!--kg-card-end: html--><figure class="kg-card kg-image-card"><img src="__GHOST_URL__/content/images/b.jpg" alt="A bridge"><figcaption>By <em>night</em></figcaption></figure><figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="https://far.example/x"><div class="kg-bookmark-title">Far</div></a></figure>',
          feature_image: '__GHOST_URL__/content/images/top.jpg',
          custom_excerpt: 'What it costs.',
          canonical_url: 'https://first.example/bridge',
          visibility: 'paid',
          featured: 1,
          codeinjection_head: '<script>x</script>'
        }
      ],
      posts_authors: [
        { id: 'a1', post_id: 'p1', author_id: 'u2', sort_order: 1 },
        { id: 'a2', post_id: 'p1', author_id: 'u1', sort_order: 0 }
      ],
      posts_tags: [
        { id: 't1', post_id: 'p1', tag_id: 'tg2', sort_order: 1 },
        { id: 't2', post_id: 'p1', tag_id: 'tg1', sort_order: 0 },
        { id: 't3', post_id: 'p1', tag_id: 'tg3', sort_order: 2 }
      ],
      posts_meta: [
        {
          id: 'm1',
          post_id: 'p1',
          meta_title: 'Bridge',
          og_description: 'About it',
          feature_image_alt: 'From above',
          feature_image_caption: '<span>Photo</span>: Rana'
        }
      ],
      tags: [
        { id: 'tg1', name: 'Rivers', slug: 'rivers', description: 'All of them', visibility: 'public' },
        { id: 'tg2', name: 'Money', slug: 'money', visibility: 'public' },
        { id: 'tg3', name: '#internal', slug: 'hash-internal', visibility: 'internal' }
      ],
      users,
      members: [{ id: 'x', email: 'reader@somewhere.example' }],
      newsletters: [{ id: 'n' }],
      settings: [{ key: 'title', value: 'Old' }]
    }),
    { publishRestricted: true }
  )
  t.equal(totals.refused, 0)
  const article = await read('bridge')
  t.match(article, {
    headline: 'The bridge & the river',
    standfirst: 'What it costs.',
    publishedAt: '2021-04-01T07:30:00.000Z',
    accessibleForFree: false,
    image: { url: 'https://old.example/content/images/top.jpg', alt: 'From above', caption: 'Photo: Rana' },
    seo: { title: 'Bridge', description: 'About it', canonicalUrl: 'https://first.example/bridge' }
  })
  t.same(
    article.authors.map(({ slug }: { slug: string }) => slug),
    ['maya', 'tom'],
    'in their order'
  )
  t.same(
    article.tags.map(({ slug }: { slug: string }) => slug),
    ['rivers', 'money'],
    'the primary tag first'
  )
  t.match(article.body.html, /<a href="https:\/\/old.example\/old\/"/)
  t.match(article.body.html, /<figure data-embed><a href="https:\/\/www.youtube.com\/watch\?v=abcDEF12345"/)
  t.match(article.body.html, /<figcaption>By night<\/figcaption>/)
  t.match(article.body.html, /<figure data-embed><a href="https:\/\/far.example\/x"/)
  t.same(of('p1')?.lost.toSorted(), [
    'bookmark of far.example kept as a link',
    'codeinjection_head left out',
    'featured: pin it in a list instead',
    'for paid only: kept as not free of charge',
    'formatting of a caption removed',
    'iframe of www.youtube.com kept as a link',
    'internal tag left out: #internal'
  ])
  t.match(of('members', 'table'), { fate: 'left out', lost: [/about people or mail to them: 1 rows/] })
  t.notMatch(JSON.stringify(lines), /reader@somewhere|maya@old/)
  t.match((await room.api('GET /v1/content/authors/maya?locale=en', { expect: 200 })).body, {
    bio: 'Writes about ports.',
    image: { url: 'https://old.example/content/images/maya.jpg' },
    links: [{ label: 'maya.example', url: 'https://maya.example/' }]
  })
  t.match((await room.api('GET /v1/content/resolve?path=/bridge/', { expect: 200 })).body, {
    type: 'article',
    slug: 'bridge'
  })
})

t.test('what was not public stays so', async (t) => {
  const hidden = [
    { id: 'h1', status: 'draft', published_at: null },
    { id: 'h2', status: 'sent' },
    { id: 'h3', type: 'page' },
    { id: 'h4', visibility: 'members' },
    { id: 'h5', visibility: 'paid' }
  ].map((row) => ({ ...live, title: row.id, slug: `hidden-${row.id}`, html: '<p>x</p>', ...row }))
  const { of } = await bring(ghost({ users, posts: hidden }))
  for (const { id, slug } of hidden) {
    t.equal(of(id)?.fate, 'kept')
    await room.api(`GET /v1/content/articles/${slug}?locale=en`, { expect: 404 })
  }
  t.match(of('h2')?.lost.join(), /sent as mail only/)
  t.match(of('h5')?.lost.join(), /for paid only: kept as a working copy, not published; --publish-restricted/)
})

const lexical = {
  root: {
    type: 'root',
    children: [
      {
        type: 'extended-heading',
        tag: 'h3',
        children: [{ type: 'extended-text', text: 'A <head>', format: 0 }]
      },
      {
        type: 'paragraph',
        children: [
          { type: 'extended-text', text: 'bold', format: 1 },
          { type: 'linebreak' },
          { type: 'link', url: 'https://a.example/', children: [{ type: 'text', text: 'link', format: 2 }] }
        ]
      },
      {
        type: 'list',
        listType: 'number',
        children: [{ type: 'listitem', children: [{ type: 'text', text: 'one' }] }]
      },
      { type: 'image', src: '__GHOST_URL__/i.jpg', alt: 'I', caption: 'Cap' },
      { type: 'email-cta', html: '<p>x</p>' }
    ]
  }
}
const mobiledoc = {
  version: '0.3.1',
  markups: [['strong'], ['a', ['href', 'https://a.example/']]],
  atoms: [['soft-return', '', {}]],
  cards: [
    ['image', { src: 'https://a.example/i.jpg', caption: 'Cap' }],
    ['card-markdown', { markdown: '## From *marks*' }],
    ['odd', {}]
  ],
  sections: [
    [
      1,
      'p',
      [
        [0, [0], 1, 'bold'],
        [1, [], 0, 0],
        [0, [1], 1, 'link']
      ]
    ],
    [3, 'ul', [[[0, [], 0, 'one']]]],
    [10, 0],
    [10, 1],
    [10, 2]
  ]
}

t.test('a body that is there in one of the editors’ formats only is read from that', async (t) => {
  const { of } = await bring(
    ghost({
      users,
      posts: [
        {
          ...live,
          id: 'l1',
          title: 'Lexical',
          slug: 'lexical',
          html: null,
          lexical: JSON.stringify(lexical)
        },
        {
          ...live,
          id: 'l2',
          title: 'Mobiledoc',
          slug: 'mobiledoc',
          html: null,
          mobiledoc: JSON.stringify(mobiledoc)
        },
        { ...live, id: 'l3', title: 'Neither', slug: 'neither', html: null, lexical: '{{' }
      ]
    })
  )
  const one = (await read('lexical')).body.html
  t.match(one, /<h3>A &lt;head&gt;<\/h3>/)
  t.match(one, /<strong>bold<\/strong><br>\s*<a href="https:\/\/a.example\/"[^>]*><em>link<\/em><\/a>/)
  t.match(one, /<ol><li>one<\/li><\/ol>/)
  t.match(one, /<img src="https:\/\/old.example\/i.jpg" alt="I"[^>]*><figcaption>Cap</)
  t.match(of('l1')?.lost.join(), /card email-cta removed/)
  const two = (await read('mobiledoc')).body.html
  t.match(two, /<strong>bold<\/strong><br>\s*<a href="https:\/\/a.example\/"[^>]*>link<\/a>/)
  t.match(two, /<ul><li>one<\/li><\/ul>[\s\S]*<img[\s\S]*<h2>From <em>marks<\/em><\/h2>/)
  t.match(of('l2')?.lost.join(), /card odd removed/)
  t.match(of('l3')?.lost.join(), /in no format that can be read/)
})

t.test('without the address of the old site, what is relative is lost and told', async (t) => {
  const { of, lines } = await bring(
    ghost({
      users: [],
      posts: [
        {
          ...live,
          id: 'r1',
          title: 'R',
          slug: 'relative',
          html: '<p>a</p><img src="__GHOST_URL__/x.jpg" alt="">'
        }
      ],
      settings: [{ key: 'title', value: 'Lost & found' }]
    }),
    { source: undefined as never }
  )
  t.match(of('r1')?.lost.join(), /image removed, for its address is relative/)
  t.match(lines[0]?.lost.join(), /address of the old site is not known/)
  t.equal(await room.db.prisma.imported.count({ where: { source: 'ghost:lost-found' } }), 1)
})

t.test('from a stream, with or without the outer list, in any order', async (t) => {
  const content = JSON.stringify({
    data: { users, posts: [{ ...live, id: 's1', title: 'S', slug: 'streamed', html: '<p>{"[}</p>' }] },
    meta: {}
  })
  const lines: Line[] = []
  const pieces = [...Buffer.from(content)].map((byte) => Buffer.from([byte]))
  await importForeign(room.db, {
    input: Readable.from(pieces),
    source: 'https://old.example',
    onLine: (line) => lines.push(line)
  })
  room.app.cache.freshness.forget()
  t.equal((await read('streamed')).body.text, '{"[}')
})

t.test('rows that are no objects are told as refused, with their table and place', async (t) => {
  const { totals, lines } = await bring(
    JSON.stringify({
      data: { users: [...users, 'maya', null], posts: [7, { id: 'row', title: 'A row' }], tags: {} }
    })
  )
  t.same(
    lines.filter(({ fate }) => fate === 'refused').map(({ kind, lost }) => [kind, ...lost]),
    [
      ['row', `users, row ${users.length + 1}, line 1: is no object`],
      ['row', `users, row ${users.length + 2}, line 1: is no object`],
      ['row', 'tags, line 1: the table is no list'],
      ['article', 'posts, row 1, line 1: is no object']
    ]
  )
  t.match(totals, { refused: 4 })
})

for (const [what, content, message] of [
  [
    'JSON that ends in the middle',
    '{"db":[{"data":{"posts":[{"id":"1"',
    /^Line 1, column \d+: this is no JSON: it ends in the middle/
  ],
  ['brackets that do not fit', '{"db":[{"data":{"posts":[}]}}', /ends nothing/],
  [
    'a row that is no JSON',
    '{"db":[{"data":{"users":[\n{"id": nope}]}}]}',
    /^Line 2, column 12: this is no JSON: “nope” is no value/
  ],
  [
    'a file without a comma between two rows',
    '{"db":[{"data":{"posts":[{"id":"1"}\n{"id":"2"}]}}]}',
    /^Line 2, column 1: this is no JSON: here comes a comma/
  ],
  ['something behind its end', '{"data":{"posts":[]}} {}', /something stands after its end/],
  ['other JSON', '{"name":"x"}', /This is no export of Ghost/]
] as const) {
  t.test(`${what} is refused, and nothing of it is kept`, async (t) => {
    const before = await room.db.prisma.imported.count()
    await t.rejects(bring(content), { message })
    t.equal(await room.db.prisma.imported.count(), before)
  })
}
