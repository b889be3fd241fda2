import t from 'tap'
import { author, CANARY, draft, newsroom, type Options, story, tag, unique } from '../helper.ts'
import { ask, tellsOnce, writesNothing } from './ledger.ts'
import { type Article, articleIn } from './states.ts'

const room = await newsroom(t)
const { api } = room
const unknown = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'

const patch = (article: Article, body: object, options: Options = {}) =>
  api(`PATCH /v1/articles/${article.id}`, { as: 'editor', ifMatch: article.version, body, ...options })
const read = async ({ id }: Article, query = ''): Promise<Article> =>
  (await api(`GET /v1/articles/${id}${query}`, { as: 'editor', expect: 200 })).body
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: [200, 201] })
const trash = ({ id, version }: Article, options: Options = {}) =>
  api(`DELETE /v1/articles/${id}`, { as: 'editor', ifMatch: version, ...options })
const restore = ({ id }: Article, options: Options = {}) =>
  api(`POST /v1/articles/${id}/restore`, { as: 'editor', ...options })
const purge = ({ id, version }: Article, options: Options = {}) =>
  api(`DELETE /v1/articles/${id}?purge=true`, { as: 'admin', ifMatch: version, ...options })
const revisionCount = ({ id }: Article) =>
  ask<number>(room, 'SELECT count(*)::int FROM revisions WHERE article_id = $1::uuid', id)

const tags = [await tag(room), await tag(room), await tag(room)].map(({ id }) => id).reverse()
const authors = [await author(room), await author(room)].map(({ id }) => id).reverse()
const span = (text: string, _key: string, marks: string[] = []) => ({ _type: 'span', _key, text, marks })
const blocks = [
  { _type: 'block', _key: 'first', style: 'h2', children: [span('At sea', 'a')], markDefs: [] },
  {
    _type: 'block',
    _key: 'second',
    style: 'normal',
    children: [span('The crew waited, ', 'a'), span('says the log', 'b', ['strong', 'here'])],
    markDefs: [{ _type: 'link', _key: 'here', href: 'https://log.example/17' }]
  }
]
/** A value for each field of the content. */
const whole = {
  headline: `${CANARY} Grain ships wait for the fog to lift`,
  kicker: 'Harbour',
  standfirst: 'Eleven of them, and no wind.',
  slug: unique('grain-ships'),
  authors,
  tags,
  source: { name: 'Morning Tide', url: 'https://tide.example/fog?day=3' },
  image: {
    url: 'https://images.example/fog.jpg',
    alt: 'Fog',
    caption: 'At nine',
    credit: 'Ilse Marr',
    width: 1600,
    height: 900
  },
  dateline: 'Port Ansel',
  breaking: true,
  accessibleForFree: false,
  sensitive: true,
  seo: { title: 'Ships wait', description: 'Because of fog', canonicalUrl: 'https://tide.example/fog' },
  rights: { licence: 'CC BY 4.0', notice: 'Ask first' }
}

t.test('every field comes back as it was written', async (t) => {
  const made = await tellsOnce(t, room, { event: 'article.created' }, () =>
    api('POST /v1/articles', {
      as: 'author',
      body: { locale: 'pt-BR', ...whole, body: { blocks } },
      expect: 201
    })
  )
  const article = made.body
  t.match(article, {
    ...whole,
    locale: 'pt-BR',
    body: { blocks },
    version: 1,
    stage: 'draft',
    wordCount: 8,
    trashedAt: null
  })
  t.same(article.tags, tags, 'in the order given')
  t.same(article.authors, authors, 'in the order given')
  t.equal(article.createdBy, room.userIds.author)
  t.same(article.publication, {
    state: 'none',
    liveFrom: null,
    liveUntil: null,
    version: null,
    hasUnpublishedChanges: false
  })
  t.equal(made.headers.get('location'), `/v1/articles/${article.id}`)
  t.equal(made.headers.get('etag'), '"1"')
  t.same(await read(article), article)
})

