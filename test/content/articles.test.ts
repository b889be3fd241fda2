import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Article, articleIn } from '../articles/states.ts'
import { author, CANARY, draft, everyone, newsroom, type Options, story, tag, unique } from '../helper.ts'

const room = await newsroom(t)
const { api } = room

const get = (path: string, options: Options = {}) => api(`GET /v1/content/articles${path}`, options)
const ids = async (query: string): Promise<string[]> =>
  (await get(query, { expect: 200 })).body.data.map(({ id }: Article) => id)
const patch = async ({ id, version }: Article, body: object): Promise<Article> =>
  (await api(`PATCH /v1/articles/${id}`, { as: 'editor', ifMatch: version, body, expect: 200 })).body
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })
const unpublish = ({ id }: Article) => api(`POST /v1/articles/${id}/unpublish`, { as: 'editor', expect: 200 })
/** Live under one slug, then under another. Answers with the article now and its former slug. */
async function moved(fields: Record<string, unknown> = {}) {
  const before = await story(room, fields)
  const article = await patch(before, { slug: unique('moved') })
  await publish(article)
  return { article, former: before.slug as string }
}

t.test('lists: what is live in one locale, newest first, by filters', async (t) => {
  const aliases = [unique('alias')]
  const [one, two, three] = [await tag(room, { aliases }), await tag(room), await tag(room)]
  const [ada, bo] = [await author(room), await author(room)]
  const source = (name: string) => ({ name, url: 'https://tide.example/' })
  const a = await story(room, { tags: [one.id], authors: [ada.id], source: source('Tide') })
  const b = await story(room, {
    tags: [two.id, one.id],
    authors: [bo.id, ada.id],
    source: source('Tide & Co')
  })
  const c = await story(room, { tags: [two.id, three.id], authors: [bo.id] })
  const d = await story(room, {})
  const r = await story(room, { locale: 'ru', tags: [one.id], authors: [ada.id], source: source('Tide') })
  await draft(room, { tags: [one.id], authors: [ada.id], source: source('Tide') })
  await unpublish(await story(room, { tags: [one.id], authors: [ada.id] }))
  await publish(
    await draft(room, { headline: 'Later', standfirst: '', body: { markdown: 'x' }, tags: [one.id] }),
    { liveFrom: '2090-01-01T00:00:00Z' }
  )
  const at = async ({ slug }: Article) => (await get(`/${slug}`, { expect: 200 })).body.publishedAt
  const [atB, atC] = [await at(b), await at(c)]
  const plus = (moment: string, ms: number) => new Date(Date.parse(moment) + ms).toISOString()

  for (const [query, found] of [
    ['', [d, c, b, a]],
    [`?tag=${one.slug}`, [b, a]],
    [`?tag=${aliases[0]}`, [b, a]],
    [`?tag=${one.slug}&tag=${two.slug}`, [c, b, a]],
    [`?tag=${one.slug}&tag=${two.slug}&tagMode=any`, [c, b, a]],
    [`?tag=${one.slug}&tag=${two.slug}&tagMode=all`, [b]],
    [`?tag=${two.slug}&tag=${one.slug}&tag=${three.slug}&tagMode=all`, []],
    [`?tag=${one.slug}&tagMode=all`, [b, a]],
    [`?tag=${one.slug}&tag=nothing`, [b, a]],
    [`?tag=${one.slug}&tag=nothing&tagMode=all`, []],
    ['?tag=nothing', []],
    [`?excludeTag=${one.slug}`, [d, c]],
    [`?excludeTag=${aliases[0]}`, [d, c]],
    [`?excludeTag=${one.slug}&excludeTag=${three.slug}`, [d]],
    ['?excludeTag=nothing', [d, c, b, a]],
    [`?tag=${two.slug}&excludeTag=${three.slug}`, [b]],
    [`?author=${ada.slug}`, [b, a]],
    [`?author=${bo.slug}&tag=${one.slug}`, [b]],
    ['?author=nobody', []],
    ['?source=Tide', [a]],
    [`?source=${encodeURIComponent('Tide & Co')}`, [b]],
    ['?source=tide', []],
    [`?publishedAfter=${atB}`, [d, c, b]],
    [`?publishedAfter=${plus(atB, 1)}`, [d, c]],
    [`?publishedBefore=${atC}`, [b, a]],
    [`?publishedBefore=${plus(atC, 1)}`, [c, b, a]],
    [`?publishedAfter=${atB}&publishedBefore=${atC}`, [b]],
    [`?publishedAfter=${encodeURIComponent(atB.replace('Z', '+00:00'))}&tag=${one.slug}`, [b]],
    ['?locale=en', [d, c, b, a]],
    ['?locale=ru', [r]],
    [`?locale=ru&tag=${one.slug}&author=${ada.slug}&source=Tide`, [r]],
    ['?locale=hy', []]
  ] as const) {
    t.same(
      await ids(query),
      found.map(({ id }) => id),
      query
    )
  }
  await publish(await patch(a, { headline: 'Corrected' }))
  t.same(
    await ids(''),
    [d, c, b, a].map(({ id }) => id),
    'a correction moves nothing'
  )
})

