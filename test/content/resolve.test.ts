import fc from 'fast-check'
import t from 'tap'
import { matchTemplate, pathOf } from '../../src/content/paths.ts'
import type { Article } from '../articles/states.ts'
import { CANARY, draft, everyone, newsroom, type Options, story, tag, unique } from '../helper.ts'

const room = await newsroom(t)
const { api, db } = room

const resolve = (path: string, more = '', options: Options = {}) =>
  api(`GET /v1/content/resolve?path=${encodeURIComponent(path)}${more}`, options)
const now = async (path: string, more = '') => {
  const { status, body } = await resolve(path, more)
  return status === 200 ? body : status
}
const nothing = { locale: null, slug: null, url: null, path: null }
const gone = { ...nothing, type: 'gone' }
const articleAt = (slug: string, locale = 'en') => ({
  ...nothing,
  type: 'article',
  locale,
  slug,
  url: `https://news.example/${locale}/${slug}`
})
const tagAt = (slug: string, locale = 'en') => ({ ...nothing, type: 'tag', locale, slug })
const redirectTo = (path: string) => ({ ...nothing, type: 'redirect', path })

const redirect = (path: string, to: { storyId?: string; target?: string }) =>
  api('POST /v1/redirects', { as: 'editor', body: { path, ...to }, expect: 201 })
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })
const unpublish = ({ id }: Article) => api(`POST /v1/articles/${id}/unpublish`, { as: 'editor', expect: 200 })
/** Live under another slug from now on. */
async function move({ id, version }: Article, slug: string) {
  const { body } = await api(`PATCH /v1/articles/${id}`, {
    as: 'editor',
    ifMatch: version,
    body: { slug },
    expect: 200
  })
  await publish(body)
}
const withdraw = async ({ id }: Article) => {
  await db.query(
    {
      text: `UPDATE articles SET withdrawn_at = clock_timestamp(), withdrawn_reason = '${CANARY}' WHERE id = $1::uuid`
    },
    [id]
  )
  await db.query({ text: 'UPDATE publications SET withdrawn = true WHERE article_id = $1::uuid' }, [id])
}
/** The same story in Russian, live. */
const russian = async ({ storyId }: Article, fields: object = {}) => {
  const made = await draft(room, {
    locale: 'ru',
    headline: `История ${unique()}`,
    standfirst: '',
    body: { markdown: 'Да.' },
    ...fields
  })
  await db.query({ text: 'UPDATE articles SET story_id = $2::uuid WHERE id = $1::uuid' }, [made.id, storyId])
  await publish(made)
  return made
}

t.test('everybody may ask, and at another moment editors', async (t) => {
  const { slug } = await story(room)
  for (const who of everyone) {
    t.equal((await resolve(`/${slug}`, '', { as: who })).status, 200, who)
    const status = { nobody: 401, contributor: 403, author: 403, editor: 200, admin: 200 }[who]
    const later = '&at=2090-01-01T00:00:00Z'
    t.equal((await resolve(`/${slug}`, later, { as: who })).status, status, `${who}, later`)
  }
})

t.test('by the address on a front end', async (t) => {
  const { slug, storyId } = await story(room)
  const ru = await russian({ storyId })
  for (const path of [
    `/en/${slug}`,
    `/en/${slug}/`,
    `/en/${slug}?utm_source=x`,
    `https://news.example/en/${slug}`,
    `http://old.example:8080/en/${slug}#top`,
    `https://user@old.example/en/${slug}?a=1#b`,
    `/%65n/${slug}`
  ]) {
    t.same(await now(path), articleAt(slug), path)
    t.same(await now(path, '&locale=ru'), articleAt(slug), `${path}: the address says the language`)
  }
  t.same(await now(`/ru/${ru.slug}`), articleAt(ru.slug, 'ru'))
  t.same(await now(`/ru/${slug}`), articleAt(slug), 'else by its last part, in the locale asked for')
  t.equal(await now(`/en/${ru.slug}`), 404)

  const slug2 = unique('ru')
  await move({ ...ru, version: 1 }, slug2)
  await story(room, { slug: ru.slug })
  t.same(
    await now(`/ru/${ru.slug}`),
    articleAt(slug2, 'ru'),
    'its former slug, before the same in another language'
  )
})

