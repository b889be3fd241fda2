import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { BodyForm } from '../content/articles.ts'
import { actorOf } from '../http/actor.ts'
import { problems } from '../http/problems.ts'
import { IdParams, Nothing, ref } from '../http/wire.ts'
import { createPreview, listPreviews, revokePreview } from './previews.ts'
import { readPreview } from './reading.ts'
import {
  ContentPreview,
  LinkParams,
  MadePreviewLink,
  NewPreviewLink,
  PreviewLinkList,
  PreviewLinkQuery,
  PreviewQuery
} from './schema.ts'

export const previewRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/articles/:id/previews',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'listPreviews',
        tags: ['Previews'],
        summary: 'The preview links of an article, newest first',
        description:
          'Also those that work no more; tokens are never shown again. Authors: of their own articles.',
        params: IdParams,
        querystring: PreviewLinkQuery,
        response: { 200: PreviewLinkList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listPreviews(app.db, request.user, id, app.pages(`previews of ${id}`, request.query))
    }
  )

  app.post(
    '/v1/articles/:id/previews',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'createPreview',
        tags: ['Previews'],
        summary: 'Make a preview link',
        description:
          'Whoever has the token may read the article, without signing in, until the link expires, is used up or is ended. `token` and `url` are in this answer and never shown again. The link works as long as its maker could make it: it dies when they are disabled, or lose the role or the article. Authors: of their own articles.',
        params: IdParams,
        body: ref(NewPreviewLink),
        response: { 201: ref(MadePreviewLink), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      reply.code(201)
      return createPreview(
        request.db,
        actorOf(request),
        request.user,
        app.publicUrl,
        request.params.id,
        request.body
      )
    }
  )

  app.delete(
    '/v1/previews/:id',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'revokePreview',
        tags: ['Previews'],
        summary: 'End a preview link',
        description:
          'At once, on every instance. Repeating changes nothing. Authors: those they made, and those of their own articles.',
        params: IdParams,
        response: { 204: Nothing('Ended.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await revokePreview(app.db, actorOf(request), request.user, request.params.id)
      return reply.code(204).send(undefined)
    }
  )

  app.get(
    '/v1/content/previews/:link',
    {
      config: { access: 'public', limit: 'previews' },
      schema: {
        operationId: 'readPreview',
        tags: ['Previews'],
        summary: 'Read an article through a preview link',
        description:
          'What the article would be if it were live, in its own locale. Each GET is a use, HEAD is none. A link that does not work is 404, whatever the reason. Nobody may keep, index or refer to the answer.',
        params: LinkParams,
        querystring: PreviewQuery,
        response: { 200: ref(ContentPreview), ...problems(404) }
      },
      // Every answer, refusals too: at the end, since a refusal says otherwise of itself.
      onSend: async (_request, reply, payload) => {
        reply.headers({
          'cache-control': 'private, no-store',
          'x-robots-tag': 'noindex',
          'referrer-policy': 'no-referrer'
        })
        return payload
      }
    },
    async (request, reply) => {
      const forms = [...new Set((request.query.body ?? 'html').split(','))] as BodyForm[]
      const counts = request.method === 'GET'
      const article = await readPreview(app.db, app.publicUrl, request.params.link, forms, counts)
      reply.header('content-language', article.locale)
      return article
    }
  )
}