t.test('a list item says what the article says, but for its body and translations', async (t) => {
  const [topic, place] = [
    await tag(room, { names: { en: 'Sea', ru: 'Море' } }),
    await tag(room, { kind: 'place', names: { ru: 'Порт' } })
  ]
  const writer = await author(room)
  const content = {
    headline: 'Every field',
    kicker: 'Coast',
    standfirst: 'In short.',
    source: { name: 'Tide', url: 'https://tide.example/' },
    image: {
      url: 'https://images.example/a.jpg',
      alt: 'A',
      caption: 'C',
      credit: 'D',
      width: 10,
      height: 20
    },
    dateline: 'Ansel',
    breaking: true,
    accessibleForFree: false,
    sensitive: true,
    seo: { title: 'T', description: 'D', canonicalUrl: 'https://tide.example/c' },
    rights: { licence: 'L', notice: 'N' }
  }
  const made = await story(room, {
    ...content,
    tags: [place.id, topic.id],
    authors: [writer.id],
    body: { markdown: 'Four words are here.' }
  })
  const { body: article } = await get(`/${made.slug}`, { expect: 200 })
  const { body, translations, ...rest } = article
  t.same(rest, {
    ...content,
    corrections: [],
    id: made.id,
    storyId: made.storyId,
    locale: 'en',
    slug: made.slug,
    url: `https://news.example/en/${made.slug}`,
    wordCount: 4,
    authors: [{ slug: writer.slug, name: writer.name }],
    tags: [
      { id: place.id, kind: 'place', slug: place.slug, name: 'Порт', locale: 'ru' },
      { id: topic.id, kind: 'topic', slug: topic.slug, name: 'Sea', locale: 'en' }
    ],
    publishedAt: made.publication.liveFrom,
    updatedAt: made.publication.liveFrom
  })
  t.same([body, translations], [{ html: '<p>Four words are here.</p>' }, []])
  t.same((await get(`?tag=${topic.slug}`, { expect: 200 })).body.data, [rest])
})

t.test('any text arrives as it was written, in the article as in the list', async (t) => {
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(...'"\\\\/\b\f\n\r\t%{}[],: \u2028\u2029\u007fа😀'),
        fc.string({ unit: 'grapheme' })
      ),
      minLength: 1,
      maxLength: 40
    })
    .map((text) => text.trim())
    .filter((text) => /[\p{L}\p{N}]/u.test(text) && !text.includes('\0'))
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 6, maxLength: 6 }), async ([a, b, c, d, e, f]) => {
      const topic = await tag(room, { names: { en: a } })
      const writer = await author(room, { name: b })
      const made = await story(room, {
        ...{ headline: c, standfirst: d, kicker: e, dateline: f, locale: 'en' },
        tags: [topic.id],
        authors: [writer.id],
        source: { name: a, url: 'https://tide.example/' },
        seo: { title: b, description: c, canonicalUrl: null },
        rights: { licence: d, notice: e }
      })
      const { body } = await api(`GET /v1/articles/${made.id}`, { as: 'editor', expect: 200 })
      const { body: html, translations, ...shown } = (await get(`/${made.slug}`, { expect: 200 })).body
      const names = ['headline', 'standfirst', 'kicker', 'dateline', 'source', 'seo', 'rights']
      for (const name of names) assert.deepEqual(shown[name], body[name], name)
      assert.equal(shown.tags[0].name, topic.names.en)
      assert.equal(shown.authors[0].name, writer.name)
      assert.deepEqual((await get(`?tag=${topic.slug}`, { expect: 200 })).body.data, [shown])
    }),
    { numRuns: 15 }
  )
  t.pass('15 articles')
})

