import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problems } from '../http/problems.ts'
import { IdParams, ref } from '../http/wire.ts'
import { ArticleStats, ShareLinkStats, StatsQuery } from './schema.ts'
import { readArticleStats, readLinkStats } from './stats.ts'

const HOURS = `Counts are kept by the hour of UTC, and an hour counts for the day or week in which it begins. Counts that were rolled up (\`counts rollup\`, after 90 days) are kept by the day of UTC, at its beginning.`

export const statsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/share-links/:id/stats',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'getShareLinkStats',
        tags: ['Share links'],
        summary: 'The clicks of a share link by period and origin',
        description: HOURS,
        params: IdParams,
        querystring: StatsQuery,
        response: { 200: ref(ShareLinkStats), ...problems(404) }
      }
    },
    async (request) => readLinkStats(app.db, request.params.id, request.query)
  )

  app.get(
    '/v1/articles/:id/stats',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'getArticleStats',
        tags: ['Articles'],
        summary: 'The views of an article and the clicks of its links, by period and origin',
        description: HOURS,
        params: IdParams,
        querystring: StatsQuery,
        response: { 200: ref(ArticleStats), ...problems(404) }
      }
    },
    async (request) => readArticleStats(app.db, request.params.id, request.query)
  )
}