t.test('what was left out is empty', async (t) => {
  const { body } = await api('POST /v1/articles', {
    as: 'editor',
    body: { locale: 'en', headline: 'Only this' },
    expect: 201
  })
  t.match(body, {
    kicker: '',
    standfirst: '',
    dateline: '',
    breaking: false,
    accessibleForFree: true,
    sensitive: false,
    wordCount: 0
  })
  const { authors, tags, source, image, rights, seo } = body
  t.same(
    { authors, tags, source, image, rights, seo },
    {
      authors: [],
      tags: [],
      source: null,
      image: null,
      rights: null,
      seo: { title: null, description: null, canonicalUrl: null }
    }
  )
  t.same(body.body, { blocks: [] })
})

t.test('a patch changes the field it names and no other', async (t) => {
  let article = await draft(room)
  for (const [field, value] of [...Object.entries(whole), ['body', { blocks }]] as const) {
    const { body: after } = await tellsOnce(t, room, { event: 'article.edited' }, () =>
      patch(article, { [field]: value }, { expect: 200 })
    )
    const version = article.version + 1
    const { updatedAt, wordCount, slug } = after
    // The slug is made from the headline until it is chosen.
    t.same(after, { ...article, slug, [field]: value, version, updatedAt, wordCount }, field)
    t.ok(updatedAt > article.updatedAt, `${field} moves updatedAt`)
    t.same(await read(article), after)
    const audited = await ask<string[]>(
      room,
      `SELECT fields FROM audit WHERE resource_id = $1::uuid ORDER BY at DESC LIMIT 1`,
      article.id
    )
    t.same(
      audited.filter((name) => name !== 'slug' || field === 'slug'),
      [field]
    )
    article = after
  }
})

t.test('the body is written as blocks, Markdown or HTML', async (t) => {
  const given = [
    { markdown: '## At sea\n\nThe crew waited, **[says the log](https://log.example/17)**' },
    {
      html: '<h2>At sea</h2><p>The crew waited, <a href="https://log.example/17"><strong>says the log</strong></a></p>'
    },
    { blocks }
  ]
  for (const body of given) {
    const form = Object.keys(body).join()
    const article = await story(room, { body })
    t.equal(article.wordCount, 8, form)
    t.match(
      article.body.blocks,
      [
        { style: 'h2', children: [{ text: 'At sea' }] },
        { style: 'normal', children: [{ text: 'The crew waited, ' }, { text: 'says the log' }] }
      ],
      form
    )
    const live = (await api(`GET /v1/content/articles/${article.slug}?body=html,text`, { expect: 200 })).body
      .body
    t.equal(live.text, 'At sea\n\nThe crew waited, says the log', form)
    t.match(live.html, '<h2>At sea</h2>', form)
    t.match(live.html, 'href="https://log.example/17"', form)
  }
})

t.test('a body that cannot be kept is refused with a pointer', async (t) => {
  const article = await draft(room)
  for (const [body, pointer] of [
    [{ markdown: 'One', html: '<p>Two</p>' }, '/body'],
    [{}, '/body'],
    [{ html: '<p>Fine</p><script>alert(1)</script>' }, '/body/html'],
    [{ markdown: 'Fine\n\n<script>alert(1)</script>' }, '/body/markdown'],
    [{ blocks: [blocks[0], { _type: 'iframe', url: 'https://a.example/' }] }, '/body/blocks/1'],
    [
      {
        blocks: [
          { ...blocks[0], _key: 'same' },
          { ...blocks[1], _key: 'same' }
        ]
      },
      '/body/blocks/1/_key'
    ],
    [{ plain: 'text' }, '/body/plain'],
    ['text', '/body']
  ] as const) {
    for (const refused of [
      () => patch(article, { body }),
      () => api('POST /v1/articles', { as: 'editor', body: { locale: 'en', headline: 'No', body } })
    ]) {
      const answer = await writesNothing(t, room, refused)
      t.equal(answer.status, 400, JSON.stringify(body))
      t.match(answer.body.errors?.[0]?.pointer, new RegExp(`^${pointer}(/_type)?$`), JSON.stringify(body))
    }
  }
})