t.test('pages forth and back', async (t) => {
  const label = await tag(room)
  const stories = []
  for (let index = 0; index < 7; index++) stories.unshift(await story(room, { tags: [label.id] }))
  for (const filter of [
    `tag=${label.slug}`,
    `tag=${label.slug}&tag=nothing`,
    `excludeTag=nothing&tag=${label.slug}&locale=en`
  ]) {
    const page = async (cursor: string | null) =>
      (await get(`?${filter}&limit=3${cursor ? `&cursor=${cursor}` : ''}`, { expect: 200 })).body
    const first = await page(null)
    const second = await page(first.page.next)
    const third = await page(second.page.next)
    t.same(
      [...first.data, ...second.data, ...third.data].map(({ id }) => id),
      stories.map(({ id }) => id)
    )
    t.match(first.page, { limit: 3, hasMore: true, prev: null })
    t.match(third.page, { hasMore: false, next: null })
    const back = await page(third.page.prev)
    t.same(back.data, second.data)
    const start = await page(back.page.prev)
    t.same(start.data, first.data)
    t.equal(start.page.prev, null)
    t.same((await page(start.page.next)).data, second.data)
  }
  const { next } = (await get(`?tag=${label.slug}&limit=3`)).body.page
  for (const query of [
    `?cursor=${next}`,
    `?tag=${label.slug}&locale=en&cursor=${next}`,
    `?tag=${label.slug}&cursor=${next}x`,
    `?tag=${label.slug}&cursor=${next.slice(0, -2)}`,
    '?cursor=abc',
    '?cursor='
  ]) {
    const { body } = await get(query, { expect: 400 })
    t.match(body, { code: 'invalid_cursor', errors: [{ pointer: '/query/cursor' }] }, query)
  }
  await api(`GET /v1/content/tags?cursor=${next}`, { expect: 400 })
})

