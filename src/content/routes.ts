import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { Gone, Invalid, NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { Nothing, ref } from '../http/wire.ts'
import { type BodyForm, findArticle, findMoved, listLive } from './articles.ts'
import { AuthorsQuery, ContentAuthor, ContentAuthors } from './author-schema.ts'
import { findLiveAuthor, listLiveAuthors } from './authors.ts'
import { articlesKey, byKey, itemKeys, listingKeys, slugKey, tagKeys } from './keys.ts'
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

/** The same route with another slug, in the locale it is in, with what else was asked for. */
function addressWith(path: string, query: Record<string, unknown>, locale: string | undefined) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, locale }))
    if (value !== undefined) search.set(name, String(value))
  return search.size > 0 ? `${path}?${search}` : path
}

export const contentRoutes: FastifyPluginAsyncTypebox = async (app) => {
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
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const data = await listLive(app.db, app.publicUrl, query, app.pages('live', query))
        const locale = query.locale ?? data.data[0]?.locale
        return { data, keys: [...listingKeys(query, locale), ...itemKeys(data.data)] }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const { slug } = request.params
        const { body, ...where } = request.query
        const forms = [...new Set((body ?? 'html').split(',').sort())] as BodyForm[]
        const find = () => findArticle(app.db, app.publicUrl, { slug, ...where }, forms)
        const found = await find()
        const moved = found ? null : await findMoved(app.db, { slug, ...where })
        if (moved && moved.slug !== slug) {
          const movedTo = addressWith(`/v1/content/articles/${moved.slug}`, request.query, moved.locale)
          return { movedTo, keys: ['addresses', slugKey(slug), `article:${moved.id}`] }
        }
        // Moved to where it is asked for: it went live between the two statements.
        const article = moved ? await find() : found
        if (!article) throw NotFound('article')
        if (article.withdrawn) throw Gone('article')
        // The text was made by Postgres and is sent as it is.
        return {
          text: article.json,
          locale: article.locale,
          keys: ['addresses', slugKey(slug), ...article.keys]
        }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const data = await listLiveTags(app.db, query, app.pages('live tags', query))
        return { data, keys: ['addresses', 'tags', articlesKey(query.locale)] }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const { query, params } = request
        const tag = await findLiveTag(app.db, params.slug, query)
        if (!tag) throw NotFound('tag')
        const keys = [
          'addresses',
          ...tagKeys(tag.id, [params.slug, tag.slug]).filter((key) => key !== 'tags')
        ]
        if (tag.parentId) keys.push(`tag:${tag.parentId}`)
        if (tag.slug !== params.slug)
          return { movedTo: addressWith(`/v1/content/tags/${tag.slug}`, query, query.locale), keys }
        return { data: tag, locale: tag.locale, keys }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const data = await listLiveAuthors(app.db, query, app.pages('live authors', query))
        return { data, keys: ['addresses', 'authors', articlesKey(query.locale)] }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const author = await findLiveAuthor(app.db, request.params.slug, request.query)
        if (!author) throw NotFound('author')
        const keys = ['addresses', `author:${author.id}`, byKey(author.slug)]
        return { data: author as never, locale: author.locale, keys }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const list = await readLiveList(app.db, app.publicUrl, request.params.slug, request.query)
        if (!list) throw NotFound('list')
        return { data: list, locale: list.locale, keys: [`list:${list.id}`, ...itemKeys(list.data)] }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const site = await readPublicSite(app.db, request.query)
        if (!site) throw NotFound('site')
        // Its copyright line holds the year.
        return { data: site as never, locale: site.locale, keys: ['sites'], maxAge: 60 }
      })
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
    (request, reply) =>
      answer(request, reply, async () => {
        const { path, ...asked } = request.query
        const normal = pathOf(path)
        if (normal === null) throw Invalid('/query/path', 'is neither a path nor an address', 'path')
        const resolved = await resolvePath(app.db, app.publicUrl, normal, asked)
        if (!resolved) throw NotFound('page')
        return { data: resolved, keys: ['redirects', 'addresses', 'tags', 'articles'] }
      })
  )
}
