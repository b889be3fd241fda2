import t from 'tap'
import { author, CANARY, draft, newsroom, roles, story, tag, unique } from '../helper.ts'
import { atOnce, refused, tally, walk, written } from '../traces.ts'
import { ask } from './ledger.ts'
import { type Article, articleIn, whoMay } from './states.ts'

const room = await newsroom(t)
const { api, db } = room

const editor = { as: 'editor' } as const
const UNKNOWN = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const path = ({ id }: Article) => `/v1/articles/${id}/translations`
const translate = async (article: Article, body: object = {}, as: 'editor' | 'contributor' = 'editor') =>
  (await api(`POST ${path(article)}`, { as, body: { locale: 'ru', ...body }, expect: 201 })).body as Article
const siblings = async (article: Article, as: 'editor' | 'contributor' = 'editor') =>
  (await api(`GET ${path(article)}`, { as, expect: 200 })).body.data as Article[]
const locales = async (article: Article, as: 'editor' | 'contributor' = 'editor') =>
  (await siblings(article, as)).map(({ locale }: Article) => locale)
const publish = ({ id, version }: Article) =>
  api(`POST /v1/articles/${id}/publications`, { ...editor, ifMatch: version, body: {}, expect: 201 })
const trash = ({ id, version }: Article) =>
  api(`DELETE /v1/articles/${id}`, { ...editor, ifMatch: version, expect: 204 })

t.test('who may begin a translation', (t) =>
  whoMay(t, room, (article) => [`POST ${path(article)}`, { body: { locale: 'ru' } }], {
    nobody: ['', '401 401 401 401'],
    contributor: ['201 201 201 409', '404 404 404 404'],
    author: ['201 201 201 409', '201 201 201 409'],
    editor: ['201 201 201 409', '201 201 201 409'],
    admin: ['201 201 201 409', '201 201 201 409']
  })
)

t.test('who may list translations', (t) =>
  whoMay(t, room, (article) => [`GET ${path(article)}`], {
    nobody: ['', '401 401 401 401'],
    contributor: ['200 200 200 200', '404 404 404 404'],
    author: ['200 200 200 200', '200 200 200 200'],
    editor: ['200 200 200 200', '200 200 200 200'],
    admin: ['200 200 200 200', '200 200 200 200']
  })
)

t.test('a refused one writes nothing', async (t) => {
  const article = await draft(room, { as: 'author' })
  const trashed = await articleIn(room, 'trashed', 'editor')
  const taken = await draft(room, { locale: 'ru', slug: unique('taken') })
  await translate(article, { locale: 'de' })
  const rows: [string, Article, object, string, string?][] = [
    ['into its own language', article, { locale: 'en' }, '409 translation_exists'],
    ['into one it is told in', article, { locale: 'de' }, '409 translation_exists'],
    ['of what is in the trash', trashed, { locale: 'ru' }, '409 article_trashed'],
    ['of what is not there', { id: UNKNOWN }, { locale: 'ru' }, '404 not_found'],
    ['under a slug that is taken', article, { locale: 'ru', slug: taken.slug }, '409 slug_taken'],
    ['without a language', article, {}, '400 invalid_request', '/locale'],
    ['into no language', article, { locale: 'russian' }, '400 invalid_request', '/locale'],
    ['with an unknown tag', article, { locale: 'ru', tags: [UNKNOWN] }, '400 invalid_request', '/tags/0'],
    [
      'with an unknown author',
      article,
      { locale: 'ru', authors: [UNKNOWN] },
      '400 invalid_request',
      '/authors/0'
    ],
    ['of another story', article, { locale: 'ru', storyId: UNKNOWN }, '400 invalid_request', '/storyId'],
    ['with an empty headline', article, { locale: 'ru', headline: ' ' }, '400 invalid_request', '/headline'],
    [
      'with a body that cannot be kept',
      article,
      { locale: 'ru', body: { html: '<script>x</script>' } },
      '400 invalid_request'
    ]
  ]
  for (const [what, of, body, refusal, pointer] of rows)
    await t.test(`${what}: ${refusal}`, (t) =>
      refused(t, room, `POST ${path(of)}`, { ...editor, body }, refusal, pointer)
    )
})

