import t from 'tap'
import { draft, newsroom, type Options, story, unique } from '../helper.ts'
import { ask, writesNothing } from './ledger.ts'
import type { Article } from './states.ts'

const room = await newsroom(t)
const { api } = room

const write = (body: object, options: Options = {}) =>
  api('POST /v1/articles', {
    as: 'editor',
    body: { locale: 'en', headline: unique('Headline'), ...body },
    ...options
  })
const made = async (body: object): Promise<Article> => (await write(body, { expect: 201 })).body
const patch = (article: Article, body: object, options: Options = {}) =>
  api(`PATCH /v1/articles/${article.id}`, { as: 'editor', ifMatch: article.version, body, ...options })
const changed = async (article: Article, body: object): Promise<Article> =>
  (await patch(article, body, { expect: 200 })).body
const publish = ({ id, version }: Article, body: object = {}) =>
  api(`POST /v1/articles/${id}/publications`, { as: 'editor', ifMatch: version, body, expect: 201 })
const slugsOf = (articles: Article[]) => articles.map(({ slug }) => slug)

/** An article that was live under one slug and is live under another now. */
async function moved(): Promise<{ article: Article; former: string }> {
  const article = await story(room)
  const there = await changed(article, { slug: unique('moved') })
  await publish(there)
  return { article: there, former: article.slug }
}

t.test('a slug is made from the headline', async (t) => {
  for (const [headline, slug] of [
    ['Ferry line reopens', 'ferry-line-reopens'],
    ['  Who’s there?  “Nobody” — 50 % ', 'whos-there-nobody-50'],
    ['Crème brûlée in Łódź', 'creme-brulee-in-lodz'],
    ['Паром снова ходит', 'parom-snova-hodit'],
    ['Լաստանավ', /^lastanav/],
    ['عودة العبارة', /^[a-z]+-[a-z]+$/],
    ['渡轮重新开通', 'du-lun-chong-xin-kai-tong'],
    ['🚢🌊', 'article'],
    ['!!!', 'article-2'],
    [
      `${'A very long road to the lighthouse '.repeat(8)}end`,
      /^a-very-long-road-to-the-lighthouse-.{30,44}[a-z]$/
    ],
    ['x'.repeat(300), /^x+$/]
  ] as const) {
    const article = await made({ headline })
    t.match(article.slug, slug, headline)
    t.ok(article.slug.length <= 80, headline)
  }
})

t.test('a made slug follows the headline until it is first published, then stays', async (t) => {
  let article = await made({ headline: 'Tide at noon' })
  t.equal(article.slug, 'tide-at-noon')
  article = await changed(article, { kicker: 'Sea' })
  t.equal(article.slug, 'tide-at-noon')
  article = await changed(article, { headline: 'Tide at one' })
  t.equal(article.slug, 'tide-at-one')
  await publish(article, { liveFrom: '2090-01-01T00:00:00Z' })
  t.equal(
    (await changed(article, { headline: 'Tide at two' })).slug,
    'tide-at-one',
    'once it is on the timeline'
  )
  const other = await made({ headline: 'Ebb at noon' })
  await publish(other)
  await api(`POST /v1/articles/${other.id}/unpublish`, { as: 'editor', expect: 200 })
  t.equal(
    (await changed(other, { headline: 'Ebb at one' })).slug,
    'ebb-at-noon',
    'also after it was taken down'
  )
})

t.test('a chosen slug stays; null follows the headline again', async (t) => {
  const slug = unique('chosen')
  let article = await made({ headline: 'Night ferry', slug })
  t.equal(article.slug, slug)
  article = await changed(article, { headline: 'Late night ferry' })
  t.equal(article.slug, slug)
  article = await changed(article, { slug: null })
  t.equal(article.slug, 'late-night-ferry')
  article = await changed(article, { headline: 'Later night ferry' })
  t.equal(article.slug, 'later-night-ferry')
  article = await changed(article, { headline: 'Last night ferry', slug: 'later-night-ferry' })
  article = await changed(article, { headline: 'Latest night ferry' })
  t.equal(article.slug, 'later-night-ferry', 'choosing what was made keeps it')
  await publish(article)
  const after = await changed(article, { slug: null })
  t.equal(after.slug, 'latest-night-ferry', 'on purpose also after publication')
  t.equal((await changed(after, { headline: 'No night ferry' })).slug, 'latest-night-ferry')
})

