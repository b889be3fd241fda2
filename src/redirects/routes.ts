import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { changeRedirect, createRedirect, deleteRedirect, getRedirect, listRedirects } from './redirects.ts'
import { NewRedirect, Redirect, RedirectList, RedirectPatch, RedirectQuery } from './schema.ts'

export const redirectRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/redirects',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'listRedirects',
        tags: ['Redirects'],
        summary: 'Redirects by path',
        querystring: RedirectQuery,
        response: { 200: RedirectList }
      }
    },
    async (request) => listRedirects(app.db, request.query, app.pages('redirects', request.query))
  )

  app.post(
    '/v1/redirects',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'createRedirect',
        tags: ['Redirects'],
        summary: 'Let an old path lead to a story, or to another path',
        description:
          'A path is kept in one way of writing, and found in any: `/caf%c3%a9/` and `/café` are one. Asked for with a query that has no redirect of its own, the path without it counts.',
        body: ref(NewRedirect),
        response: { 201: ref(Redirect), ...problems(409) }
      }
    },
    async (request, reply) => {
      const redirect = await createRedirect(request.db, actorOf(request), request.user, request.body)
      sendVersion(reply, redirect.version)
      reply.code(201).header('location', `/v1/redirects/${redirect.id}`)
      return redirect
    }
  )

  app.get(
    '/v1/redirects/:id',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'getRedirect',
        tags: ['Redirects'],
        summary: 'One redirect',
        params: IdParams,
        response: { 200: ref(Redirect), ...problems(404) }
      }
    },
    async (request, reply) => {
      const redirect = await getRedirect(app.db, request.params.id)
      sendVersion(reply, redirect.version)
      return redirect
    }
  )

  app.patch(
    '/v1/redirects/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'changeRedirect',
        tags: ['Redirects'],
        summary: 'Change a redirect',
        params: IdParams,
        headers: IfMatch,
        body: ref(RedirectPatch),
        response: { 200: ref(Redirect), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const redirect = await changeRedirect(
        app.db,
        actorOf(request),
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, redirect.version)
      return redirect
    }
  )

  app.delete(
    '/v1/redirects/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'deleteRedirect',
        tags: ['Redirects'],
        summary: 'Delete a redirect',
        params: IdParams,
        headers: IfMatch,
        response: { 204: Nothing('Deleted.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await deleteRedirect(app.db, actorOf(request), request.params.id, ifMatch(request))
      return reply.code(204).send(undefined)
    }
  )
}
