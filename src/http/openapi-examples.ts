/** Examples of parameters, by their name, and of answers that no component describes. */

const ARTICLE = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const TAG = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12'
const PERSON = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13'
const EARLIER = '2026-11-20T08:00:00Z'
const LATER = '2026-11-20T10:00:00Z'

/** For one operation only, as `operation.name`; for the addresses under /v1/content and of feeds, as `content.name`. */
const parameters: Record<string, unknown> = {
  'content.author': 'maya-lindqvist',
  'content.excludeTag': ['sport'],
  'content.sort': 'publishedAt',
  'content.tag': 'shipping',
  'diffArticle.from': 1,
  'diffArticle.to': 2,
  'getLiveArticle.include': 'share,related',
  'getProblem.code': 'stale_version',
  'getSitemap.page': 'en-2026-11-1.xml',
  'listLiveArticles.tag': ['shipping'],
  'listShareLinks.sort': '-clicks',
  'listShareLinks.state': 'active',
  'listWebhookDeliveries.state': 'delivered',
  action: 'article.published',
  articleId: ARTICLE,
  at: '2026-12-24T18:00:00Z',
  author: PERSON,
  body: 'html,text',
  campaign: 'evening',
  channel: 'telegram',
  code: 'k7Qm2x',
  count: 'exact',
  createdBy: PERSON,
  cursor: 'Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ',
  deliveryId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71',
  fields: 'slug,headline,publishedAt',
  force: true,
  format: 'json',
  from: EARLIER,
  id: ARTICLE,
  ids: ARTICLE,
  include: 'tags,authors',
  key: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a33',
  kind: 'topic',
  'last-event-id': 'Yk1vT0pM2s9QJ0nXcV7bE1swLDEyMDdd',
  limit: 20,
  link: 'dlp_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9',
  locale: 'en',
  margin: 4,
  maxheight: 400,
  maxwidth: 600,
  parentId: TAG,
  period: 'day',
  publicationId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a40',
  publishedAfter: EARLIER,
  publishedBefore: LATER,
  purge: true,
  q: 'ferry',
  resource: 'article',
  resourceId: ARTICLE,
  session: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20',
  since: EARLIER,
  size: 512,
  slug: 'ferry-line-reopens',
  sort: '-updatedAt',
  source: 'The Lantern Review',
  stage: 'in_review',
  state: 'live',
  storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
  tag: TAG,
  tagMode: 'any',
  timeZone: 'Asia/Yerevan',
  to: LATER,
  trashed: true,
  type: 'article.published',
  until: LATER,
  updatedAfter: EARLIER,
  updatedBefore: LATER,
  user: PERSON,
  version: 1,
  window: '24h'
}

const feed = (root: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`

/** By operation, or by media type. */
const answers: Record<string, unknown> = {
  getOpenApi: { openapi: '3.1.0', info: { title: 'Dateline', version: '0.1.0' }, paths: {} },
  isLive: { status: 'ok' },
  isReady: { status: 'ok' },
  getKeys: {
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        kid: 'Yk1vT0pM2s9QJ0nXcV7bEw',
        x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
      }
    ]
  },
  getRssFeed: feed(
    '<rss version="2.0"><channel><title>The Harbour Gazette</title><link>https://news.example/en</link><description>News from the coast.</description></channel></rss>'
  ),
  getAtomFeed: feed(
    '<feed xmlns="http://www.w3.org/2005/Atom"><id>https://news.example/en</id><title>The Harbour Gazette</title><updated>2026-11-20T08:15:00.000Z</updated></feed>'
  ),
  getSitemapIndex: feed(
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://api.news.example/sitemaps/en-2026-11-1.xml</loc></sitemap></sitemapindex>'
  ),
  'application/xml': feed(
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/en/ferry-line-reopens</loc></url></urlset>'
  ),
  'text/xml': feed(
    '<oembed><version>1.0</version><type>link</type><title>Ferry line reopens after two winters</title></oembed>'
  ),
  'text/html': '<!doctype html><html lang="en"><title>stale_version</title><h1>stale_version</h1></html>',
  'text/event-stream':
    'id: wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ\nevent: upsert\ndata: {"id":"wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ","type":"upsert","article":{"id":"019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10","storyId":"019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11","locale":"en","slug":"ferry-line-reopens"},"reason":"published","at":"2026-11-20T08:15:00.000Z"}\n\n',
  'image/svg+xml':
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path d="M4 4.5h7m1 0h1"/></svg>',
  // A file: what it looks like in JSON tells nobody anything.
  'image/png': '\uFFFDPNG\r\n'
}

export function parameterExample(operationId: string, path: string, name: string): unknown {
  const side = /^\/(v1\/content|feeds)\//.test(path) ? parameters[`content.${name}`] : undefined
  return parameters[`${operationId}.${name}`] ?? side ?? parameters[name]
}

export const answerExample = (operationId: string, media: string) => answers[operationId] ?? answers[media]