t.test('by other templates: of each site, with queries, without the locale', async (t) => {
  const { slug, storyId } = await story(room)
  const ru = await russian({ storyId })
  const set = async (locale: string, articleUrl: string) => {
    const { headers } = await api(`GET /v1/site/${locale}`, { as: 'admin', expect: 200 })
    const ifMatch = headers.get('etag') as string
    await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch, body: { articleUrl }, expect: 200 })
  }
  await set('en', 'https://news.example/read/{slug}.html')
  await set('ru', 'https://ru.example/статьи/?id={slug}&l={locale}')
  const en = { ...articleAt(slug), url: `https://news.example/read/${slug}.html` }
  t.same(await now(`/read/${slug}.html`), en)
  t.same(await now(`/read/${slug}.html?x=1`, '&locale=ru'), en)
  const found = { ...articleAt(ru.slug, 'ru'), url: `https://ru.example/статьи/?id=${ru.slug}&l=ru` }
  t.same(await now(`/статьи?id=${ru.slug}&l=ru`), found)
  t.same(await now(found.url), found)
  for (const path of [
    `/статьи?id=${ru.slug}`,
    `/read/${slug}xhtml`,
    `/read/more/${slug}.html`,
    `/статьи?id=${ru.slug}&l=en`
  ])
    t.equal(await now(path), 404, path)
  for (const locale of ['en', 'ru']) await set(locale, 'https://news.example/{locale}/{slug}')
})

t.test('templates', async (t) => {
  for (const [template, path, found] of [
    ['https://a.example/{locale}/{slug}', '/en/a-b', { locale: 'en', slug: 'a-b' }],
    ['https://a.example/{locale}/{slug}', '/pt-BR/a?x', { locale: 'pt-BR', slug: 'a' }],
    ['https://a.example/{locale}/{slug}', '/en/a/b', null],
    ['https://a.example/{locale}/{slug}', '/en/A', null],
    ['https://a.example/{locale}/{slug}', '/en/', null],
    ['https://a.example/{slug}/', '/a', { slug: 'a' }],
    ['https://a.example/{slug}/?l={locale}', '/a?l=ru', { slug: 'a', locale: 'ru' }],
    ['https://a.example/{slug}/?l={locale}', '/a', null],
    ['https://a.example/{locale}/{slug}/{locale}', '/en/a/en', { slug: 'a', locale: 'en' }],
    ['https://a.example/{locale}/{slug}/{locale}', '/en/a/ru', null],
    ['https://a.example/%7e(news)+/{slug}', '/~(news)+/a', { slug: 'a' }],
    ['https://a.example/x.y/{slug}', '/xzy/a', null],
    ['https://a.example/#/{slug}', '/a', null]
  ] as const)
    t.same({ ...matchTemplate(template, path) }, { ...found }, `${template} ${path}`)
})

t.test('by the last part: present and former slugs, in the locale or along its chain', async (t) => {
  const moved = await story(room)
  const slug = unique('moved')
  await move(moved, slug)
  const ru = await russian(moved)
  for (const [path, more, found] of [
    [`/2019/05/${slug}`, '', articleAt(slug)],
    [`/2019/05/${slug}/?x=1`, '', articleAt(slug)],
    [`/${moved.slug}`, '', articleAt(slug)],
    [`/en/${moved.slug}`, '', articleAt(slug)],
    [`/en/${moved.slug}`, '&locale=ru', articleAt(slug)],
    [`/x/${moved.slug}`, '&locale=ru', articleAt(slug)],
    [`/x/${ru.slug}`, '&locale=ru', articleAt(ru.slug, 'ru')],
    [`/x/${ru.slug}`, '', 404],
    [`/x/${slug}`, '&locale=hy', 404],
    [`/${slug}/x`, '', 404],
    [`/x?y=/${slug}`, '', 404],
    [`/${slug.toUpperCase()}`, '', 404],
    [`/${slug}.html`, '', 404]
  ] as const)
    t.same(await now(path, more), found, path + more)
  const heir = await story(room, { slug: moved.slug })
  t.same(await now(`/x/${moved.slug}`), articleAt(heir.slug), 'who has it now counts before who had it')
  await unpublish(heir)
  t.equal(await now(`/x/${moved.slug}`), 404, 'the last one who had it is not live')
})

t.test('by the last part: tags that live articles have', async (t) => {
  const alias = unique('alias')
  const label = await tag(room, { aliases: [alias] })
  const idle = await tag(room)
  await draft(room, { tags: [idle.id] })
  const tagged = await story(room, { tags: [label.id] })
  t.same(await now(`/topics/${label.slug}`), tagAt(label.slug))
  t.same(await now(`https://old.example/tag/${alias}/?page=2`), tagAt(label.slug))
  t.equal(await now(`/topics/${label.slug}`, '&locale=ru'), 404, 'no live article in that locale')
  t.equal(await now(`/topics/${idle.slug}`), 404)
  const namesake = await story(room, { slug: alias })
  t.same(await now(`/x/${alias}`), articleAt(alias), 'an article counts first')
  await unpublish(namesake)
  await unpublish(tagged)
  t.equal(await now(`/topics/${label.slug}`), 404)
})

