import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { ref } from '../http/wire.ts'
import { unchanged } from './answer-schema.ts'
import { Views, ViewsQuery } from './view-schema.ts'
import { countedViews } from './views.ts'

/** Seconds for which the same numbers are told. */
const MAX_AGE = 10

export const contentViewRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/views',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listViews',
        tags: ['Content'],
        summary: 'How often articles were read',
        description: `Apart from the articles, so that those can be kept long: this may be ${MAX_AGE} seconds old. An article that is not there, was never live or was never read has 0.`,
        querystring: ViewsQuery,
        response: { 200: ref(Views), ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const data = await countedViews(app.reader, request.query.ids.split(','))
        return { text: JSON.stringify({ data }), keys: ['views'], maxAge: MAX_AGE }
      })
  )
}