t.test('what is not given is copied', async (t) => {
  const [first, second, writer] = [await tag(room), await tag(room), await author(room)]
  const content = {
    headline: unique('Ferry line reopens'),
    kicker: 'Coast',
    standfirst: 'The first boat left.',
    body: { markdown: 'At **six** in the morning.' },
    authors: [writer.id],
    tags: [second.id, first.id],
    source: { name: 'The Lantern Review', url: 'https://lantern.example/' },
    image: { url: 'https://pictures.example/1.jpg', alt: 'A boat', credit: 'Photo: M. Lind' },
    dateline: 'Port Ansel',
    breaking: true,
    accessibleForFree: false,
    sensitive: true,
    seo: { title: 'Ferry', description: 'All of it.', canonicalUrl: 'https://elsewhere.example/ferry' },
    rights: { licence: 'CC BY 4.0', notice: null }
  }
  const article = await draft(room, { as: 'author', slug: unique('ferry'), ...content })
  const answer = await written(
    t,
    room,
    `POST ${path(article)}`,
    { ...editor, body: { locale: 'ru' } },
    { status: 201, type: 'article.created', fields: ['storyId', 'locale'] }
  )
  const made = answer.body
  t.equal(answer.headers.get('location'), `/v1/articles/${made.id}`)
  t.equal(answer.headers.get('etag'), '"1"')
  t.match(made, {
    storyId: article.storyId,
    locale: 'ru',
    version: 1,
    stage: 'draft',
    createdBy: room.userIds.editor,
    publication: { state: 'none' }
  })
  t.not(made.id, article.id)
  for (const field of Object.keys(content)) {
    if (field !== 'seo') t.same(made[field], article[field], field)
  }
  t.same(made.seo, { ...article.seo, canonicalUrl: null }, 'its canonical address is its own')
  t.equal(made.slug, content.headline.toLowerCase().replaceAll(' ', '-'), 'made from the headline')
  t.same(
    await ask(
      room,
      `SELECT payload FROM events WHERE subject_id = $1::uuid AND type = 'article.created'`,
      made.id
    ),
    {
      id: made.id,
      storyId: article.storyId,
      locale: 'ru',
      slug: made.slug,
      version: 1,
      translationOf: article.id
    }
  )
  const revision = await ask<{ content: Article }>(
    room,
    `SELECT jsonb_build_object('content', content, 'hash', content_hash) FROM revisions WHERE article_id = $1::uuid AND version = 1`,
    made.id
  )
  t.match(revision.content, { headline: content.headline, slug: made.slug, tags: content.tags })
  t.same((await api(`GET /v1/articles/${article.id}`, editor)).body, article, 'the article is as it was')
})

t.test('what is given is taken instead', async (t) => {
  const [kept, other, writer] = [await tag(room), await tag(room), await author(room)]
  const article = await draft(room, {
    tags: [kept.id],
    kicker: 'Coast',
    source: { name: 'The Lantern Review', url: 'https://lantern.example/' },
    rights: { licence: 'CC BY 4.0', notice: 'Please.' },
    seo: { title: 'Ferry', description: 'All of it.' }
  })
  const given = {
    headline: 'Паромная линия снова открыта',
    standfirst: '',
    body: { markdown: 'В *шесть* утра.' },
    tags: [other.id],
    authors: [writer.id],
    source: null,
    rights: { notice: 'Пожалуйста.' },
    seo: { canonicalUrl: 'https://our.example/parom' },
    breaking: true,
    message: 'Translated at night'
  }
  const made = await translate(article, given)
  t.match(made, {
    headline: given.headline,
    slug: /^paromnaya-liniya-snova-otkryta/,
    standfirst: '',
    kicker: 'Coast',
    tags: [other.id],
    authors: [writer.id],
    source: null,
    rights: { licence: null, notice: 'Пожалуйста.' },
    seo: { title: null, description: null, canonicalUrl: 'https://our.example/parom' },
    breaking: true,
    wordCount: 3
  })
  t.equal(
    await ask(room, 'SELECT message FROM revisions WHERE article_id = $1::uuid', made.id),
    given.message
  )
})

