/** How many SQL statements each route runs. A number that grows is a decision, and is made here. */
import t from 'tap'
import { author, newsroom, story, tag } from './helper.ts'

t.test('statements per request', async (t) => {
  const room = await newsroom(t, { cacheBytes: 0 })
  const { api } = room
  const topic = await tag(room)
  const writer = await author(room)
  const article = await story(room, { slug: 'first-address', tags: [topic.id], authors: [writer.id] })
  for (let number = 0; number < 25; number++) await story(room, { tags: [topic.id], authors: [writer.id] })
  const link = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: article.id, channel: 'other' },
      expect: 201
    })
  ).body
  await api(`PATCH /v1/articles/${article.id}`, {
    as: 'editor',
    ifMatch: 1,
    body: { slug: 'second-address' },
    expect: 200
  })
  await api(`POST /v1/articles/${article.id}/publications`, {
    as: 'editor',
    ifMatch: 2,
    body: {},
    expect: 201
  })

  const list = (
    await api('POST /v1/lists', {
      as: 'editor',
      body: { slug: 'of-the-day', titles: { en: 'Of the day' }, size: 10, tail: { tag: topic.id } },
      expect: 201
    })
  ).body
  await api(`PUT /v1/lists/${list.id}/items`, {
    as: 'editor',
    ifMatch: 1,
    body: [{ storyId: article.storyId }],
    expect: 200
  })
  const preview = (
    await api(`POST /v1/articles/${article.id}/previews`, { as: 'editor', body: {}, expect: 201 })
  ).body
  const redirect = async (path: string, to: object) =>
    (await api('POST /v1/redirects', { as: 'editor', body: { path, ...to }, expect: 201 })).body
  const leading = await redirect('/old', { storyId: article.storyId })
  await redirect('/older', { target: '/old' })
  await redirect('/elsewhere', { target: '/about' })

  const webhook = (
    await api('POST /v1/webhooks', {
      as: 'admin',
      body: { url: 'https://1.1.1.1/', events: ['*'], enabled: false },
      expect: 201
    })
  ).body

  const rows: [request: string, as: 'nobody' | 'editor' | 'admin', status: number, statements: number][] = [
    ['GET /v1/content/articles/second-address', 'nobody', 200, 1],
    ['GET /v1/content/articles/second-address?body=html,blocks,text', 'nobody', 200, 1],
    ['GET /v1/content/articles/first-address', 'nobody', 301, 2],
    ['GET /v1/content/articles/nothing-here', 'nobody', 404, 2],
    // What is related is a statement of its own: few ask for it.
    ['GET /v1/content/articles/second-address?include=related', 'nobody', 200, 2],
    ['GET /v1/content/articles/second-address/share', 'nobody', 200, 1],
    ['GET /v1/content/articles/first-address/share', 'nobody', 301, 2],
    ['GET /v1/content/articles/second-address?include=share', 'nobody', 200, 2],
    ['GET /v1/content/articles/second-address?include=share,related,jsonld', 'nobody', 200, 3],
    ['GET /v1/content/trending', 'nobody', 200, 1],
    [`GET /v1/content/views?ids=${article.id},${topic.id}`, 'nobody', 200, 1],
    ['GET /v1/content/articles', 'nobody', 200, 1],
    ['GET /v1/content/articles?sort=updatedAt&fields=slug&include=tags,authors', 'nobody', 200, 1],
    [`GET /v1/content/articles?tag=${topic.slug}&tag=nothing&excludeTag=more&source=Tide`, 'nobody', 200, 1],
    [`GET /v1/content/articles?tag=${topic.slug}&limit=5`, 'nobody', 200, 1],
    [
      `GET /v1/content/articles?tag=${topic.slug}&tag=nothing&tagMode=all&author=${writer.slug}`,
      'nobody',
      200,
      1
    ],
    ['GET /v1/content/tags', 'nobody', 200, 1],
    [`GET /v1/content/tags/${topic.slug}`, 'nobody', 200, 1],
    ['GET /v1/content/authors', 'nobody', 200, 1],
    [`GET /v1/content/authors/${writer.slug}`, 'nobody', 200, 1],
    ['GET /v1/content/lists/of-the-day', 'nobody', 200, 1],
    ['GET /v1/content/lists/nothing', 'nobody', 404, 1],
    // Other spellings are tried when nothing matches.
    ['GET /v1/content/search?q=story', 'nobody', 200, 1],
    [`GET /v1/content/search?q=story&tag=${topic.slug}&limit=5`, 'nobody', 200, 1],
    ['GET /v1/content/search?q=stroy', 'nobody', 200, 2],
    ['GET /v1/content/search?q=-story', 'nobody', 200, 0],
    ['GET /v1/content/site', 'nobody', 200, 1],
    // Redirects and sites; then the article, or that there is none; then the tag.
    ['GET /v1/content/resolve?path=/old', 'nobody', 200, 2],
    ['GET /v1/content/resolve?path=/older', 'nobody', 200, 2],
    ['GET /v1/content/resolve?path=/elsewhere', 'nobody', 200, 3],
    ['GET /v1/content/resolve?path=/en/second-address', 'nobody', 200, 2],
    ['GET /v1/content/resolve?path=/2019/first-address', 'nobody', 200, 2],
    [`GET /v1/content/resolve?path=/tags/${topic.slug}`, 'nobody', 200, 3],
    ['GET /v1/content/resolve?path=/2019/nothing-here', 'nobody', 404, 3],
    ['GET /v1/content/resolve?path=/wp-login.php', 'nobody', 404, 1],
    ['GET /feeds/rss.xml', 'nobody', 200, 1],
    [`GET /feeds/atom.xml?tag=${topic.slug}`, 'nobody', 200, 1],
    ['GET /feeds/feed.json?locale=ru', 'nobody', 200, 1],
    ['GET /feeds/rss.xml?tag=nothing', 'nobody', 404, 1],
    ['GET /sitemap.xml', 'nobody', 200, 1],
    // The articles, and the sites.
    [`GET /sitemaps/en-${new Date().toISOString().slice(0, 7)}-1.xml`, 'nobody', 200, 2],
    ['GET /sitemaps/nothing', 'nobody', 404, 0],
    ['GET /news-sitemap.xml', 'nobody', 200, 2],
    // The sites, and the article.
    ['GET /oembed?url=https://news.example/en/second-address', 'nobody', 200, 2],
    ['GET /oembed?url=https://news.example/en/first-address', 'nobody', 200, 2],
    ['GET /oembed?url=https://elsewhere.example/en/second-address', 'nobody', 404, 1],
    [`GET /v1/content/previews/${preview.token}`, 'nobody', 200, 1],
    ['GET /v1/content/previews/nothing', 'nobody', 404, 1],
    [`GET /s/${link.code}`, 'nobody', 302, 1],
    ['GET /s/nothing', 'nobody', 404, 1],
    [`HEAD /s/${link.code}`, 'nobody', 302, 1],
    [`GET /s/${link.code}/qr.svg`, 'nobody', 200, 1],
    [`GET /s/${link.code}/qr.png?size=64`, 'nobody', 200, 1],
    ['GET /openapi.json', 'nobody', 200, 0],
    ['GET /health/live', 'nobody', 200, 0],
    // Signed in, one statement more: the session is looked at.
    ['GET /v1/me', 'editor', 200, 1],
    [`GET /v1/articles/${article.id}`, 'editor', 200, 2],
    [`GET /v1/articles/${article.id}?include=tags,authors`, 'editor', 200, 4],
    ['GET /v1/articles', 'editor', 200, 2],
    ['GET /v1/articles?count=exact', 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/publications`, 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/stage`, 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/translations`, 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/revisions`, 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/revisions/1`, 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/diff?from=1`, 'editor', 200, 3],
    ['GET /v1/tags', 'editor', 200, 2],
    [`GET /v1/tags/${topic.id}`, 'editor', 200, 2],
    ['GET /v1/authors', 'editor', 200, 2],
    [`GET /v1/authors/${writer.id}`, 'editor', 200, 2],
    ['GET /v1/lists', 'editor', 200, 2],
    [`GET /v1/lists/${list.id}`, 'editor', 200, 2],
    ['GET /v1/share-links', 'editor', 200, 2],
    ['GET /v1/share-links?state=active&sort=-clicks', 'editor', 200, 2],
    [`GET /v1/share-links/${link.id}`, 'editor', 200, 2],
    // What it is about and the clock, the clicks; of an article the views too.
    [`GET /v1/share-links/${link.id}/stats`, 'editor', 200, 3],
    [`GET /v1/articles/${article.id}/stats`, 'editor', 200, 4],
    [`GET /v1/articles/${article.id}/previews`, 'editor', 200, 3],
    ['GET /v1/redirects', 'editor', 200, 2],
    [`GET /v1/redirects/${leading.id}`, 'editor', 200, 2],
    ['GET /v1/users', 'admin', 200, 2],
    ['GET /v1/audit', 'admin', 200, 2],
    ['GET /v1/sessions', 'editor', 200, 2],
    [`GET /v1/users/${room.userIds.author}/sessions`, 'admin', 200, 3],
    ['GET /v1/webhooks', 'admin', 200, 2],
    [`GET /v1/webhooks/${webhook.id}`, 'admin', 200, 2],
    [`GET /v1/webhooks/${webhook.id}/deliveries?state=failed`, 'admin', 200, 3],
    ['GET /v1/site/en', 'editor', 200, 2]
  ]
  for (const [request, as, status, expected] of rows) {
    const ask = () => api(request, { as, expect: status })
    await ask()
    t.equal(await room.statements(ask), expected, `${request} (${status})`)
  }

  await t.test('a view costs one, counted or not; one that cannot count costs none', async (t) => {
    const view = (agent: string) => () =>
      api(`POST /v1/content/articles/${article.id}/views`, { headers: { 'user-agent': agent }, expect: 204 })
    const browser = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'
    t.equal(await room.statements(view(browser)), 4, 'the first one on a day finds no key, and makes one')
    t.equal(await room.statements(view(`${browser}.1`)), 1)
    t.equal(
      await room.statements(view(`${browser}.1`)),
      1,
      'a repeat is found out by the statement that counts'
    )
    t.equal(await room.statements(view('Googlebot/2.1')), 0)
  })

  await t.test('a list costs the same for one and for many', async (t) => {
    const one = await room.statements(() => api('GET /v1/content/articles?limit=1', { expect: 200 }))
    const many = await room.statements(() => api('GET /v1/content/articles?limit=25', { expect: 200 }))
    t.equal(many, one)
  })
})
