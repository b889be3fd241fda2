/**
 * Nothing that readers may not see gets out of any public route: every GET of the OpenAPI document that asks for no
 * token is asked for everything that is hidden, by every name it has. Routes that come later join by themselves.
 */
import t from 'tap'
import { ask } from '../articles/ledger.ts'
import { settled } from '../content/feed.ts'
import { author, CANARY, draft, newsroom, story, tag, unique } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'

type Parameter = { in: string; name: string; required?: boolean; schema: { enum?: string[]; items?: object } }
type Operation = { operationId: string; security: object[]; parameters?: Parameter[] }

const room = await newsroom(t)
const { api } = room
const { patch, publish, read, unpublish, withdraw } = desk(room)

const editor = { as: 'editor' } as const
/** Tags and an author that only hidden articles have: they must not show either. */
const hiddenTag = await tag(room, { names: { en: `${CANARY} tag` } })
const hiddenAuthor = await author(room, { name: `${CANARY} author` })
/** And those that a live one has too. */
const sharedTag = await tag(room)
const sharedAuthor = await author(room)
const signed = { tags: [hiddenTag.id, sharedTag.id], authors: [hiddenAuthor.id, sharedAuthor.id] }
const source = { name: `${CANARY} source`, url: 'https://canary.example/' }
const slugOf = (what: string) => `${CANARY.toLowerCase()}-${unique(what)}`
const hidden = (what: string) => draft(room, { ...signed, source, slug: slugOf(what) })

const live = await story(room, { tags: [sharedTag.id], authors: [sharedAuthor.id] })

/** Everything hidden there is, each an article as the API shows it. */
const things = {
  draft: await hidden('draft'),
  scheduled: await hidden('scheduled'),
  'scheduled correction': live,
  ended: await hidden('ended'),
  trashed: await hidden('trashed'),
  withdrawn: await hidden('withdrawn'),
  'withdrawn before it was live': await hidden('withdrawn-early'),
  'translation of a live one': await draft(room, {
    ...signed,
    source,
    locale: 'ru',
    slug: slugOf('translation')
  })
}
await publish(things.scheduled, { liveFrom: Y2089 })
const correction = await patch(live, {
  ...signed,
  source,
  headline: `${CANARY} corrected`,
  standfirst: CANARY,
  body: { markdown: CANARY },
  slug: slugOf('corrected')
})
await publish(correction, { liveFrom: Y2089, correction: `${CANARY} was wrong` })
// Ended and withdrawn ones were live for a moment that nobody asked in.
await publish(things.ended)
await unpublish(things.ended, { expect: 200 })
await api(`DELETE /v1/articles/${things.trashed.id}`, { ...editor, ifMatch: 1, expect: 204 })
await publish(things.withdrawn)
await withdraw(things.withdrawn, { body: { reason: CANARY }, expect: 200 })
await publish(things['withdrawn before it was live'], { liveFrom: Y2089 })
await withdraw(things['withdrawn before it was live'], { body: { reason: CANARY }, expect: 200 })
await room.db.query({ text: 'UPDATE articles SET story_id = $1::uuid WHERE id = $2::uuid' }, [
  live.storyId,
  things['translation of a live one'].id
])

const all = Object.values(things)
// Each was read a lot: what is trending asks for them first.
await room.db.query(
  {
    text: `INSERT INTO article_views (article_id, hour, locale, views) SELECT id, date_trunc('hour', now(), 'UTC'), locale, 1000 FROM articles`
  },
  []
)
const list = (
  await api('POST /v1/lists', {
    ...editor,
    body: { titles: { en: 'All' }, size: 50, tail: { tag: null } },
    expect: 201
  })
).body
await api(`PUT /v1/lists/${list.id}/items`, {
  ...editor,
  ifMatch: 1,
  body: all
    .filter(({ id }) => id !== things.trashed.id && id !== things['translation of a live one'].id)
    .map(({ storyId }) => ({ storyId })),
  expect: 200
})
const redirects: string[] = []
for (const [index, { id, storyId }] of all.entries()) {
  if (id === things.trashed.id || id === things['translation of a live one'].id) continue
  redirects.push(`/old-${index}`)
  await api('POST /v1/redirects', { ...editor, body: { path: `/old-${index}`, storyId }, expect: 201 })
}
const codes: string[] = []
const tokens: string[] = []
for (const article of all) {
  const link = await api(`POST /v1/articles/${article.id}/share-links`, { ...editor, body: { channel: 'x' } })
  if (link.status < 300) codes.push(link.body.code)
  const preview = await api(`POST /v1/articles/${article.id}/previews`, { ...editor, body: {} })
  if (preview.status === 201) {
    await api(`DELETE /v1/previews/${preview.body.id}`, { ...editor, expect: 204 })
    tokens.push(preview.body.token)
  }
}

await settled(room)

const slugs = [
  ...new Set([
    ...all.map(({ slug }) => slug as string),
    correction.slug,
    hiddenTag.slug,
    hiddenAuthor.slug,
    sharedTag.slug,
    list.slug
  ])
]
const document = room.app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
const routes = Object.entries(document.paths).flatMap(([path, { get }]) =>
  get?.security.some((scheme) => Object.keys(scheme).length === 0) ? [{ path, operation: get }] : []
)