t.test('by a redirect to a story', async (t) => {
  const article = await story(room)
  const { storyId } = article
  const [path, withQuery] = [`/${unique('old')}`, `/?p=${unique()}`]
  await redirect(path, { storyId })
  await redirect(withQuery, { storyId })
  for (const asked of [
    path,
    `${path}/`,
    `${path}?utm_source=x`,
    `https://old.example${path}#c`,
    withQuery,
    `https://old.example${withQuery}`
  ])
    t.same(await now(asked), articleAt(article.slug), asked)
  t.equal(await now(`${withQuery}0`), 404, 'the query counts')
  t.same(await now(path, '&locale=ru'), articleAt(article.slug), 'along the chain')
  const ru = await russian(article)
  t.same(await now(path, '&locale=ru'), articleAt(ru.slug, 'ru'))
  t.equal(await now(path, '&locale=hy'), 404)
  const other = await story(room)
  await redirect(`${path}?id=2`, { storyId: other.storyId })
  t.same(await now(`${path}?id=2`), articleAt(other.slug), 'with exactly this query, first')
  await redirect(`/en/${other.slug}`, { storyId })
  t.same(
    await now(`/en/${other.slug}`),
    articleAt(article.slug),
    'a redirect counts before the article there'
  )
  await move(article, unique('moved'))
  t.match(await now(path), { type: 'article', slug: /^moved-/ }, 'it follows')
  await unpublish(article)
  t.equal(await now(path), 404)
  t.same(await now(path, '&locale=ru'), articleAt(ru.slug, 'ru'))
})

t.test('by a redirect to a path: looked up once more, and no further', async (t) => {
  const article = await story(room)
  const label = await tag(room)
  await story(room, { tags: [label.id] })
  const withdrawn = await story(room)
  await withdraw(withdrawn)
  const name = unique('to')
  const [a, b, c, d] = [`/${name}/a1`, `/${name}/b1`, `/${name}/c1`, `/${name}/d1`]
  for (const [from, target, found] of [
    [`/${name}/page`, '/about-us?x=1', redirectTo('/about-us?x=1')],
    [`/${name}/article`, `/en/${article.slug}`, articleAt(article.slug)],
    [`/${name}/slug`, `/x/${article.slug}?y=1`, articleAt(article.slug)],
    [`/${name}/tag`, `/tags/${label.slug}`, tagAt(label.slug)],
    [`/${name}/withdrawn`, `/en/${withdrawn.slug}`, redirectTo(`/en/${withdrawn.slug}`)]
  ] as const) {
    await redirect(from, { target })
    t.same(await now(from), found, target)
  }
  await redirect(a, { target: b })
  t.same(await now(a), redirectTo(b))
  await redirect(c, { target: `${d}?x=1` })
  await redirect(d, { storyId: article.storyId })
  t.same(await now(c), articleAt(article.slug), 'to a path that leads to a story')
  const e = `/${name}/e1`
  await redirect(e, { target: c })
  t.same(await now(e), redirectTo(c), 'three in a row are two too many')
})

t.test('withdrawn is gone', async (t) => {
  const article = await story(room)
  const slug = unique('later')
  await move(article, slug)
  const path = `/${unique('old')}`
  await redirect(path, { storyId: article.storyId })
  const ways = [path, `/en/${slug}`, `/x/${slug}`, `/en/${article.slug}`, `/x/${article.slug}`]
  for (const way of ways) t.match(await now(way), { type: 'article' }, way)
  await withdraw(article)
  for (const way of ways) {
    t.same(await now(way), gone, way)
    t.same(await now(way, '&locale=ru'), gone, `${way}, along the chain`)
    const then = await resolve(way, '&at=2090-01-01T00:00:00Z', { as: 'editor' })
    t.same(then.body, gone, `${way}, at every moment`)
  }
  const ru = await russian(article)
  t.same(await now(path, '&locale=ru'), articleAt(ru.slug, 'ru'), 'what else is live of the story counts')
  const heir = await story(room, { slug: article.slug })
  t.same(await now(`/en/${article.slug}`), articleAt(heir.slug), 'who has the slug now counts')

  const second = await story(room)
  const there = `/${unique('old')}`
  await redirect(there, { storyId: second.storyId })
  await withdraw(await russian(second))
  t.same(await now(there, '&locale=ru'), articleAt(second.slug), 'what is live along the chain counts before')
})