t.test('the slug', async (t) => {
  t.test('follows the headline while nobody chose it', async (t) => {
    const article = await draft(room, { headline: unique('Night ferry') })
    const made = await translate(article)
    const { body } = await api(`PATCH /v1/articles/${made.id}`, {
      ...editor,
      ifMatch: 1,
      body: { headline: 'Ночной паром' },
      expect: 200
    })
    t.match(body.slug, /^nochnoj?y?-parom/)
  })
  t.test('stays when it was chosen', async (t) => {
    const article = await draft(room, { headline: unique('Day ferry') })
    const slug = unique('parom')
    const made = await translate(article, { slug })
    t.equal(made.slug, slug)
    const { body } = await api(`PATCH /v1/articles/${made.id}`, {
      ...editor,
      ifMatch: 1,
      body: { headline: 'Дневной паром' },
      expect: 200
    })
    t.equal(body.slug, slug)
  })
  t.test('is one’s own in each language', async (t) => {
    const slug = unique('same')
    const article = await story(room, { slug })
    const made = await translate(article, { slug, headline: 'Тот же адрес' })
    t.equal(made.slug, slug)
    await publish(made)
    const ru = await api(`GET /v1/content/articles/${slug}?locale=ru`, { expect: 200 })
    const en = await api(`GET /v1/content/articles/${slug}?locale=en`, { expect: 200 })
    t.same([ru.body.id, en.body.id], [made.id, article.id])
  })
})

t.test('a timeline of its own', async (t) => {
  const article = await story(room, { headline: unique('Both sides') })
  const made = await translate(article, { headline: `${CANARY} ${unique('Обе')}` })
  const content = (slug: string, locale: string) => api(`GET /v1/content/articles/${slug}?locale=${locale}`)
  const told = async () =>
    (await content(article.slug, 'en')).body.translations.map(({ locale }: { locale: string }) => locale)
  t.same(await told(), [], 'a draft is no translation to readers')
  t.equal((await content(made.slug, 'ru')).status, 404)

  const { body } = await api(`PATCH /v1/articles/${made.id}`, {
    ...editor,
    ifMatch: 1,
    body: { headline: unique('Обе стороны') },
    expect: 200
  })
  await publish({ ...body, version: 2 })
  const read = async (id: string) => (await api(`GET /v1/articles/${id}`, editor)).body.publication.version
  t.same([await read(article.id), await read(made.id)], [1, 2])
  t.same(await told(), ['ru'])
  t.match((await content(body.slug, 'ru')).body, {
    id: made.id,
    storyId: article.storyId,
    translations: [{ locale: 'en', slug: article.slug }]
  })

  await api(`POST /v1/articles/${article.id}/unpublish`, { ...editor, expect: 200 })
  t.equal((await content(body.slug, 'ru')).status, 200, 'taking one down leaves the other')
  t.same((await content(body.slug, 'ru')).body.translations, [])
})