/** What is put into the address for a part of it. */
const places: Record<string, string[]> = {
  '{slug}': slugs,
  '{code}': codes,
  '{link}': tokens,
  '{id}': all.map(({ id }) => id as string),
  '{page}': ['en', 'ru'].flatMap((locale) => [
    `${locale}-${live.updatedAt.slice(0, 7)}-1.xml`,
    `${locale}-2089-01-1.xml`
  ])
}
/** What is asked with: each of these alone. */
const questions: Record<string, string[]> = {
  locale: ['en', 'ru', 'hy'],
  tag: [hiddenTag.slug, sharedTag.slug],
  excludeTag: [sharedTag.slug],
  author: [hiddenAuthor.slug, sharedAuthor.slug],
  source: [source.name],
  body: ['html,blocks,markdown,text'],
  include: ['share', 'related', 'tags,authors'],
  fields: ['id,slug,headline,standfirst,source,tags,authors,corrections,url'],
  publishedAfter: ['2089-01-01T00:00:00Z', '2000-01-01T00:00:00Z'],
  publishedBefore: ['2099-01-01T00:00:00Z'],
  path: [...redirects, ...slugs.map((slug) => `/en/${slug}`), ...slugs.map((slug) => `/2019/05/${slug}`)],
  url: slugs.flatMap((slug) => ['en', 'ru'].map((locale) => `https://news.example/${locale}/${slug}`)),
  format: ['xml'],
  ids: [all.map(({ id }) => id).join()],
  q: [CANARY]
}

t.test('all that is hidden is there, and hidden', async (t) => {
  const states = await Promise.all(
    Object.entries(things).map(async ([what, article]) => {
      const { publication, trashedAt } = await read(article)
      return [what, trashedAt ? 'trashed' : publication.state]
    })
  )
  t.same(Object.fromEntries(states), {
    draft: 'none',
    scheduled: 'scheduled',
    'scheduled correction': 'live',
    ended: 'ended',
    trashed: 'trashed',
    withdrawn: 'withdrawn',
    'withdrawn before it was live': 'withdrawn',
    'translation of a live one': 'none'
  })
  const marked = await ask<number>(
    room,
    `SELECT count(*)::int FROM articles WHERE headline LIKE $1::text`,
    `%${CANARY}%`
  )
  t.equal(marked, all.length, 'every one carries the canary')
  t.ok(routes.length >= 12, `${routes.length} public routes`)
})

/** The changes tell that something was live and is no more: of these, and nothing but where they stood. */
const onceLive = ['ended', 'withdrawn']

for (const { path, operation } of routes) {
  t.test(`${operation.operationId} lets none of it out`, async (t) => {
    const part = Object.keys(places).find((name) => path.includes(name))
    const paths = part
      ? (places[part] ?? []).map((value) => path.replace(part, encodeURIComponent(value)))
      : [path]
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
    const needed = parameters.filter(({ required }) => required)
    const searches = [
      ...(needed.length === 0 ? [''] : []),
      ...parameters.flatMap(({ name, schema }) =>
        (questions[name] ?? schema.enum ?? []).map((value) => `${name}=${encodeURIComponent(value)}`)
      )
    ]
    let asked = 0
    for (const one of paths) {
      for (const search of searches) {
        // The helper fails on every public answer that holds the canary.
        const answer = await api(`GET ${one}${search && `?${search}`}`)
        const told = `${one}?${search} → ${answer.status}`
        t.ok(answer.status < 500, told)
        for (const [what, { id }] of Object.entries(things)) {
          const may =
            (operation.operationId === 'listChanges' && onceLive.includes(what)) ||
            // Says the ids it was asked with. What was never live has no views: nothing counts them.
            operation.operationId === 'listViews'
          if (id !== live.id && !may && answer.text.includes(id))
            t.fail(`${told} names ${what}: ${answer.text.slice(0, 300)}`)
        }
        // What was asked for by name is no secret any more, and comes back in no other place than that.
        const location = answer.headers.get('location') ?? ''
        if (location.toLowerCase().includes(CANARY.toLowerCase())) t.fail(`${told} leads to ${location}`)
        asked++
      }
    }
    t.ok(asked > 0, `${asked} requests`)
  })
}

t.test('a slug that is hidden and one that never was are answered alike', async (t) => {
  const same = (text: string) => text.replace(/"requestId":"[^"]+"/, '')
  const never = await api('GET /v1/content/articles/there-never-was-such-a-slug')
  for (const [what, { slug, id }] of Object.entries(things)) {
    if (id === live.id || what === 'withdrawn') continue
    const answer = await api(`GET /v1/content/articles/${slug}`)
    t.equal(answer.status, 404, what)
    t.equal(same(answer.text), same(never.text), what)
    const names = (headers: Headers) => [...headers.keys()].filter((name) => name !== 'date')
    t.same(names(answer.headers), names(never.headers), what)
  }
})
