import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { problems } from '../http/problems.ts'
import { Closed, IdParams, Nothing, PageParams } from '../http/wire.ts'
import { endAllSessions, endSession, listSessions, listSessionsOf } from './open-sessions.ts'
import { OpenSessionList } from './session-schema.ts'

export const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/sessions',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listSessions',
        tags: ['People'],
        summary: 'Where you are signed in, newest first',
        querystring: Closed(PageParams),
        response: { 200: OpenSessionList }
      }
    },
    async (request) => {
      const { id } = request.user
      return listSessions(app.db, request.user, id, app.pages(`sessions of ${id}`, request.query))
    }
  )

  app.delete(
    '/v1/sessions/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'endSession',
        tags: ['People'],
        summary: 'End a session',
        description:
          'One of your own; admins, anybody’s. Its tokens are refused from the next request on, on every instance. What has ended, or is somebody else’s, is 404.',
        params: IdParams,
        response: { 204: Nothing('Ended.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await endSession(app.db, actorOf(request), request.user, request.params.id)
      return reply.code(204).send(undefined)
    }
  )

  app.delete(
    '/v1/sessions/all',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'endSessions',
        tags: ['People'],
        summary: 'Sign out everywhere',
        description:
          'Ends all your sessions, this one too. Tokens that an OpenID Connect issuer gave you until now are refused as well. API keys stay.',
        response: { 204: Nothing('Ended.') }
      }
    },
    async (request, reply) => {
      await endAllSessions(app.db, actorOf(request), request.user.id)
      return reply.code(204).send(undefined)
    }
  )

  app.get(
    '/v1/users/:id/sessions',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listUserSessions',
        tags: ['People'],
        summary: 'Where a person is signed in, newest first',
        params: IdParams,
        querystring: Closed(PageParams),
        response: { 200: OpenSessionList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listSessionsOf(app.db, request.user, id, app.pages(`sessions of ${id}`, request.query))
    }
  )

  app.delete(
    '/v1/users/:id/sessions',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'endUserSessions',
        tags: ['People'],
        summary: 'Sign a person out everywhere',
        description:
          'Ends all their sessions. Tokens that an OpenID Connect issuer gave them until now are refused as well. API keys stay.',
        params: IdParams,
        response: { 204: Nothing('Ended.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await endAllSessions(app.db, actorOf(request), request.params.id)
      return reply.code(204).send(undefined)
    }
  )
}
