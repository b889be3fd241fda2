import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { changeList, createList, deleteList, getList, listLists, setListItems } from './lists.ts'
import { List, ListItems, ListPatch, ListQuery, ListsPage, NewList } from './schema.ts'

export const listRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/lists',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'listLists',
        tags: ['Lists'],
        summary: 'Curated lists by slug',
        description: 'Without their items, but with how many there are.',
        querystring: ListQuery,
        response: { 200: ListsPage }
      }
    },
    async (request) => listLists(app.db, app.pages('lists', request.query))
  )

  app.post(
    '/v1/lists',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'createList',
        tags: ['Lists'],
        summary: 'Make a curated list',
        description: 'It has no items yet. Without a slug one is made from a title.',
        body: ref(NewList),
        response: { 201: ref(List), ...problems(409) }
      }
    },
    async (request, reply) => {
      const list = await createList(request.db, actorOf(request), request.body)
      sendVersion(reply, list.version)
      reply.code(201).header('location', `/v1/lists/${list.id}`)
      return list
    }
  )

  app.get(
    '/v1/lists/:id',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'getList',
        tags: ['Lists'],
        summary: 'One curated list',
        params: IdParams,
        response: { 200: ref(List), ...problems(404) }
      }
    },
    async (request, reply) => {
      const list = await getList(app.db, request.params.id)
      sendVersion(reply, list.version)
      return list
    }
  )

  app.patch(
    '/v1/lists/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'changeList',
        tags: ['Lists'],
        summary: 'Change a curated list',
        description: 'A JSON merge patch. Items are set with PUT. Readers see changes at once.',
        params: IdParams,
        headers: IfMatch,
        body: ref(ListPatch),
        response: { 200: ref(List), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const list = await changeList(
        app.db,
        actorOf(request),
        app.check,
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, list.version)
      return list
    }
  )

  app.put(
    '/v1/lists/:id/items',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'setListItems',
        tags: ['Lists'],
        summary: 'Set the items of a curated list',
        description:
          'All of them, in their order. Each is the story of an article outside the trash, once; readers get those that are live in their language. A `pinnedUntil` that is past is only taken where it is already so. The same items again: 200, and no new version.',
        params: IdParams,
        headers: IfMatch,
        body: ref(ListItems),
        response: { 200: ref(List), ...problems(404) }
      }
    },
    async (request, reply) => {
      const list = await setListItems(
        app.db,
        actorOf(request),
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, list.version)
      return list
    }
  )

  app.delete(
    '/v1/lists/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'deleteList',
        tags: ['Lists'],
        summary: 'Delete a curated list',
        params: IdParams,
        headers: IfMatch,
        response: { 204: Nothing('Deleted.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await deleteList(app.db, actorOf(request), request.params.id, ifMatch(request))
      return reply.code(204).send(undefined)
    }
  )
}
