import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { mergeTag } from './merging.ts'
import { ForceQuery, NewTag, Tag, TagList, TagMerge, TagPatch, TagQuery } from './schema.ts'
import { changeTag, createTag, deleteTag, getTag, listTags } from './tags.ts'

export const tagRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/tags',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listTags',
        tags: ['Tags'],
        summary: 'Tags by slug',
        querystring: TagQuery,
        response: { 200: TagList }
      }
    },
    async (request) => listTags(app.db, request.query, app.pages('tags', request.query))
  )

  app.post(
    '/v1/tags',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'createTag',
        tags: ['Tags'],
        summary: 'Make a tag',
        description: 'Without a slug one is made from a name. Slugs and aliases share one namespace.',
        body: ref(NewTag),
        response: { 201: ref(Tag), ...problems(409) }
      }
    },
    async (request, reply) => {
      const tag = await createTag(request.db, actorOf(request), request.body)
      sendVersion(reply, tag.version)
      reply.code(201).header('location', `/v1/tags/${tag.id}`)
      return tag
    }
  )

  app.get(
    '/v1/tags/:id',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'getTag',
        tags: ['Tags'],
        summary: 'One tag',
        params: IdParams,
        response: { 200: ref(Tag), ...problems(404) }
      }
    },
    async (request, reply) => {
      const tag = await getTag(app.db, request.params.id)
      sendVersion(reply, tag.version)
      return tag
    }
  )

  app.patch(
    '/v1/tags/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'changeTag',
        tags: ['Tags'],
        summary: 'Change a tag',
        description:
          'A JSON merge patch. New names reach live articles at once. A slug given up becomes an alias.',
        params: IdParams,
        headers: IfMatch,
        body: ref(TagPatch),
        response: { 200: ref(Tag), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const tag = await changeTag(
        app.db,
        actorOf(request),
        app.check,
        request.params.id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, tag.version)
      return tag
    }
  )

  app.delete(
    '/v1/tags/:id',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'deleteTag',
        tags: ['Tags'],
        summary: 'Delete a tag',
        params: IdParams,
        querystring: ForceQuery,
        headers: IfMatch,
        response: { 204: Nothing('Deleted.'), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      await deleteTag(
        app.db,
        actorOf(request),
        request.params.id,
        ifMatch(request),
        request.query.force ?? false
      )
      return reply.code(204).send(undefined)
    }
  )
  app.post(
    '/v1/tags/:id/merge',
    {
      config: { access: 'editor' },
      schema: {
        operationId: 'mergeTag',
        tags: ['Tags'],
        summary: 'Merge a tag into another',
        description:
          'What had it has the other one then, working copies and live articles alike; its slugs become aliases, and it is gone. Answers with the tag that stays, repeated with the same one. Changes no version of an article.',
        params: IdParams,
        body: ref(TagMerge),
        response: { 200: ref(Tag), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const tag = await mergeTag(app.db, actorOf(request), app.check, request.params.id, request.body.into)
      sendVersion(reply, tag.version)
      return tag
    }
  )
}
