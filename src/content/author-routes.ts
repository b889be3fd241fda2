import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { ref } from '../http/wire.ts'
import { unchanged } from './answer-schema.ts'
import { AuthorsQuery, ContentAuthor, ContentAuthors } from './author-schema.ts'
import { findLiveAuthor, listLiveAuthors } from './authors.ts'
import { articlesKey, byKey } from './keys.ts'
import { LocaleQuery, SlugParams } from './schema.ts'

export const contentAuthorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/authors',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listLiveAuthors',
        tags: ['Content'],
        summary: 'Authors of live articles, by slug',
        querystring: AuthorsQuery,
        response: { 200: ContentAuthors, ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const data = await listLiveAuthors(app.reader, query, app.pages('live authors', query))
        return { data, keys: ['addresses', 'authors', articlesKey(query.locale)] }
      })
  )

  app.get(
    '/v1/content/authors/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveAuthor',
        tags: ['Content'],
        summary: 'One author of live articles',
        description:
          'The biography falls back along the site’s chain; `locale` says which language it is in.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ContentAuthor), ...unchanged, ...problems(404) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const author = await findLiveAuthor(app.reader, request.params.slug, request.query)
        if (!author) throw NotFound('author')
        const keys = ['addresses', `author:${author.id}`, byKey(author.slug)]
        return { data: author as never, locale: author.locale, keys }
      })
  )
}
