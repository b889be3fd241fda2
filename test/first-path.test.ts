import t from 'tap'
import { newsroom } from './helper.ts'

t.test('an editor writes, publishes and shares a story; a reader finds it', async (t) => {
  const room = await newsroom(t)
  const { api } = room
  const tag = (
    await api('POST /v1/tags', {
      as: 'editor',
      body: { kind: 'topic', names: { en: 'Shipping', ru: 'Судоходство' } },
      expect: 201
    })
  ).body
  t.equal(tag.slug, 'shipping')
  const author = (
    await api('POST /v1/authors', { as: 'editor', body: { name: 'Maya Lindqvist' }, expect: 201 })
  ).body
  const source = { name: 'The Lantern Review', url: 'https://lantern.example/ferry' }
  const body = {
    locale: 'en',
    headline: 'Ferry line reopens',
    body: { markdown: 'It is **open**.' },
    source,
    tags: [tag.id],
    authors: [author.id]
  }
  const article = (await api('POST /v1/articles', { as: 'editor', body, expect: 201 })).body
  t.equal(article.slug, 'ferry-line-reopens')
  await api(`GET /v1/content/articles/${article.slug}`, { expect: 404 })

  const changed = await api(`PATCH /v1/articles/${article.id}`, {
    as: 'editor',
    ifMatch: 1,
    body: { standfirst: 'After two winters.' },
    expect: 200
  })
  t.equal(changed.headers.get('etag'), '"2"')
  await api(`POST /v1/articles/${article.id}/publications`, {
    as: 'editor',
    ifMatch: 2,
    body: {},
    expect: 201
  })

  const live = (await api(`GET /v1/content/articles/${article.slug}`, { expect: 200 })).body
  t.match(live, {
    headline: 'Ferry line reopens',
    standfirst: 'After two winters.',
    source,
    url: 'https://news.example/en/ferry-line-reopens'
  })
  t.match(live.tags, [{ slug: 'shipping', name: 'Shipping', locale: 'en' }])
  t.match(live.authors, [{ slug: 'maya-lindqvist', name: 'Maya Lindqvist' }])
  t.equal(live.body.html, '<p>It is <strong>open</strong>.</p>')
  const list = (await api('GET /v1/content/articles?tag=shipping', { expect: 200 })).body
  t.same(
    list.data.map((item: { id: string }) => item.id),
    [article.id]
  )

  // It was made when the article was published.
  const link = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: article.id, channel: 'telegram' },
      expect: 200
    })
  ).body
  const followed = await api(`GET ${new URL(link.url).pathname}`, { expect: 302 })
  t.equal(
    followed.headers.get('location'),
    'https://news.example/en/ferry-line-reopens?utm_source=telegram&utm_medium=social'
  )
  const counted = (await api(`GET /v1/share-links/${link.id}`, { as: 'editor', expect: 200 })).body
  t.equal(counted.clicks.total, 1)
})