const contentFields = [
  'headline',
  'kicker',
  'standfirst',
  'body',
  'slug',
  'authors',
  'tags',
  'source',
  'image',
  'dateline',
  'breaking',
  'accessibleForFree',
  'sensitive',
  'seo',
  'rights'
]

t.test('each version has its revision, byte for byte what the API showed', async (t) => {
  const first = (
    await api('POST /v1/articles', {
      as: 'author',
      body: { locale: 'en', ...whole, slug: unique('kept'), body: { blocks }, message: 'Wired in' },
      expect: 201
    })
  ).body
  const second = (
    await patch(
      first,
      { image: null, seo: { title: null }, body: { markdown: 'Fog — “lifted”.' } },
      { expect: 200 }
    )
  ).body
  const third = (await patch(second, { headline: 'Ships leave', message: 'They did' }, { expect: 200 })).body
  const rows = await room.db.query<{
    version: number
    message: string | null
    created_by: string
    content: string
    content_hash: string
  }>(
    {
      text: 'SELECT version, message, created_by, content::text, content_hash FROM revisions WHERE article_id = $1::uuid ORDER BY version'
    },
    [first.id]
  )
  t.same(
    rows.map(({ version, message }) => [version, message]),
    [
      [1, 'Wired in'],
      [2, null],
      [3, 'They did']
    ]
  )
  t.same(
    rows.map((row) => row.created_by),
    [room.userIds.author, room.userIds.editor, room.userIds.editor]
  )
  t.equal(new Set(rows.map((row) => row.content_hash)).size, 3)
  for (const [index, article] of [first, second, third].entries()) {
    const shown = Object.fromEntries(
      contentFields.map((field) => [field, field === 'body' ? article.body.blocks : article[field]])
    )
    t.equal(rows[index]?.content, JSON.stringify(shown), `version ${index + 1}`)
  }
})

t.test('source, image, seo and rights merge; null removes', async (t) => {
  const { source, image, seo, rights } = whole
  const full = { source, image, seo, rights }
  for (const [before, change, after] of [
    [full, { source: { name: 'Evening Tide' } }, { ...full, source: { ...source, name: 'Evening Tide' } }],
    [full, { source: null }, { ...full, source: null }],
    [full, { source: {}, seo: {}, rights: {}, image: {} }, full],
    [
      full,
      { image: { caption: null, width: null } },
      { ...full, image: { ...image, caption: null, width: null } }
    ],
    [full, { image: null }, { ...full, image: null }],
    [full, { seo: { title: null } }, { ...full, seo: { ...seo, title: null } }],
    [full, { rights: { licence: null } }, { ...full, rights: { ...rights, licence: null } }],
    [full, { rights: null }, { ...full, rights: null }],
    [{}, { rights: { notice: 'Ask' } }, { rights: { licence: null, notice: 'Ask' } }],
    [{}, { source }, { source }],
    [
      {},
      { image: { url: image.url, alt: '' } },
      { image: { url: image.url, alt: '', caption: null, credit: null, width: null, height: null } }
    ]
  ] as const) {
    const article = await draft(room, before)
    const { body } = await patch(article, change, { expect: 200 })
    t.match(body, after, JSON.stringify(change))
    t.same(await read(article), body)
  }
})