t.test('fifty at once: one translation', async (t) => {
  t.test('of one article', async (t) => {
    const article = await draft(room)
    const answers = await atOnce(50, (index) =>
      api(`POST ${path(article)}`, {
        as: roles[1 + (index % 3)] as 'author',
        body: { locale: 'ru', headline: index % 2 ? unique('Сразу') : undefined }
      })
    )
    t.same(tally(answers), { 201: 1, 409: 49 })
    t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'translation_exists'))
    t.same(await locales(article), ['ru'])
  })
  t.test('of two articles of a story', async (t) => {
    const article = await draft(room)
    const german = await translate(article, { locale: 'de' })
    const answers = await atOnce(50, (index) =>
      api(`POST ${path(index % 2 ? article : german)}`, {
        ...editor,
        body: { locale: 'ru', headline: unique('Сразу') }
      })
    )
    t.same(tally(answers), { 201: 1, 409: 49 })
    t.same(await locales(article), ['de', 'ru'])
  })
  t.test('into languages of their own: all', async (t) => {
    const article = await draft(room)
    const answers = await atOnce(20, (index) =>
      api(`POST ${path(article)}`, { ...editor, body: { locale: `en-${String(100 + index)}` } })
    )
    t.same(tally(answers), { 201: 20 })
  })
})

t.test('the trash frees the language', async (t) => {
  const article = await draft(room)
  const first = await translate(article)
  await trash(first)
  t.same(await locales(article), [])
  const second = await translate(article)
  t.same(
    (await siblings(article)).map(({ id }) => id),
    [second.id]
  )
  await refused(t, room, `POST /v1/articles/${first.id}/restore`, editor, '409 translation_exists')
  await trash(article)
  t.same(
    (await siblings(article)).map(({ id }) => id),
    [second.id],
    'from the trash one still sees the others'
  )
  t.same(await siblings(second), [])
})

t.test('the list', async (t) => {
  const article = await draft(room, { as: 'contributor' })
  for (const locale of ['ru', 'de', 'pt-BR', 'ar', 'zh-Hant']) await translate(article, { locale })
  const mine = await translate(article, { locale: 'fr' }, 'contributor')
  await draft(room, { locale: 'it' })
  const all = await siblings(article)
  t.same(
    all.map(({ locale }) => locale),
    ['ar', 'de', 'fr', 'pt-BR', 'ru', 'zh-Hant']
  )
  t.notOk(
    all.some((one) => 'body' in one),
    'without bodies'
  )
  t.ok(all.every(({ storyId }) => storyId === article.storyId))
  t.same(await locales(mine), ['ar', 'de', 'en', 'pt-BR', 'ru', 'zh-Hant'], 'seen from another')
  t.same(await locales(article, 'contributor'), ['fr'], 'contributors see their own')
  t.same(await locales(mine, 'contributor'), ['en'])

  const ids = all.map(({ id }) => id)
  t.match(await walk(room, `GET ${path(article)}`, editor, 2), {
    there: ids,
    back: ids,
    pages: 3,
    firstPrev: null
  })
  const { page } = (await api(`GET ${path(article)}?limit=1`, { ...editor, expect: 200 })).body
  await refused(
    t,
    room,
    `GET ${path(mine)}?cursor=${page.next}`,
    editor,
    '400 invalid_cursor',
    '/query/cursor'
  )
})

t.test('whose it is', async (t) => {
  const article = await draft(room, { as: 'editor' })
  const made = (await api(`POST ${path(article)}`, { as: 'author', body: { locale: 'ru' }, expect: 201 }))
    .body
  t.equal(made.createdBy, room.userIds.author)
  await api(`PATCH /v1/articles/${made.id}`, {
    as: 'author',
    ifMatch: 1,
    body: { kicker: 'Mine' },
    expect: 200
  })
  await api(`PATCH /v1/articles/${article.id}`, {
    as: 'author',
    ifMatch: 1,
    body: { kicker: 'Theirs' },
    expect: 403
  })
})

t.test('it begins with the working copy, not with what is live', async (t) => {
  const article = await story(room, { headline: unique('Old words') })
  const { body } = await api(`PATCH /v1/articles/${article.id}`, {
    ...editor,
    ifMatch: 1,
    body: { headline: `${CANARY} ${unique('new words')}` },
    expect: 200
  })
  const made = await translate(article)
  t.equal(made.headline, body.headline)
  t.equal(
    (await db.query({ text: 'SELECT FROM publications WHERE article_id = $1::uuid' }, [made.id])).length,
    0
  )
})