t.test('drafts, scheduled and ended articles are nothing', async (t) => {
  const hidden = await draft(room)
  const scheduled = await draft(room)
  await publish(scheduled, { liveFrom: '2090-01-01T00:00:00Z' })
  const ended = await story(room)
  await unpublish(ended)
  const trashed = await draft(room)
  for (const article of [hidden, scheduled, ended, trashed]) {
    const path = `/${unique('old')}`
    const there = `/${unique('there')}`
    await redirect(path, { storyId: article.storyId })
    await redirect(there, { target: path })
    if (article === trashed)
      await api(`DELETE /v1/articles/${trashed.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
    const unknown = await resolve('/nothing/at-all')
    for (const way of [path, `/en/${article.slug}`, `/x/${article.slug}`]) {
      const answer = await resolve(way)
      t.equal(answer.status, 404, way)
      t.same({ ...answer.body, requestId: '' }, { ...unknown.body, requestId: '' }, 'as what never was')
      t.equal(answer.headers.get('cache-control'), 'no-store')
    }
    t.same(await now(there), redirectTo(path))
  }
  const at = (moment: string) => resolve(`/en/${scheduled.slug}`, `&at=${moment}`, { as: 'editor' })
  t.same((await at('2090-01-01T00:00:00Z')).body, articleAt(scheduled.slug))
  t.equal((await at('2089-12-31T23:59:59Z')).status, 404)
  const { liveFrom } = (await api(`GET /v1/articles/${ended.id}`, { as: 'editor', expect: 200 })).body
    .publication
  for (const way of [`/en/${ended.slug}`, `/x/${ended.slug}`])
    t.same((await resolve(way, `&at=${liveFrom}`, { as: 'editor' })).body, articleAt(ended.slug), 'as it was')
})

t.test('answers are kept and asked for again as those of other content are', async (t) => {
  const { slug } = await story(room)
  const first = await resolve(`/${slug}`)
  t.match(first.headers.get('etag'), /^"[\w-]{27}"$/)
  t.match(first.headers.get('cache-control'), /^public, max-age=0, s-maxage=\d+, stale-while-revalidate=\d+$/)
  const again = await resolve(`/${slug}`, '', {
    headers: { 'if-none-match': first.headers.get('etag') as string }
  })
  t.same([again.status, again.text], [304, ''])
  t.equal((await resolve(`/${slug}`, '', { as: 'editor' })).headers.get('cache-control'), 'private, no-store')
})

t.test('what is no path is refused', async (t) => {
  for (const path of [
    'x',
    '?p=1',
    '//x',
    '/a//b',
    '/a/../b',
    '/%',
    '/%zz',
    'ftp://x.example/a',
    'https://x.example/%',
    'a'.repeat(2501),
    `/${'я'.repeat(800)}`,
    '/\0'
  ])
    t.match(
      await resolve(path),
      { status: 400, body: { errors: [{ pointer: '/query/path' }] } },
      path.slice(0, 20)
    )
  t.match(await api('GET /v1/content/resolve'), {
    status: 400,
    body: { errors: [{ pointer: '/query/path' }] }
  })
  t.equal(pathOf('https://x.example'), '/')
  t.equal(pathOf('HTTP://x.example?p=1#x'), '/?p=1')
})

t.test('no path breaks it, or lets out what is not live', async (t) => {
  const hidden = await draft(room, { slug: 'hidden' })
  const scheduled = await draft(room, { slug: 'scheduled' })
  await publish(scheduled, { liveFrom: '2090-01-01T00:00:00Z' })
  const { slug } = await story(room)
  await redirect('/in', { storyId: hidden.storyId })
  const part = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      'en',
      'ru',
      'in',
      'hidden',
      'scheduled',
      slug,
      '%',
      '%00',
      '%2e',
      "'--",
      '{slug}',
      '$1',
      'é',
      '😀',
      '\\',
      ';',
      '?',
      '#',
      '*'
    ),
    fc.string({ maxLength: 10 }),
    fc.string({ unit: 'binary', maxLength: 10 })
  )
  const path = fc.oneof(
    fc.array(part, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`),
    fc
      .tuple(
        fc.constantFrom('/', '//', 'http://', 'https://x@', 'https://a.example/', '/?', '/x?'),
        fc.string()
      )
      .map(([head, tail]) => head + tail),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string({ minLength: 1, maxLength: 300 })
  )
  const locale = fc.constantFrom('', '&locale=en', '&locale=ru', '&locale=hy')
  await fc.assert(
    fc.asyncProperty(path, locale, async (path, locale) => {
      if (/\p{Surrogate}/u.test(path)) return true
      // The helper fails on 500, on answers the document does not tell of, and on canaries.
      const { status, body } = await resolve(path, locale)
      return (
        [200, 400, 404].includes(status) && (status !== 200 || body.type !== 'article' || body.slug === slug)
      )
    }),
    { numRuns: 400 }
  )
  t.pass('400 paths')
})
