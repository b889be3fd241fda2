/** `at=`: what will be, or was, live, for editors only. */
import t from 'tap'
import { CANARY, draft, everyone, newsroom, story, tag, unique } from '../helper.ts'
import { desk, Y2088, Y2089, Y2090, Y2091 } from '../publishing/desk.ts'
import { refused } from '../traces.ts'

const room = await newsroom(t)
const { api } = room
const { clock, patch, publish, seen, seenAt, unpublish } = desk(room)

const topic = await tag(room)
/** Live now, another headline from 2089, another slug from 2090 until 2091. */
const now = await story(room, { tags: [topic.id] })
const second = await patch(now, { headline: `${CANARY} from 2089` })
await publish(second, { liveFrom: Y2089 })
const third = await patch(second, { headline: `${CANARY} from 2090`, slug: unique('moved-in-2090') })
await publish(third, { liveFrom: Y2090, liveUntil: Y2091 })
const hidden = await draft(room, { tags: [topic.id] })

t.test('who may', async (t) => {
  const paths = [
    `/v1/content/articles/${now.slug}`,
    '/v1/content/articles',
    '/v1/content/tags',
    `/v1/content/tags/${topic.slug}`,
    '/v1/content/site'
  ]
  for (const path of paths) {
    for (const who of everyone) {
      const refusal = {
        nobody: '401 unauthenticated',
        contributor: '403 forbidden',
        author: '403 forbidden'
      }[who as string]
      if (refusal) await refused(t, room, `GET ${path}?at=${Y2088}`, { as: who }, refusal)
      else {
        const answer = await api(`GET ${path}?at=${Y2088}`, { as: who, expect: 200 })
        t.equal(answer.headers.get('cache-control'), 'private, no-store', `${who}: ${path}`)
      }
    }
    t.equal((await api(`GET ${path}?at=${Y2088}`, { token: 'nonsense' })).status, 401)
    t.equal((await api(`GET ${path}?at=yesterday`, { as: 'editor' })).status, 400)
    t.match(
      (await api(`GET ${path}`, { as: 'contributor', expect: 200 })).headers.get('cache-control'),
      'private, no-store',
      'a token without `at` is no key, but keeps the answer out of caches'
    )
  }
})

t.test('one article at every moment', async (t) => {
  t.equal((await seen(now, { expect: 200 })).body.headline, now.headline)
  t.equal((await seenAt(now, Y2088, { expect: 200 })).body.headline, now.headline)
  t.match((await seenAt(now, Y2089, { expect: 200 })).body, {
    headline: `${CANARY} from 2089`,
    updatedAt: Y2089
  })
  t.equal((await seenAt(now, '2088-12-31T23:59:59.999Z', { expect: 200 })).body.headline, now.headline)
  const moved = await seenAt(now, Y2090)
  t.equal(moved.status, 301)
  t.equal(
    moved.headers.get('location'),
    `/v1/content/articles/${third.slug}?at=${encodeURIComponent(Y2090)}&locale=en`
  )
  t.equal((await seenAt(third, Y2090, { expect: 200 })).body.headline, `${CANARY} from 2090`)
  t.equal((await seenAt(third, Y2091)).status, 404, 'after its end')
  t.equal((await seenAt(now, Y2091)).status, 404)
  t.equal((await seenAt(third, Y2089)).status, 404, 'before its slug')
  t.equal((await seen(third)).status, 404)
  t.equal((await seenAt(now, '2001-01-01T00:00:00Z')).status, 404, 'before it was written')
  t.equal((await seenAt(hidden, Y2090)).status, 404, 'a draft is live at no moment')
})

t.test('what was', async (t) => {
  const article = await story(room)
  const whileLive = (await clock()).toISOString()
  await unpublish(article, { expect: 200 })
  t.equal((await seen(article)).status, 404)
  t.equal((await seenAt(article, whileLive, { expect: 200 })).body.id, article.id)
})

t.test('lists and tags', async (t) => {
  const headlines = async (at: string) =>
    (
      await api(`GET /v1/content/articles?tag=${topic.slug}&at=${at}`, { as: 'editor', expect: 200 })
    ).body.data.map(({ headline }: { headline: string }) => headline)
  t.same(await headlines(Y2088), [now.headline])
  t.same(await headlines(Y2089), [`${CANARY} from 2089`])
  t.same(await headlines(Y2091), [])
  t.equal(
    (await api(`GET /v1/content/tags/${topic.slug}?at=${Y2090}`, { as: 'editor', expect: 200 })).body
      .articleCount,
    1
  )
  t.equal((await api(`GET /v1/content/tags/${topic.slug}?at=${Y2091}`, { as: 'editor' })).status, 404)
  const tags = (await api(`GET /v1/content/tags?at=${Y2091}`, { as: 'editor', expect: 200 })).body.data
  t.same(tags, [])
  const page = (await api(`GET /v1/content/articles?at=${Y2088}&limit=1`, { as: 'editor', expect: 200 })).body
    .page
  t.equal(
    (await api(`GET /v1/content/articles?at=${Y2089}&limit=1&cursor=${page.next}`, { as: 'editor' })).status,
    400,
    'a cursor is of its moment'
  )
})

t.test('translations move too', async (t) => {
  const ru = await draft(room, { locale: 'ru', headline: 'Позже', standfirst: '', body: { markdown: 'Да.' } })
  await room.db.query({ text: 'UPDATE articles SET story_id = $1::uuid WHERE id = $2::uuid' }, [
    now.storyId,
    ru.id
  ])
  await publish(ru, { liveFrom: Y2088 })
  t.same((await seen(now, { expect: 200 })).body.translations, [])
  t.match((await seenAt(now, Y2088, { expect: 200 })).body.translations, [{ locale: 'ru', slug: ru.slug }])
})
