import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { unchanged } from './answer-schema.ts'
import { firstEnd } from './items.ts'
import { articlesKey } from './keys.ts'
import { search } from './search.ts'
import { FoundItems, SearchQuery } from './search-schema.ts'

export const searchRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/search',
    {
      config: { access: 'public', accessAt: 'editor', limit: 'search' },
      schema: {
        operationId: 'searchLiveArticles',
        tags: ['Content'],
        summary: 'Live articles with these words, best first',
        description:
          'Of one locale, by the word stems of its language where Postgres knows it; accents and case do not count. A word counts most in the headline, then in the standfirst, then in kicker, dateline, source and the names of tags and authors, then in the body; newer articles count more. The newest 2,000 that match are ranked; a phrase is looked for in the newest 10,000 that have its words. When nothing matches, words that are nearly the same are tried. Only negations or stop words find nothing.',
        querystring: SearchQuery,
        response: { 200: FoundItems, ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const { rows, ...found } = await search(app.reader, app.publicUrl, query, app.pages('search', query))
        const locale = query.locale ?? rows[0]?.locale
        return {
          text: JSON.stringify(found),
          locale,
          keys: [articlesKey(locale), 'tags', 'authors', 'addresses'],
          maxAge: firstEnd(rows)
        }
      })
  )
}
