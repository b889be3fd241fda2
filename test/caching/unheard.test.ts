/** Between the commit on one instance and the moment another hears of it, that other one reads what it has not heard of. */
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { draft, newsroom, story, tag } from '../helper.ts'

const SECONDS = 30

t.test('nobody keeps an article past its end that was published where it was not heard of yet', async (t) => {
  const room = await newsroom(t)
  const { config, db } = room
  let deaf = false
  const app = await buildApp(config, {
    ...db,
    committed: () => undefined,
    listen: (channel, heard, lost) =>
      db.listen(channel, (payload) => (!deaf || payload.startsWith('tick ')) && heard(payload), lost)
  })
  await app.ready()
  t.teardown(() => app.close())
  const label = await tag(room)
  const fields = { tags: [label.id], headline: 'Ferry line reopens' }
  const other = await story(room, fields)
  const body = { slug: 'front', titles: { en: 'Front' }, size: 5, tail: { tag: label.id } }
  await room.api('POST /v1/lists', { as: 'editor', body, expect: 201 })
  const seconds = async (url: string) => {
    const { statusCode, headers } = await app.inject({ url })
    t.equal(statusCode, 200, url)
    const [, fresh, stale] = /s-maxage=(\d+), stale-while-revalidate=(\d+)/.exec(
      String(headers['cache-control'])
    ) as RegExpExecArray
    return Number(fresh) + Number(stale)
  }
  while ((await seconds(`/v1/content/articles/${other.slug}`)) !== 60)
    await new Promise((done) => setTimeout(done, 50))

  deaf = true
  const article = await draft(room, { as: 'editor', ...fields })
  const liveUntil = new Date(Date.now() + SECONDS * 1_000).toISOString()
  const publication = await room.api(`POST /v1/articles/${article.id}/publications`, {
    as: 'editor',
    ifMatch: article.version,
    body: { liveUntil },
    expect: 201
  })
  const { slug } = publication.body
  const url = encodeURIComponent(`https://news.example/en/${slug}`)
  for (const path of [
    `/v1/content/articles/${slug}`,
    `/v1/content/articles/${slug}?include=jsonld`,
    `/v1/content/articles/${slug}?include=share`,
    `/v1/content/articles/${slug}/share`,
    `/v1/content/articles/${other.slug}?include=related`,
    '/v1/content/articles',
    `/v1/content/articles?tag=${label.slug}&fields=slug`,
    '/v1/content/search?q=ferry',
    '/v1/content/lists/front',
    '/feeds/rss.xml',
    `/oembed?url=${url}`
  ]) {
    const left = await seconds(path)
    t.ok(left > 0 && left <= SECONDS, `${path}: ${left} s`)
  }
})
