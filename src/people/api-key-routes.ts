import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { problems } from '../http/problems.ts'
import { IdParams, Nothing, ref } from '../http/wire.ts'
import { ApiKey, ApiKeyList, ApiKeyPatch, ApiKeyQuery, MadeApiKey, NewApiKey } from './api-key-schema.ts'
import { createApiKey, getApiKey, listApiKeys, renameApiKey, revokeApiKey } from './api-keys.ts'

export const apiKeyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/api-keys',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listApiKeys',
        tags: ['People'],
        summary: 'API keys, newest first',
        description:
          'Your own; everybody’s for admins. Also those that work no more. Keys themselves are never shown again.',
        querystring: ApiKeyQuery,
        response: { 200: ApiKeyList }
      }
    },
    async (request) =>
      listApiKeys(app.db, request.user, request.query.user, app.pages('api-keys', request.query))
  )

  app.post(
    '/v1/api-keys',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'createApiKey',
        tags: ['People'],
        summary: 'Make an API key',
        description:
          'For a program that acts in your name. `key` is in this answer and never shown again; send it as `Authorization: Bearer <key>`, never in an address. It may do what one of its scopes names and you may do yourself at that moment: it loses what your role loses, and rests while you are disabled. At most 100 that are neither revoked nor expired.',
        body: ref(NewApiKey),
        response: { 201: ref(MadeApiKey), ...problems(409) }
      }
    },
    async (request, reply) => {
      const made = await createApiKey(request.db, actorOf(request), request.user, request.body)
      reply.code(201).header('location', `/v1/api-keys/${made.id}`)
      return made
    }
  )

  app.get(
    '/v1/api-keys/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'getApiKey',
        tags: ['People'],
        summary: 'One API key',
        params: IdParams,
        response: { 200: ref(ApiKey), ...problems(404) }
      }
    },
    async (request) => getApiKey(app.db, request.user, request.params.id)
  )

  app.patch(
    '/v1/api-keys/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'renameApiKey',
        tags: ['People'],
        summary: 'Rename an API key',
        description: 'Scopes and end stay as they are: make another key.',
        params: IdParams,
        body: ref(ApiKeyPatch),
        response: { 200: ref(ApiKey), ...problems(404) }
      }
    },
    async (request) =>
      renameApiKey(app.db, actorOf(request), request.user, request.params.id, request.body.name)
  )

  app.delete(
    '/v1/api-keys/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'revokeApiKey',
        tags: ['People'],
        summary: 'Revoke an API key',
        description:
          'It is refused from the next request on, on every instance. Repeating changes nothing. Admins: anybody’s.',
        params: IdParams,
        response: { 204: Nothing('Revoked.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await revokeApiKey(app.db, actorOf(request), request.user, request.params.id)
      return reply.code(204).send(undefined)
    }
  )
}