t.test('what a merge leaves incomplete is refused with a pointer', async (t) => {
  const article = await draft(room)
  for (const [change, pointer, code] of [
    [{ source: { name: 'Tide' } }, '/source/url', 'required'],
    [{ source: { url: 'https://tide.example/' } }, '/source/name', 'required'],
    [{ source: {} }, '/source/name', 'required'],
    [{ image: { alt: 'Fog' } }, '/image/url', 'required'],
    [{ image: { url: 'https://images.example/fog.jpg' } }, '/image/alt', 'required'],
    [{ source: { name: null } }, '/source/name', 'type'],
    [{ source: { url: 'javascript:alert(1)' } }, '/source/url', 'pattern'],
    [{ image: { url: 'https://me:secret@images.example/' } }, '/image/url', 'pattern'],
    [{ seo: null }, '/seo', 'type'],
    [{ headline: null }, '/headline', 'type'],
    [{ headline: '  ' }, '/headline', 'pattern'],
    [{ tags: null }, '/tags', 'type'],
    [{ breaking: 'true' }, '/breaking', 'type'],
    [{ tags: [tags[0], tags[0]] }, '/tags', 'unique_items'],
    [{ locale: 'ru' }, '/locale', 'unknown'],
    [{ version: 7 }, '/version', 'unknown'],
    [{ seo: { keywords: 'fog' } }, '/seo/keywords', 'unknown']
  ] as const) {
    const answer = await writesNothing(t, room, () => patch(article, change))
    t.equal(answer.status, 400, JSON.stringify(change))
    t.match(answer.body.errors, [{ pointer, code }], JSON.stringify(change))
  }
})

t.test('arrays are replaced whole', async (t) => {
  const article = await draft(room, { tags, authors })
  const one = (await patch(article, { tags: [tags[2]], authors: [] }, { expect: 200 })).body
  t.same([one.tags, one.authors], [[tags[2]], []])
  const two = (await patch(one, { tags: [tags[1], tags[2]] }, { expect: 200 })).body
  t.same(two.tags, [tags[1], tags[2]])
})

t.test('a patch that changes nothing writes nothing', async (t) => {
  const article = await draft(room, { ...whole, slug: unique('still'), body: { markdown: '**Still** here' } })
  for (const change of [
    {},
    { message: 'Nothing' },
    { headline: article.headline, tags, authors, body: article.body },
    { body: { markdown: '**Still** here' } },
    { slug: article.slug },
    { source: { name: whole.source.name }, image: { alt: whole.image.alt }, seo: {}, rights: {} }
  ]) {
    const { body, headers } = await writesNothing(t, room, () => patch(article, change, { expect: 200 }))
    t.same(body, article)
    t.equal(headers.get('etag'), '"1"')
  }
})

t.test('an unknown tag or author is pointed at', async (t) => {
  const article = await draft(room)
  for (const [body, pointer] of [
    [{ tags: [tags[0], unknown] }, '/tags/1'],
    [{ authors: [unknown, authors[0]] }, '/authors/0'],
    [{ tags: [authors[0]] }, '/tags/0']
  ] as const) {
    for (const refused of [
      () => patch(article, body),
      () => api('POST /v1/articles', { as: 'editor', body: { locale: 'en', headline: 'No', ...body } })
    ]) {
      const answer = await writesNothing(t, room, refused)
      t.equal(answer.status, 400)
      t.match(answer.body.errors, [{ pointer, code: 'unknown_id' }])
    }
  }
})

t.test('ids are the same in upper case', async (t) => {
  const upper = tags.map((id) => id.toUpperCase())
  const article = await story(room, { tags: upper, authors: [authors[0]?.toUpperCase()] })
  t.same([article.tags, article.authors], [tags, [authors[0]]])
  t.same((await patch(article, { tags: upper })).body, article, 'nothing changes')
  const other = (await patch(article, { tags: [], authors: [] })).body
  const back = (await patch(other, { tags, authors: [authors[0]] })).body
  t.equal(back.publication.hasUnpublishedChanges, false)
  const twice = await writesNothing(t, room, () => patch(back, { tags: [tags[0], upper[0]] }))
  t.match(twice, { status: 400, body: { errors: [{ pointer: '/tags' }] } })
})

