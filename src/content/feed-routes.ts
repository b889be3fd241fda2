import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { Nothing, ref } from '../http/wire.ts'
import { addressWith } from './addresses.ts'
import { unchanged } from './answer-schema.ts'
import { FeedQuery, JsonFeed, OEmbed, OEmbedQuery, SitemapParams } from './feed-schema.ts'
import { atom } from './feeds/atom.ts'
import { type Feed, findFeed } from './feeds/feed.ts'
import { jsonFeed } from './feeds/json-feed.ts'
import { rss } from './feeds/rss.ts'
import { firstEnd } from './items.ts'
import { articlesKey, itemKeys, shownTagKeys, slugKey } from './keys.ts'
import { embeddedAsXml, findEmbedded } from './oembed.ts'
import { newsSitemap, sitemapIndex, sitemapPage } from './sitemaps.ts'

const moved = {
  301: Nothing('The tag has another slug now.', {
    headers: { location: { type: 'string', description: 'The same feed with the present slug.' } }
  })
}
const text = { type: 'string' } as const
const sitemap = { 200: { description: 'A sitemap.', content: { 'application/xml': { schema: text } } } }
const XML = 'application/xml; charset=utf-8'

const feeds: [
  path: string,
  type: string,
  operationId: string,
  name: string,
  write: (feed: Feed) => string
][] = [
  ['/feeds/rss.xml', 'application/rss+xml', 'getRssFeed', 'RSS 2.0', rss],
  ['/feeds/atom.xml', 'application/atom+xml', 'getAtomFeed', 'Atom', atom],
  [
    '/feeds/feed.json',
    'application/feed+json',
    'getJsonFeed',
    'JSON Feed 1.1',
    (feed) => JSON.stringify(jsonFeed(feed))
  ]
]

/** Feeds, sitemaps and oEmbed: what machines expect to find at the root. */
export const feedRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const [path, type, operationId, name, write] of feeds) {
    app.get(
      path,
      {
        config: { access: 'public' },
        schema: {
          operationId,
          tags: ['Content'],
          summary: `The 50 newest articles as ${name}`,
          description:
            'Of one locale, with standfirsts and without bodies. Ids stay the same whatever becomes of an address. An alias of a tag leads to its own slug; a tag that no live article of the locale has is not found.',
          querystring: FeedQuery,
          response: {
            200: {
              description: name,
              content: { [type]: { schema: type.endsWith('json') ? ref(JsonFeed) : text } }
            },
            ...moved,
            ...unchanged,
            ...problems(404)
          }
        }
      },
      (request, reply) =>
        answer(request, reply, async () => {
          const { query } = request
          const feed = await findFeed(app.reader, app.publicUrl, path, query)
          if (!feed) throw NotFound('feed')
          const { tag, locale } = feed
          const listing =
            tag && query.tag ? shownTagKeys(tag.id, [query.tag, tag.slug]) : [articlesKey(locale)]
          const keys = [...new Set(['sites', ...listing, ...itemKeys(feed.items)])]
          if (tag && tag.slug !== query.tag)
            return { movedTo: addressWith(path, { ...query, tag: tag.slug }, query.locale), keys }
          return {
            text: write(feed),
            type: `${type}; charset=utf-8`,
            locale,
            keys,
            maxAge: firstEnd(feed.items)
          }
        })
    )
  }

  app.get(
    '/sitemap.xml',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getSitemapIndex',
        tags: ['Content'],
        summary: 'The index of all sitemaps',
        description:
          'A page for each locale and month of first publication, and more where a month has more than 5,000 live articles.',
        response: { ...sitemap, ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => ({
        text: await sitemapIndex(app.reader, app.publicUrl),
        type: XML,
        keys: ['articles']
      }))
  )

  app.get(
    '/sitemaps/:page',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getSitemap',
        tags: ['Content'],
        summary: 'One page of the sitemap',
        description:
          'At most 5,000 articles with the addresses of their translations. What names a canonical address elsewhere is left out.',
        params: SitemapParams,
        response: { ...sitemap, ...unchanged, ...problems(404) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const page = await sitemapPage(app.reader, app.publicUrl, request.params.page)
        if (!page) throw NotFound('sitemap')
        // Of all locales: an article is shown with its translations.
        return { text: page, type: XML, keys: ['addresses', 'articles'] }
      })
  )

  app.get(
    '/news-sitemap.xml',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getNewsSitemap',
        tags: ['Content'],
        summary: 'The sitemap for Google News',
        description: 'What was first published in the last 48 hours, in all locales; at most 1,000 articles.',
        response: { ...sitemap, ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => ({
        text: await newsSitemap(app.reader, app.publicUrl),
        type: XML,
        keys: ['addresses', 'articles', 'sites'],
        // What it shows moves out of its window with the time of day.
        maxAge: 60
      }))
  )

  app.get(
    '/oembed',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getOEmbed',
        tags: ['Content'],
        summary: 'An article as a card for other sites',
        description:
          'By its address on the front end; a former address counts too. What is not live is not found.',
        querystring: OEmbedQuery,
        response: {
          200: {
            description: 'oEmbed 1.0, type `link`.',
            content: { 'application/json': { schema: ref(OEmbed) }, 'text/xml': { schema: text } }
          },
          ...unchanged,
          ...problems(404)
        }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const found = await findEmbedded(app.reader, app.publicUrl, request.query)
        if (!found) throw NotFound('article')
        const { item, slugs, data } = found
        const asXml = request.query.format === 'xml'
        return {
          text: asXml ? embeddedAsXml(data) : JSON.stringify(data),
          type: asXml ? 'text/xml; charset=utf-8' : 'application/json; charset=utf-8',
          keys: [...new Set(['sites', ...slugs.map(slugKey), ...itemKeys([item])])],
          maxAge: firstEnd([item])
        }
      })
  )
}
