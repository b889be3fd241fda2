import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { ifMatch } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { listPublications } from './publications.ts'
import { cancel, publish, reschedule, unpublish } from './publishing.ts'
import {
  NewPublication,
  Publication,
  PublicationList,
  PublicationParams,
  PublicationPatch,
  PublicationQuery,
  Unpublishing,
  Withdrawal
} from './schema.ts'
import { reinstate, withdraw } from './withdrawing.ts'

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
      config: { access: 'author', scope: 'articles:publish' },
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
        request.db,
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

  app.patch(
    '/v1/articles/:id/publications/:publicationId',
    {
      config: { access: 'author', scope: 'articles:publish' },
      schema: {
        operationId: 'changePublication',
        tags: ['Publishing'],
        summary: 'Change what is scheduled, or the end of what is live',
        description:
          'A JSON merge patch. Moved, it leaves its place as if it were cancelled, and takes the new one as if it were published anew. Needs no If-Match: a publication has no version of its own.',
        params: PublicationParams,
        body: ref(PublicationPatch),
        response: { 200: ref(Publication), ...problems(404, 409) }
      }
    },
    async (request) => {
      const { id, publicationId } = request.params
      return reschedule(app.db, actorOf(request), request.user, id, publicationId, request.body)
    }
  )

  app.delete(
    '/v1/articles/:id/publications/:publicationId',
    {
      config: { access: 'author', scope: 'articles:publish' },
      schema: {
        operationId: 'cancelPublication',
        tags: ['Publishing'],
        summary: 'Cancel what is scheduled',
        description:
          'The publication it would have taken over from gets its end back. Answers with the publication that was cancelled.',
        params: PublicationParams,
        response: { 200: ref(Publication), ...problems(404, 409) }
      }
    },
    async (request) => {
      const { id, publicationId } = request.params
      return cancel(app.db, actorOf(request), request.user, id, publicationId)
    }
  )

  app.post(
    '/v1/articles/:id/unpublish',
    {
      config: { access: 'author', scope: 'articles:publish', bodyOptional: true },
      schema: {
        operationId: 'unpublishArticle',
        tags: ['Publishing'],
        summary: 'Take an article down',
        description:
          'Now, or at `at`: what is live then ends there, what is scheduled from then on is cancelled. The body may be left out.',
        params: IdParams,
        body: ref(Unpublishing),
        response: { 200: ref(Publication), ...problems(404, 409) }
      }
    },
    async (request) => unpublish(app.db, actorOf(request), request.user, request.params.id, request.body)
  )

  app.post(
    '/v1/articles/:id/withdraw',
    {
      config: { access: 'author', scope: 'articles:publish' },
      schema: {
        operationId: 'withdrawArticle',
        tags: ['Publishing'],
        summary: 'Take an article away for legal reasons',
        description:
          'At once: what is live ends, what is scheduled goes, previews die, and readers get 410 wherever it was. Nothing is published until it is reinstated.',
        params: IdParams,
        body: ref(Withdrawal),
        response: { 200: ref(Publication), ...problems(404, 409) }
      }
    },
    async (request) =>
      withdraw(app.db, actorOf(request), request.user, request.params.id, request.body.reason)
  )

  app.post(
    '/v1/articles/:id/reinstate',
    {
      config: { access: 'editor', scope: 'articles:publish' },
      schema: {
        operationId: 'reinstateArticle',
        tags: ['Publishing'],
        summary: 'Lift a withdrawal',
        description:
          'Nothing is live again by that: publish it. Answers with the last publication there was, 204 when none of it was ever live.',
        params: IdParams,
        response: {
          200: ref(Publication),
          204: Nothing('Lifted; nothing of it was ever live.'),
          ...problems(404, 409)
        }
      }
    },
    async (request, reply) => {
      const publication = await reinstate(app.db, actorOf(request), request.user, request.params.id)
      return publication ?? reply.code(204).send(undefined)
    }
  )
}