t.test('a made slug is suffixed when it is taken, or once was another’s', async (t) => {
  const headline = unique('Same words')
  const [one, two, three] = [await made({ headline }), await made({ headline }), await made({ headline })]
  t.same(slugsOf([two, three]), [`${one.slug}-2`, `${one.slug}-3`])
  const { former } = await moved()
  t.equal((await made({ headline: former })).slug, `${former}-2`)
  const promised = await made({ headline: unique('Promised') })
  await publish(promised, { liveFrom: '2090-01-01T00:00:00Z' })
  await changed(promised, { slug: unique('away') })
  t.equal(
    (await made({ headline: promised.headline })).slug,
    `${promised.slug}-2`,
    'or is promised to another'
  )
})

t.test('one’s own former slug is one’s own', async (t) => {
  const { article, former } = await moved()
  t.equal((await changed(article, { slug: former })).slug, former)
  const { article: other, former: before } = await moved()
  t.equal((await changed(other, { slug: null })).slug, before)
})

t.test('a chosen slug may take over another’s former one, and readers follow', async (t) => {
  const { article, former } = await moved()
  const redirect = await api(`GET /v1/content/articles/${former}`, { expect: 301 })
  t.equal(redirect.headers.get('location'), `/v1/content/articles/${article.slug}?locale=en`)
  const heir = await made({ slug: former })
  await publish(heir)
  t.equal((await api(`GET /v1/content/articles/${former}`, { expect: 200 })).body.id, heir.id)
})

t.test('a chosen slug that is taken is refused', async (t) => {
  const taken = await made({ slug: unique('taken') })
  const other = await made({})
  t.match(await writesNothing(t, room, () => write({ slug: taken.slug })), {
    status: 409,
    body: { code: 'slug_taken' }
  })
  t.match(await writesNothing(t, room, () => patch(other, { slug: taken.slug })), {
    status: 409,
    body: { code: 'slug_taken' }
  })
  for (const slug of [
    '',
    'Upper',
    'two--hyphens',
    '-edge',
    'edge-',
    'snow man',
    'x'.repeat(201),
    'é',
    7,
    'a/b'
  ]) {
    const answer = await writesNothing(t, room, () => patch(other, { slug }))
    t.match(answer, { status: 400, body: { errors: [{ pointer: '/slug' }] } }, String(slug))
  }
})

t.test('the same slug stands in another locale', async (t) => {
  const slug = unique('both')
  await made({ slug })
  t.equal((await made({ slug, locale: 'ru' })).slug, slug)
  const headline = unique('Both')
  t.equal((await made({ headline })).slug, (await made({ headline, locale: 'ru' })).slug)
})

t.test('of fifty who choose one slug at once, one gets it', async (t) => {
  const slug = unique('wanted')
  const answers = await Promise.all(Array.from({ length: 50 }, () => write({ slug })))
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status, body }) => status === 409 && body.code === 'slug_taken').length, 49)
  t.equal(await ask<number>(room, 'SELECT count(*)::int FROM articles WHERE slug = $1::text', slug), 1)
})

t.test('of fifty who change to one slug at once, one gets it', async (t) => {
  const slug = unique('wanted')
  const articles = await Promise.all(Array.from({ length: 50 }, () => made({})))
  const answers = await Promise.all(articles.map((article) => patch(article, { slug })))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ status, body }) => status === 409 && body.code === 'slug_taken').length, 49)
})

t.test('fifty who write one headline at once get fifty slugs', async (t) => {
  const headline = unique('Crowd')
  const answers = await Promise.all(Array.from({ length: 50 }, () => write({ headline })))
  t.same([...new Set(answers.map(({ status }) => status))], [201])
  t.equal(new Set(answers.map(({ body }) => body.slug)).size, 50)
})

t.test('slugs made and chosen at once never meet', async (t) => {
  const headline = unique('Mixed')
  const { slug } = await made({ headline })
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      write(index % 2 === 0 ? { headline } : { slug: `${slug}-${index + 2}` })
    )
  )
  t.ok(answers.every(({ status }, index) => status === 201 || (status === 409 && index % 2 === 1)))
  t.equal(
    answers.filter(({ status }, index) => status === 201 && index % 2 === 0).length,
    20,
    'who chose none always gets one'
  )
  const slugs = answers.filter(({ status }) => status === 201).map(({ body }) => body.slug)
  t.equal(new Set(slugs).size, slugs.length)
})

t.test('changing several headlines to one at once gives each its slug', async (t) => {
  const headline = unique('Gathering')
  const articles = await Promise.all(Array.from({ length: 20 }, () => draft(room)))
  const answers = await Promise.all(articles.map((article) => patch(article, { headline }, { expect: 200 })))
  t.equal(new Set(answers.map(({ body }) => body.slug)).size, 20)
})
