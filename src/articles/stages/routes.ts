import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { ifMatch, sendVersion } from '../../http/preconditions.ts'
import { problems } from '../../http/problems.ts'
import { IdParams, IfMatch, ref } from '../../http/wire.ts'
import { Article } from '../schema.ts'
import { NewStageMove, StageMoveList, StageMoveQuery } from './schema.ts'
import { listStageMoves, moveStage } from './stages.ts'

export const stageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/articles/:id/stage',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listStageMoves',
        tags: ['Articles'],
        summary: 'How an article moved from stage to stage, newest first',
        params: IdParams,
        querystring: StageMoveQuery,
        response: { 200: StageMoveList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listStageMoves(app.db, request.user, id, app.pages(`stage moves of ${id}`, request.query))
    }
  )

  app.post(
    '/v1/articles/:id/stage',
    {
      config: { access: 'contributor', scope: 'articles:publish' },
      schema: {
        operationId: 'moveStage',
        tags: ['Articles'],
        summary: 'Hand an article in, return it, or call it ready',
        description:
          'Contributors and authors hand in drafts of their own (`draft` to `in_review`); editors make any move. What a contributor has handed in is theirs to change again when it is returned to `draft`. A move changes no version. To the stage it is in already: 200, and nothing is written.',
        params: IdParams,
        headers: IfMatch,
        body: ref(NewStageMove),
        response: { 200: ref(Article), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const article = await moveStage(
        app.db,
        actorOf(request),
        request.user,
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, article.version)
      return article
    }
  )
}
