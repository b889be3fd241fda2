import { createHash } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Gone, Invalid, NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { Nothing, ref } from '../http/wire.ts'
import { type BodyForm, findArticle, findMoved, listLive } from './articles.ts'
import { AuthorsQuery, ContentAuthor, ContentAuthors } from './author-schema.ts'
import { findLiveAuthor, listLiveAuthors } from './authors.ts'
import { ContentList } from './list-schema.ts'
import { readLiveList } from './lists.ts'
import { pathOf } from './paths.ts'
import { resolvePath } from './resolve.ts'
import { Resolved, ResolveQuery } from './resolve-schema.ts'
import {
  ArticleItems,
  ArticleQuery,
  ArticlesQuery,
  ContentArticle,
  ContentSite,
  ContentTag,
  ContentTags,
  LocaleQuery,
  SlugParams,
  TagsQuery
} from './schema.ts'
import { readPublicSite } from './site.ts'
import { findLiveTag, listLiveTags } from './tags.ts'

const moved = {
  301: Nothing('It has another address now.', {
    headers: { location: { type: 'string', description: 'The same route with the present slug.' } }
  })
}
const unchanged = { 304: Nothing('You have it already (If-None-Match).') }

/** To the same route with another slug, in the locale it is in, with what else was asked for. */
function moveTo(
  reply: FastifyReply,
  path: string,
  query: Record<string, unknown>,
  locale: string | undefined
) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, locale }))
    if (value !== undefined) search.set(name, String(value))
  return reply
    .code(301)
    .header('location', search.size > 0 ? `${path}?${search}` : path)
    .send(undefined)
}

