import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { changeAuthor, createAuthor, deleteAuthor, getAuthor, listAuthors } from './authors.ts'
import { Author, AuthorList, AuthorPatch, AuthorQuery, NewAuthor } from './schema.ts'

export const authorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/authors',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listAuthors',
        tags: ['Authors'],
        summary: 'Authors by slug',
        querystring: AuthorQuery,
        response: { 200: AuthorList }
      }
    },
    async (request) => listAuthors(app.db, request.query, app.pages('authors', request.query))
  )

  app.post(
    '/v1/authors',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'createAuthor',
        tags: ['Authors'],
        summary: 'Make an author',
        description: 'Without a slug one is made from the name.',
        body: ref(NewAuthor),
        response: { 201: ref(Author), ...problems(409) }
      }
    },
    async (request, reply) => {
      const author = await createAuthor(request.db, actorOf(request), request.body)
      sendVersion(reply, author.version)
      reply.code(201).header('location', `/v1/authors/${author.id}`)
      return author
    }
  )

  app.get(
    '/v1/authors/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'getAuthor',
        tags: ['Authors'],
        summary: 'One author',
        params: IdParams,
        response: { 200: ref(Author), ...problems(404) }
      }
    },
    async (request, reply) => {
      const author = await getAuthor(app.db, request.params.id)
      sendVersion(reply, author.version)
      return author
    }
  )

  app.patch(
    '/v1/authors/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'changeAuthor',
        tags: ['Authors'],
        summary: 'Change an author',
        description: 'A JSON merge patch. A new name reaches live articles at once.',
        params: IdParams,
        headers: IfMatch,
        body: ref(AuthorPatch),
        response: { 200: ref(Author), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const author = await changeAuthor(
        app.db,
        actorOf(request),
        app.check,
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, author.version)
      return author
    }
  )

  app.delete(
    '/v1/authors/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'deleteAuthor',
        tags: ['Authors'],
        summary: 'Delete an author',
        params: IdParams,
        headers: IfMatch,
        response: { 204: Nothing('Deleted.'), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      await deleteAuthor(app.db, actorOf(request), request.params.id, ifMatch(request))
      return reply.code(204).send(undefined)
    }
  )
}
