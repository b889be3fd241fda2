import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { ref } from '../http/wire.ts'
import { addressWith } from './addresses.ts'
import { moved, unchanged } from './answer-schema.ts'
import { articlesKey, shownTagKeys } from './keys.ts'
import { ContentTag, ContentTags, LocaleQuery, SlugParams, TagsQuery } from './schema.ts'
import { findLiveTag, listLiveTags } from './tags.ts'

export const contentTagRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/tags',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listLiveTags',
        tags: ['Content'],
        summary: 'Tags of live articles, by slug',
        querystring: TagsQuery,
        response: { 200: ContentTags, ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const data = await listLiveTags(app.reader, query, app.pages('live tags', query))
        return { data, keys: ['addresses', 'tags', articlesKey(query.locale)] }
      })
  )

  app.get(
    '/v1/content/tags/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveTag',
        tags: ['Content'],
        summary: 'One tag of live articles',
        description: 'An alias leads to the tag’s own slug.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ContentTag), ...moved, ...unchanged, ...problems(404) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { query, params } = request
        const tag = await findLiveTag(app.reader, params.slug, query)
        if (!tag) throw NotFound('tag')
        const keys = ['addresses', ...shownTagKeys(tag.id, [params.slug, tag.slug])]
        if (tag.parentId) keys.push(`tag:${tag.parentId}`)
        if (tag.slug !== params.slug)
          return { movedTo: addressWith(`/v1/content/tags/${tag.slug}`, query, query.locale), keys }
        return { data: tag, locale: tag.locale, keys }
      })
  )
}