export const contentRoutes: FastifyPluginAsyncTypebox = async (app) => {
  /** A strong ETag over the bytes sent; caches keep an answer but ask before they use it. */
  app.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode >= 400) return payload
    reply.header('cache-control', request.headers.authorization ? 'private, no-store' : 'public, no-cache')
    if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
    const etag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`
    reply.header('etag', etag)
    const known = request.headers['if-none-match']
    if (
      known !== undefined &&
      (known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag))
    ) {
      reply.code(304).removeHeader('content-type').removeHeader('content-length')
      // Of a HEAD, Fastify takes the payload away itself, and fails when there is none.
      return request.method === 'HEAD' ? payload : null
    }
    return payload
  })

  app.get(
    '/v1/content/articles',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listLiveArticles',
        tags: ['Content'],
        summary: 'Live articles, newest first',
        description: 'Of one locale; lists never fall back to another.',
        querystring: ArticlesQuery,
        response: { 200: ArticleItems, ...unchanged }
      }
    },
    async (request) => listLive(app.db, app.publicUrl, request.query, app.pages('live', request.query))
  )

  app.get(
    '/v1/content/articles/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveArticle',
        tags: ['Content'],
        summary: 'One live article',
        description:
          'A former slug leads to the present one. Not there in the locale: the site’s fallbacks are tried, and `locale` says which it is. Withdrawn: 410.',
        params: SlugParams,
        querystring: ArticleQuery,
        response: { 200: ref(ContentArticle), ...moved, ...unchanged, ...problems(404, 410) }
      }
    },
    async (request, reply) => {
      const { slug } = request.params
      const { body, ...where } = request.query
      const forms = [...new Set((body ?? 'html').split(',').sort())] as BodyForm[]
      const find = () => findArticle(app.db, app.publicUrl, { slug, ...where }, forms)
      const found = await find()
      const moved = found ? null : await findMoved(app.db, { slug, ...where })
      if (moved && moved.slug !== slug)
        return moveTo(reply, `/v1/content/articles/${moved.slug}`, request.query, moved.locale) as never
      // Moved to where it is asked for: it went live between the two statements.
      const article = moved ? await find() : found
      if (!article) throw NotFound('article')
      if (article.withdrawn) throw Gone('article')
      reply.header('content-language', article.locale).type('application/json; charset=utf-8')
      // The text was made by Postgres and is sent as it is.
      return article.json as never
    }
  )

  app.get(
    '/v1/content/tags',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listLiveTags',
        tags: ['Content'],
        summary: 'Tags of live articles, by slug',
        querystring: TagsQuery,
        response: { 200: ContentTags, ...unchanged }
      }
    },
    async (request) => listLiveTags(app.db, request.query, app.pages('live tags', request.query))
  )

  app.get(
    '/v1/content/tags/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveTag',
        tags: ['Content'],
        summary: 'One tag of live articles',
        description: 'An alias leads to the tag’s own slug.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ContentTag), ...moved, ...unchanged, ...problems(404) }
      }
    },
    async (request, reply) => {
      const { slug } = request.params
      const tag = await findLiveTag(app.db, slug, request.query)
      if (!tag) throw NotFound('tag')
      if (tag.slug !== slug)
        return moveTo(reply, `/v1/content/tags/${tag.slug}`, request.query, request.query.locale) as never
      reply.header('content-language', tag.locale)
      return tag
    }
  )

  app.get(
    '/v1/content/authors',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listLiveAuthors',
        tags: ['Content'],
        summary: 'Authors of live articles, by slug',
        querystring: AuthorsQuery,
        response: { 200: ContentAuthors, ...unchanged }
      }
    },
    async (request) => listLiveAuthors(app.db, request.query, app.pages('live authors', request.query))
  )

  app.get(
    '/v1/content/authors/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveAuthor',
        tags: ['Content'],
        summary: 'One author of live articles',
        description:
          'The biography falls back along the site’s chain; `locale` says which language it is in.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ContentAuthor), ...unchanged, ...problems(404) }
      }
    },
    async (request, reply) => {
      const author = await findLiveAuthor(app.db, request.params.slug, request.query)
      if (!author) throw NotFound('author')
      if (author.locale) reply.header('content-language', author.locale)
      return author as never
    }
  )

  app.get(
    '/v1/content/lists/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveList',
        tags: ['Content'],
        summary: 'A curated list in one locale',
        description:
          'Live articles in their order, then the newest of its tail up to its size. Nothing falls back to another language.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ContentList), ...unchanged, ...problems(404) }
      }
    },
    async (request, reply) => {
      const list = await readLiveList(app.db, app.publicUrl, request.params.slug, request.query)
      if (!list) throw NotFound('list')
      reply.header('content-language', list.locale)
      return list
    }
  )

  app.get(
    '/v1/content/site',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getPublicSite',
        tags: ['Content'],
        summary: 'Names, navigation, links, terms and reader strings of one locale',
        description: 'A locale that has no site gets the default one; `locale` says which it is.',
        querystring: LocaleQuery,
        response: { 200: ref(ContentSite), ...unchanged, ...problems(404) }
      }
    },
    async (request, reply) => {
      const site = await readPublicSite(app.db, request.query)
      if (!site) throw NotFound('site')
      reply.header('content-language', site.locale)
      return site as never
    }
  )
  app.get(
    '/v1/content/resolve',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'resolvePath',
        tags: ['Content'],
        summary: 'What an old or outside path is now',
        description:
          'A redirect of this path counts first; then an article whose address on a front end it is, then one with the last part of the path as its present or former slug, then a tag with it as its slug or alias. `gone`: the article was withdrawn.',
        querystring: ResolveQuery,
        response: { 200: ref(Resolved), ...unchanged, ...problems(404) }
      }
    },
    async (request) => {
      const { path, ...asked } = request.query
      const normal = pathOf(path)
      if (normal === null) throw Invalid('/query/path', 'is neither a path nor an address', 'path')
      const resolved = await resolvePath(app.db, app.publicUrl, normal, asked)
      if (!resolved) throw NotFound('page')
      return resolved
    }
  )
}