t.test('unknown and broken parameters are refused with a pointer', async (t) => {
  const { slug } = await story(room)
  for (const [path, name] of [
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=abc', 'limit'],
    ['?limit=1e1', 'limit'],
    ['?limit=0x10', 'limit'],
    ['?limit=1.0', 'limit'],
    ['?limit=', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?locale=EN', 'locale'],
    ['?locale=en&locale=ru', 'locale'],
    ['?tagMode=some', 'tagMode'],
    ['?tag=', 'tag/0'],
    ['?publishedAfter=yesterday', 'publishedAfter'],
    ['?publishedBefore=2026-01-01', 'publishedBefore'],
    ['?source=', 'source'],
    ['?author=a&author=b', 'author'],
    ['?count=exact', 'count'],
    ['?q=sea', 'q'],
    [`?tag=a%00`, 'tag'],
    [`/${slug}?body=xml`, 'body'],
    [`/${slug}?body=`, 'body'],
    [`/${slug}?body=html,`, 'body'],
    [`/${slug}?body=html,xml`, 'body'],
    [`/${slug}?body=HTML`, 'body'],
    [`/${slug}?body=html&body=text`, 'body'],
    [`/${slug}?limit=3`, 'limit'],
    [`/${slug}?locale=english`, 'locale']
  ] as const) {
    const { body, headers } = await get(path, { expect: 400 })
    t.equal(body.errors?.[0]?.pointer, `/query/${name}`, path)
    t.equal(headers.get('cache-control'), 'no-store')
  }
})

t.test('forms of the body', async (t) => {
  const { slug, body } = await story(room, { body: { markdown: 'It was **late**.' } })
  const forms: Record<string, unknown> = {
    html: '<p>It was <strong>late</strong>.</p>',
    text: 'It was late.',
    blocks: body.blocks
  }
  for (const asked of ['html', 'text', 'blocks', 'html,text', 'text,html', 'blocks,html,text', 'html,html']) {
    const wanted = Object.fromEntries(asked.split(',').map((form) => [form, forms[form]]))
    t.same((await get(`/${slug}?body=${asked}`, { expect: 200 })).body.body, wanted, asked)
  }
  t.same((await get(`/${slug}`)).body.body, { html: forms.html }, 'HTML unless asked otherwise')
})

t.test('language: an article falls back along its site’s chain, a list never', async (t) => {
  const slug = unique('both')
  const en = await story(room, { slug })
  for (const [locale, status, shown] of [
    ['', 200, 'en'],
    ['?locale=en', 200, 'en'],
    ['?locale=ru', 200, 'en'],
    ['?locale=hy', 404, null]
  ] as const) {
    const { status: got, body, headers } = await get(`/${slug}${locale}`)
    t.equal(got, status, locale)
    if (shown) t.same([body.id, body.locale, headers.get('content-language')], [en.id, shown, shown], locale)
  }
  t.notOk((await ids('?locale=ru&limit=100')).includes(en.id))
  const ru = await story(room, { slug, locale: 'ru' })
  t.match(
    (await get(`/${slug}?locale=ru`, { expect: 200 })).body,
    { id: ru.id, locale: 'ru', url: `https://news.example/ru/${slug}` },
    'its own first'
  )
  t.equal((await get(`/${slug}?locale=ru`)).headers.get('content-language'), 'ru')
  t.equal((await get(`/${slug}`)).body.id, en.id)
  const only = await story(room, { locale: 'ru' })
  await get(`/${only.slug}`, { expect: 404 })
  await get(`/${only.slug}?locale=en`, { expect: 404 })
})

t.test('of many that are asked for at once each gets its own, in few statements', async (t) => {
  const { article: renamed, former } = await moved()
  const gone = await story(room)
  await api(`POST /v1/articles/${gone.id}/withdraw`, {
    as: 'admin',
    body: { reason: 'A court said so.' },
    expect: 200
  })
  const live = await Promise.all(Array.from({ length: 40 }, () => story(room, { locale: 'en' })))
  const other = await story(room, { locale: 'ru' })
  const asked: [path: string, status: number, id?: string][] = [
    ...live.map(({ slug, id }, place): [string, number, string] => [
      `${slug}${place % 2 ? '?locale=en' : ''}`,
      200,
      id
    ]),
    [`${other.slug}?locale=ru`, 200, other.id],
    [`${other.slug}?locale=en`, 404],
    [`${renamed.slug}?body=text`, 200, renamed.id],
    [former, 301],
    [gone.slug, 410],
    ['nobody-ever-had-this', 404],
    // The same twice, under two addresses.
    [`${(live[0] as Article).slug}?locale=en`, 200, (live[0] as Article).id]
  ]
  const statements = await room.statements(async () => {
    const answers = await Promise.all(asked.map(([path]) => get(`/${path}`)))
    for (const [index, { status, body }] of answers.entries()) {
      const [path, expected, id] = asked[index] as (typeof asked)[number]
      t.equal(status, expected, path)
      if (id) t.equal(body.id, id, path)
    }
  })
  // Four are not live in the locale and are asked for once more.
  t.ok(statements < asked.length / 2, `${statements} statements for ${asked.length}`)
})

t.test('a former slug leads to the present one', async (t) => {
  const { article, former } = await moved()
  for (const [query, location] of [
    ['', '?locale=en'],
    ['?locale=en', '?locale=en'],
    ['?locale=ru', '?locale=en'],
    ['?body=text,html', '?body=text%2Chtml&locale=en'],
    ['?locale=ru&body=blocks', '?locale=en&body=blocks']
  ] as const) {
    const { headers, text } = await get(`/${former}${query}`, { expect: 301 })
    t.equal(headers.get('location'), `/v1/content/articles/${article.slug}${location}`, query)
    t.equal(text, '')
    t.equal((await api(`GET ${headers.get('location')}`, { expect: 200 })).body.id, article.id)
  }
  await get(`/${former}?locale=hy`, { expect: 404 })
  await get(`/${former}?locale=ru`, { as: 'editor', expect: 301 })
  const again = await patch(article, { slug: unique('again') })
  await publish(again)
  for (const slug of [former, article.slug]) {
    t.equal(
      (await get(`/${slug}`, { expect: 301 })).headers.get('location'),
      `/v1/content/articles/${again.slug}?locale=en`,
      'in one step'
    )
  }
  await unpublish(again)
  for (const slug of [former, article.slug, again.slug]) await get(`/${slug}`, { expect: 404 })
})

t.test('a former slug belongs to its latest holder', async (t) => {
  const { article: first, former } = await moved()
  const heir = await story(room, { slug: former })
  t.equal((await get(`/${former}`, { expect: 200 })).body.id, heir.id)
  const gone = await patch(heir, { slug: unique('gone') })
  await publish(gone)
  t.equal(
    (await get(`/${former}`, { expect: 301 })).headers.get('location'),
    `/v1/content/articles/${gone.slug}?locale=en`
  )
  await unpublish(gone)
  await get(`/${former}`, { expect: 404 })
  t.equal(
    (await get(`/${first.slug}`, { expect: 200 })).body.id,
    first.id,
    'whoever had it before is still there'
  )
})

t.test('a slug only promised for later, or once planned, leads nowhere', async () => {
  const article = await story(room)
  const next = await patch(article, { slug: unique('next') })
  await publish(next, { liveFrom: '2090-01-01T00:00:00Z' })
  await get(`/${next.slug}`, { expect: 404 })
  await get(`/${article.slug}`, { expect: 200 })
})

t.test('what is live in a fallback comes before what was in the locale', async (t) => {
  const { article: ru, former } = await moved({ locale: 'ru' })
  t.equal(
    (await get(`/${former}?locale=ru`, { expect: 301 })).headers.get('location'),
    `/v1/content/articles/${ru.slug}?locale=ru`
  )
  const en = await story(room, { slug: former })
  t.equal((await get(`/${former}?locale=ru`, { expect: 200 })).body.id, en.id)
})

t.test('what is not live answers as what never was', async (t) => {
  const strip = ({ status, body, headers }: Awaited<ReturnType<typeof get>>) => {
    const { requestId, ...rest } = body
    return {
      status,
      rest,
      cache: headers.get('cache-control'),
      length: headers.get('content-length'),
      etag: headers.get('etag')
    }
  }
  const scheduled = await draft(room)
  await publish(scheduled, { liveFrom: '2090-01-01T00:00:00Z' })
  const ended = await story(room)
  await unpublish(ended)
  const trashed = await story(room)
  await unpublish(trashed)
  await api(`DELETE /v1/articles/${trashed.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  const hidden = [
    await draft(room),
    await articleIn(room, 'in review', 'author'),
    await articleIn(room, 'trashed', 'editor'),
    scheduled,
    ended,
    trashed
  ]
  for (const options of [{}, { as: 'admin' as const }, { headers: { 'if-none-match': '*' } }]) {
    for (const query of ['', '?locale=ru', '?body=blocks']) {
      const random = strip(await get(`/${unique('random')}${query}`, options))
      t.match(random, { status: 404, cache: 'no-store', etag: null, rest: { code: 'not_found' } })
      for (const { slug, publication } of hidden)
        t.same(strip(await get(`/${slug}${query}`, options)), random, publication.state)
    }
  }
})

t.test('slugs that never can be', async (t) => {
  for (const [slug, status] of [
    ['%00', 400],
    ['%', 400],
    ['Upper', 404],
    ['%D0%BF', 404],
    ['..%2Fsite', 404],
    ['x'.repeat(401), 400],
    ['a%20b', 404]
  ] as const) {
    t.equal((await get(`/${slug}`)).status, status, slug)
  }
})

t.test('caching: strong ETags, 304, HEAD', async (t) => {
  const label = await tag(room)
  const article = await story(room, { tags: [label.id] })
  const paths = [
    `articles/${article.slug}`,
    `articles?tag=${label.slug}`,
    'articles',
    'tags',
    `tags/${label.slug}`,
    'site'
  ]
  for (const path of paths) {
    const { headers, text } = await api(`GET /v1/content/${path}`, { expect: 200 })
    const etag = headers.get('etag') ?? ''
    t.match(etag, /^"[^"]+"$/, `${path}: strong`)
    t.match(headers.get('cache-control'), /^public\b/, path)
    for (const [known, status] of [
      [etag, 304],
      [`W/${etag}`, 304],
      [`"other", ${etag}`, 304],
      [`"other",W/${etag} , "more"`, 304],
      ['*', 304],
      ['"other"', 200],
      [etag.slice(1, -1), 200],
      ['', 200]
    ] as const) {
      const answer = await api(`GET /v1/content/${path}`, { headers: { 'if-none-match': known } })
      t.equal(answer.status, status, `${path} ${known}`)
      t.equal(answer.headers.get('etag'), etag)
      t.match(
        answer.headers.get('cache-control'),
        /^public, max-age=0, s-maxage=\d+, stale-while-revalidate=\d+$/
      )
      t.equal(answer.text, status === 304 ? '' : text)
    }
    const head = await api(`HEAD /v1/content/${path}`, { expect: 200 })
    for (const name of [
      'etag',
      'vary',
      'surrogate-key',
      'content-type',
      'content-length',
      'content-language'
    ]) {
      t.equal(head.headers.get(name), headers.get(name), `HEAD ${path}: ${name}`)
    }
    const same = await api(`HEAD /v1/content/${path}`, { headers: { 'if-none-match': etag }, expect: 304 })
    t.equal(same.headers.get('etag'), etag)
  }
  const before = (await get(`/${article.slug}`)).headers.get('etag')
  await publish(await patch(article, { kicker: 'New' }))
  t.equal(
    (await get(`/${article.slug}`, { headers: { 'if-none-match': before ?? '' }, expect: 200 })).body.kicker,
    'New'
  )
  await unpublish(article)
  await get(`/${article.slug}`, { headers: { 'if-none-match': before ?? '' }, expect: 404 })
})

t.test('with Authorization, an answer is nobody else’s to keep', async (t) => {
  const { article, former } = await moved()
  for (const who of everyone) {
    for (const path of [`/${article.slug}`, `/${former}`, '']) {
      const { headers, status } = await get(path, { as: who })
      t.equal(status, path === `/${former}` ? 301 : 200)
      t.equal(headers.get('cache-control')?.startsWith('public'), who === 'nobody', `${who} ${path}`)
      if (who !== 'nobody') t.equal(headers.get('cache-control'), 'private, no-store', `${who} ${path}`)
    }
  }
  const { headers } = await get(`/${article.slug}`, { token: 'nonsense', expect: 401 })
  t.equal(headers.get('cache-control'), 'no-store')
})

t.test('translations: the same story, live in other locales', async (t) => {
  const en = await story(room)
  const told = async (locale: string) => {
    const article = await draft(room, {
      locale,
      headline: unique('Told'),
      standfirst: '',
      body: { markdown: 'x' }
    })
    await room.db.query({ text: 'UPDATE articles SET story_id = $2::uuid WHERE id = $1::uuid' }, [
      article.id,
      en.storyId
    ])
    return article
  }
  const [ru, hy] = [await told('ru'), await told('hy')]
  const seen = async ({ slug, locale }: Article) =>
    (await get(`/${slug}?locale=${locale}`, { expect: 200 })).body.translations
  t.same(await seen(en), [], 'drafts are not told of')
  await publish(ru)
  await publish(hy)
  const told3 = [
    { locale: 'en', slug: en.slug, url: `https://news.example/en/${en.slug}` },
    { locale: 'hy', slug: hy.slug, url: `https://news.example/hy/${hy.slug}` },
    { locale: 'ru', slug: ru.slug, url: `https://news.example/ru/${ru.slug}` }
  ]
  for (const article of [en, ru, hy])
    t.same(
      await seen(article),
      told3.filter(({ locale }) => locale !== article.locale),
      article.locale
    )
  await unpublish(ru)
  t.same(
    await seen(en),
    told3.filter(({ locale }) => locale === 'hy')
  )
})

t.test('nothing of a working copy is in a public answer', async (t) => {
  const article = await story(room)
  await patch(article, {
    headline: CANARY,
    kicker: CANARY,
    dateline: CANARY,
    message: CANARY,
    seo: { title: CANARY }
  })
  for (const path of ['?limit=100', `/${article.slug}?body=html,blocks,text`]) {
    const { text } = await get(path, { expect: 200 })
    for (const secret of [CANARY, room.userIds.editor, '"version"', '"stage"', '"createdBy"'])
      t.notOk(text.includes(secret), `${path}: ${secret}`)
  }
})