t.test('If-Match', async (t) => {
  const article = (await patch(await draft(room), { kicker: 'Two' }, { expect: 200 })).body
  for (const [header, status] of [
    [undefined, 428],
    ['', 428],
    ['*', 428],
    [' * ', 428],
    ['"1"', 412],
    ['"3"', 412],
    ['2', 412],
    ['"two"', 412],
    ['"2', 412],
    ['"2"x', 412],
    ['W/"1"', 412],
    ['"2.0"', 412],
    ['"00000000000000002"', 412]
  ] as const) {
    for (const request of [
      `PATCH /v1/articles/${article.id}`,
      `DELETE /v1/articles/${article.id}`,
      `POST /v1/articles/${article.id}/publications`
    ]) {
      const body = request.startsWith('PATCH')
        ? { kicker: 'Three' }
        : request.startsWith('POST')
          ? {}
          : undefined
      const answer = await writesNothing(t, room, () => api(request, { as: 'editor', ifMatch: header, body }))
      t.equal(answer.status, status, `${request.split(' ')[0]} ${header}`)
      if (status === 412) t.match(answer.body, { code: 'stale_version', currentVersion: 2 })
      if (status === 428)
        t.match(answer.body, { code: 'precondition_required', errors: [{ pointer: '/header/if-match' }] })
    }
  }
  let { version } = article
  for (const header of ['W/"2"', '"3"', '"9", "4"', ' W/"5" , "1"']) {
    const { body, headers } = await patch(article, { kicker: header }, { ifMatch: header, expect: 200 })
    t.equal(body.version, ++version, header)
    t.equal(headers.get('etag'), `"${version}"`)
  }
})

t.test('of a hundred who change the same version at once, one succeeds', async (t) => {
  const article = await draft(room)
  const answers = await tellsOnce(t, room, { event: 'article.edited' }, () =>
    Promise.all(Array.from({ length: 100 }, (_, index) => patch(article, { kicker: `Hand ${index}` })))
  )
  const won = answers.filter(({ status }) => status === 200)
  t.equal(won.length, 1)
  t.equal(answers.filter(({ status, body }) => status === 412 && body.currentVersion === 2).length, 99)
  t.equal(await revisionCount(article), 2)
  t.same(await read(article), won[0]?.body)
})

t.test('hasUnpublishedChanges is true exactly while the content differs from what is live', async (t) => {
  let article = await story(room, { body: { markdown: 'As it was.' }, tags: [tags[0], tags[1]] })
  const differs = async (change: object) => {
    article = (await patch(article, change, { expect: 200 })).body
    return article.publication.hasUnpublishedChanges
  }
  const { headline } = article
  t.equal(article.publication.hasUnpublishedChanges, false)
  for (const [there, back] of [
    [{ headline: 'Otherwise' }, { headline }],
    [{ body: { markdown: 'As it is.' } }, { body: { markdown: 'As it was.' } }],
    [{ tags: [tags[1], tags[0]] }, { tags: [tags[0], tags[1]] }],
    [{ source: whole.source }, { source: null }],
    [{ seo: { title: 'T' } }, { seo: { title: null } }],
    [{ sensitive: true }, { sensitive: false }],
    [{ slug: unique('elsewhere') }, { slug: article.slug }]
  ] as const) {
    t.equal(await differs(there), true, JSON.stringify(there))
    t.equal((await read(article)).publication.hasUnpublishedChanges, true)
    t.equal(await differs(back), false, JSON.stringify(back))
  }
  t.equal(article.publication.version, 1)
  t.equal(await differs({ kicker: 'New' }), true)
  await publish(article)
  t.match((await read(article)).publication, {
    state: 'live',
    version: article.version,
    hasUnpublishedChanges: false
  })
  t.equal(await differs({ kicker: 'Newer' }), true)
  await api(`POST /v1/articles/${article.id}/unpublish`, { as: 'editor', expect: 200 })
  t.match((await read(article)).publication, { state: 'ended', hasUnpublishedChanges: false })
})

