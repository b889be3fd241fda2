import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { atLeast } from '../http/access.ts'
import { actorOf } from '../http/actor.ts'
import { Forbidden } from '../http/errors.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { changeArticle, createArticle, purgeArticle, restoreArticle, trashArticle } from './articles.ts'
import { getArticle, listArticles, withNames } from './reading.ts'
import {
  Article,
  ArticleList,
  ArticlePatch,
  ArticleQuery,
  ArticleReadQuery,
  NewArticle,
  PurgeQuery
} from './schema.ts'

export const articleRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/articles',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listArticles',
        tags: ['Articles'],
        summary: 'Working copies, last changed first',
        description: 'Contributors see their own only. Bodies are not in lists.',
        querystring: ArticleQuery,
        response: { 200: ArticleList }
      }
    },
    async (request) => {
      const list = await listArticles(
        app.db,
        request.user,
        request.query,
        app.pages('articles', request.query)
      )
      return { ...list, data: await withNames(app.db, list.data, request.query.include) }
    }
  )

  app.post(
    '/v1/articles',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'createArticle',
        tags: ['Articles'],
        summary: 'Write an article',
        description:
          'A draft nobody outside sees. The body may be Portable Text, Markdown or HTML; what cannot be kept safely is refused with a pointer to it.',
        body: ref(NewArticle),
        response: { 201: ref(Article), ...problems(409) }
      }
    },
    async (request, reply) => {
      const article = await createArticle(request.db, actorOf(request), request.user, request.body)
      sendVersion(reply, article.version)
      reply.code(201).header('location', `/v1/articles/${article.id}`)
      return article
    }
  )

  app.get(
    '/v1/articles/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'getArticle',
        tags: ['Articles'],
        summary: 'One working copy',
        params: IdParams,
        querystring: ArticleReadQuery,
        response: { 200: ref(Article), ...problems(404) }
      }
    },
    async (request, reply) => {
      const article = await getArticle(app.db, request.user, request.params.id)
      sendVersion(reply, article.version)
      const [named] = await withNames(app.db, [article], request.query.include)
      return named
    }
  )

  app.patch(
    '/v1/articles/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'changeArticle',
        tags: ['Articles'],
        summary: 'Change a working copy',
        description:
          'A JSON merge patch. Makes a new version and revision; readers see it when it is published.',
        params: IdParams,
        headers: IfMatch,
        body: ref(ArticlePatch),
        response: { 200: ref(Article), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const article = await changeArticle(
        app.db,
        actorOf(request),
        app.check,
        request.user,
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, article.version)
      return article
    }
  )

  app.delete(
    '/v1/articles/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'trashArticle',
        tags: ['Articles'],
        summary: 'Put an article in the trash, or purge it from there',
        params: IdParams,
        querystring: PurgeQuery,
        headers: IfMatch,
        response: { 204: Nothing('Gone.'), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const { purge } = request.query
      if (purge && !atLeast(request.user.role, 'admin')) throw Forbidden('Only admins purge.')
      const remove = purge ? purgeArticle : trashArticle
      await remove(app.db, actorOf(request), request.user, request.params.id, ifMatch(request))
      return reply.code(204).send(undefined)
    }
  )

  app.post(
    '/v1/articles/:id/restore',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'restoreArticle',
        tags: ['Articles'],
        summary: 'Take an article out of the trash',
        description: 'It keeps its slug, or gets one beside it when that was taken meanwhile.',
        params: IdParams,
        response: { 200: ref(Article), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const article = await restoreArticle(app.db, actorOf(request), request.user, request.params.id)
      sendVersion(reply, article.version)
      return article
    }
  )
}
