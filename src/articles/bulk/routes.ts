import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { problemBody, refusalOfRequest } from '../../http/problems.ts'
import { ref } from '../../http/wire.ts'
import { doForEach } from './bulk.ts'
import { BulkAnswer, BulkOrder } from './schema.ts'

export const bulkRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/v1/articles/bulk',
    {
      config: { access: 'contributor', scope: ['articles:write', 'articles:publish'], seconds: 45 },
      schema: {
        operationId: 'changeArticles',
        tags: ['Articles'],
        summary: 'Publish, take down, tag, untag or trash up to 100 articles',
        description:
          'One after another, each checked as the single call is (also whether a key has the scope for it) and done or refused by itself. Answers 200 with what became of each, in their order: the status the single call would have answered, with the article, the publication or the problem.',
        body: ref(BulkOrder),
        response: { 200: ref(BulkAnswer) }
      }
    },
    async (request) => {
      const outcomes = await doForEach(app.db, actorOf(request), app.check, request.user, request.body)
      const data = outcomes.map((outcome) => {
        if (!('error' in outcome)) return outcome
        const problem = refusalOfRequest(outcome.error, request)
        return { id: outcome.id, status: problem.status, problem: problemBody(problem, request.id) }
      })
      return { data }
    }
  )
}