t.test('changing the working copy of a live article changes nothing for readers', async (t) => {
  const article = await story(room, { tags: [tags[0]] })
  const seen = () => api(`GET /v1/content/articles/${article.slug}?body=html,blocks,text`, { expect: 200 })
  const before = (await seen()).text
  await patch(
    article,
    {
      headline: CANARY,
      body: { markdown: CANARY },
      tags: [],
      slug: unique('c4n4ry'),
      source: { name: CANARY, url: 'https://a.example/' }
    },
    { expect: 200 }
  )
  t.equal((await seen()).text, before)
})

t.test('into the trash and out of it', async (t) => {
  const article = await draft(room)
  await tellsOnce(t, room, { event: 'article.trashed' }, () => trash(article, { expect: 204 }))
  const trashed = await read(article)
  t.ok(trashed.trashedAt)
  t.equal(trashed.version, 1)
  t.equal(await revisionCount(article), 1)
  await writesNothing(t, room, async () => {
    t.match((await patch(trashed, { kicker: 'No' }, { expect: 409 })).body, { code: 'article_trashed' })
    t.match((await trash(trashed, { expect: 409 })).body, { code: 'article_trashed' })
    t.match(
      (
        await api(`POST /v1/articles/${article.id}/publications`, {
          as: 'editor',
          ifMatch: 1,
          body: {},
          expect: 409
        })
      ).body,
      { code: 'article_trashed' }
    )
    t.match(
      (
        await api('POST /v1/share-links', {
          as: 'editor',
          body: { articleId: article.id, channel: 'x' },
          expect: 409
        })
      ).body,
      { code: 'article_trashed' }
    )
  })
  const restored = await tellsOnce(t, room, { event: 'article.restored' }, () =>
    restore(article, { expect: 200 })
  )
  const { updatedAt } = restored.body
  t.same(restored.body, { ...article, updatedAt })
  t.equal(restored.headers.get('etag'), '"1"')
  t.match(await writesNothing(t, room, () => restore(article)), {
    status: 409,
    body: { code: 'article_not_trashed' }
  })
})

t.test('what is live or scheduled cannot be trashed', async (t) => {
  const live = await story(room)
  const scheduled = await draft(room)
  await publish(scheduled, { liveFrom: '2090-01-01T00:00:00Z' })
  for (const [article, state] of [
    [live, 'live'],
    [scheduled, 'scheduled']
  ] as const) {
    t.match(
      await writesNothing(t, room, () => trash(article)),
      { status: 409, body: { code: 'article_on_timeline' } },
      state
    )
    await api(`POST /v1/articles/${article.id}/unpublish`, { as: 'editor', expect: 200 })
    await trash(article, { expect: 204 })
  }
})

t.test('restoring keeps the slug, or suffixes it when another has it now', async (t) => {
  const slug = unique('lighthouse')
  const one = await draft(room, { slug })
  await trash(one, { expect: 204 })
  const two = await draft(room, { slug })
  t.equal(two.slug, slug, 'the trash frees it')
  const back = (await restore(one, { expect: 200 })).body
  t.match(back, { slug: `${slug}-2`, version: 2 })
  t.equal(await revisionCount(one), 2)
  await trash(two, { expect: 204 })
  const kept = (await restore(two, { expect: 200 })).body
  t.match(kept, { slug, version: 1 })
})

