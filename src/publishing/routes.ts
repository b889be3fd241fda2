import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { ifMatch } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, ref } from '../http/wire.ts'
import { NewPublication, Publication, PublicationList, PublicationQuery } from './schema.ts'
import { listPublications, publish, unpublish } from './timeline.ts'

export const publishingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/articles/:id/publications',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listPublications',
        tags: ['Publishing'],
        summary: 'The timeline of an article, latest first',
        params: IdParams,
        querystring: PublicationQuery,
        response: { 200: PublicationList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listPublications(app.db, request.user, id, app.pages(`publications of ${id}`, request.query))
    }
  )

  app.post(
    '/v1/articles/:id/publications',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'publishArticle',
        tags: ['Publishing'],
        summary: 'Put a revision on the timeline',
        description:
          'Now, or at `liveFrom`. Publishing the version that is live, in the same window, answers 200 and changes nothing.',
        params: IdParams,
        headers: IfMatch,
        body: ref(NewPublication),
        response: { 200: ref(Publication), 201: ref(Publication), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const { made, publication } = await publish(
        app.db,
        actorOf(request),
        request.user,
        request.params.id,
        ifMatch(request),
        request.body
      )
      reply.code(made ? 201 : 200)
      return publication
    }
  )

  app.post(
    '/v1/articles/:id/unpublish',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'unpublishArticle',
        tags: ['Publishing'],
        summary: 'Take an article down',
        description: 'What is live ends now, what is scheduled is cancelled.',
        params: IdParams,
        response: { 200: ref(Publication), ...problems(404, 409) }
      }
    },
    async (request) => unpublish(app.db, actorOf(request), request.user, request.params.id)
  )
}
