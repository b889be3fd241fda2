import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { sendVersion } from '../../http/preconditions.ts'
import { problems } from '../../http/problems.ts'
import { IdParams, ref } from '../../http/wire.ts'
import { listTranslations } from '../reading.ts'
import { Article, ArticleList } from '../schema.ts'
import { NewTranslation, TranslationQuery } from './schema.ts'
import { translateArticle } from './translations.ts'

export const translationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/articles/:id/translations',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listTranslations',
        tags: ['Articles'],
        summary: 'The other articles of the same story, by locale',
        description: 'Contributors see their own only. Bodies are not in lists, nor is what is in the trash.',
        params: IdParams,
        querystring: TranslationQuery,
        response: { 200: ArticleList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listTranslations(app.db, request.user, id, app.pages(`translations of ${id}`, request.query))
    }
  )

  app.post(
    '/v1/articles/:id/translations',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'translateArticle',
        tags: ['Articles'],
        summary: 'Begin a translation',
        description:
          'A new draft of the same story in another language. It begins as a copy of the article as it is now, with the members given in place of the article’s.',
        params: IdParams,
        body: ref(NewTranslation),
        response: { 201: ref(Article), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const article = await translateArticle(request.db, actorOf(request), request.user, id, request.body)
      sendVersion(reply, article.version)
      reply.code(201).header('location', `/v1/articles/${article.id}`)
      return article
    }
  )
}