t.test('restoring keeps a slug as it is: long, suffixed, or once another’s', async (t) => {
  const long = `${unique('long')}-${'word-'.repeat(30)}end`
  const base = unique(
    'harbour-of-many-long-words-and-more-of-them-and-yet-some-more-until-it-is-eighty'
  ).slice(0, 79)
  const first = await draft(room, { headline: base })
  const suffixed = await draft(room, { headline: base })
  t.equal(suffixed.slug, `${first.slug}-2`)
  await patch(first, { slug: unique('away') }, { expect: 200 })
  const former = await story(room)
  await publish((await patch(former, { slug: unique('moved') }, { expect: 200 })).body)
  for (const article of [
    await draft(room, { slug: long }),
    suffixed,
    await draft(room, { slug: former.slug })
  ]) {
    await trash(article, { expect: 204 })
    t.match((await restore(article, { expect: 200 })).body, { slug: article.slug, version: 1 })
  }
  const longest = 'x'.repeat(200)
  const left = await draft(room, { slug: longest })
  await trash(left, { expect: 204 })
  await draft(room, { slug: longest })
  const { slug } = (await restore(left, { expect: 200 })).body
  t.match(slug, /^x{100,}(-\d+)?$/)
  t.ok(slug !== longest && slug.length <= 200)
})

t.test('purging is for admins, and only from the trash', async (t) => {
  const article = await articleIn(room, 'live', 'author')
  await api('POST /v1/share-links', {
    as: 'editor',
    body: { articleId: article.id, channel: 'other' },
    expect: 201
  })
  t.match(await writesNothing(t, room, () => purge(article)), {
    status: 409,
    body: { code: 'article_not_trashed' }
  })
  await api(`POST /v1/articles/${article.id}/unpublish`, { as: 'editor', expect: 200 })
  t.match(await writesNothing(t, room, () => purge(article)), {
    status: 409,
    body: { code: 'article_not_trashed' }
  })
  await trash(article, { expect: 204 })
  await writesNothing(t, room, () => purge(article, { as: 'editor', expect: 403 }))
  await writesNothing(t, room, () => purge(article, { ifMatch: undefined, expect: 428 }))
  await writesNothing(t, room, () => purge(article, { ifMatch: 9, expect: 412 }))
  await tellsOnce(t, room, { event: 'article.purged' }, () => purge(article, { expect: 204 }))
  await api(`GET /v1/articles/${article.id}`, { as: 'admin', expect: 404 })
  for (const table of ['revisions', 'publications', 'share_links', 'article_tags', 'publication_tags']) {
    t.equal(
      await ask<number>(room, `SELECT count(*)::int FROM ${table} WHERE article_id = $1::uuid`, article.id),
      0,
      table
    )
  }
  t.equal((await purge(article)).status, 404)
})

t.test('refused creations write nothing', async (t) => {
  const { slug } = await draft(room, { slug: unique('mine') })
  for (const [body, status, problem] of [
    [{ locale: 'en' }, 400, { errors: [{ pointer: '/headline', code: 'required' }] }],
    [{ headline: 'No' }, 400, { errors: [{ pointer: '/locale', code: 'required' }] }],
    [{ locale: 'EN', headline: 'No' }, 400, { errors: [{ pointer: '/locale' }] }],
    [{ locale: 'en', headline: 'No', slug: 'Not A Slug' }, 400, { errors: [{ pointer: '/slug' }] }],
    [{ locale: 'en', headline: 'No', slug: null }, 400, { errors: [{ pointer: '/slug' }] }],
    [{ locale: 'en', headline: 'No', slug }, 409, { code: 'slug_taken' }],
    [
      { locale: 'en', headline: 'No\u0000' },
      400,
      { errors: [{ pointer: '/headline', code: 'unstorable_text' }] }
    ],
    [{ locale: 'en', headline: 'No', id: unknown }, 400, { errors: [{ pointer: '/id', code: 'unknown' }] }],
    [
      { locale: 'en', headline: 'No', source: { name: 'T', url: 'ftp://a.example/' } },
      400,
      { errors: [{ pointer: '/source/url' }] }
    ],
    [[], 400, { code: 'invalid_request' }]
  ] as const) {
    const answer = await writesNothing(t, room, () => api('POST /v1/articles', { as: 'editor', body }))
    t.equal(answer.status, status, JSON.stringify(body))
    t.match(answer.body, problem)
  }
})
