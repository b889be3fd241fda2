import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { Gone, NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { ref } from '../http/wire.ts'
import { addressWith } from './addresses.ts'
import { moved, unchanged } from './answer-schema.ts'
import { type BodyForm, findArticle, tagsOf, withMember } from './articles.ts'
import { firstEnd, type ItemRow } from './items.ts'
import { jsonLd } from './jsonld.ts'
import { itemKeys, listingKeys, slugKey, taggedKey } from './keys.ts'
import { listLive } from './listing.ts'
import { ArticleListing, ArticlesQuery, Trending, TrendingQuery } from './listing-schema.ts'
import { findRelated } from './related.ts'
import { ArticleQuery, ContentArticle, SlugParams } from './schema.ts'
import { shareBarOf } from './share-bar.ts'
import { findTrending } from './trending.ts'

export const contentArticleRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/articles',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listLiveArticles',
        tags: ['Content'],
        summary: 'Live articles, newest first',
        description:
          'Of one locale; lists never fall back to another. `fields` says which members the items have; `include` adds to them.',
        querystring: ArticlesQuery,
        response: { 200: ArticleListing, ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { query } = request
        const { rows, data, page } = await listLive(
          app.reader,
          app.publicUrl,
          query,
          app.pages('live', query)
        )
        const locale = query.locale ?? rows[0]?.locale
        return {
          text: JSON.stringify({ data, page }),
          keys: [...listingKeys(query, locale), ...itemKeys(rows)],
          maxAge: firstEnd(rows)
        }
      })
  )

  app.get(
    '/v1/content/articles/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveArticle',
        tags: ['Content'],
        summary: 'One live article',
        description:
          'A former slug leads to the present one. Not there in the locale: the site’s fallbacks are tried, and `locale` says which it is. Withdrawn: 410.',
        params: SlugParams,
        querystring: ArticleQuery,
        response: { 200: ref(ContentArticle), ...moved, ...unchanged, ...problems(404, 410) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { slug } = request.params
        const { body, include, ...where } = request.query
        const forms = [...new Set((body ?? 'html').split(',').sort())] as BodyForm[]
        const included = new Set(include?.split(','))
        const withPublisher = included.has('jsonld')
        const article = await findArticle(app.reader, app.publicUrl, { slug, ...where }, forms, {
          withPublisher
        })
        if (!article) throw NotFound('article')
        if (article.state === 'gone') throw Gone('article')
        if (article.state === 'moved') {
          const movedTo = addressWith(`/v1/content/articles/${article.slug}`, request.query, article.locale)
          return { movedTo, keys: ['addresses', slugKey(slug), `article:${article.articleId}`] }
        }
        const keys = [slugKey(slug), ...article.keys]
        const ending: Pick<ItemRow, 'endsIn'>[] = [article]
        const share = included.has('share')
          ? await shareBarOf(app.reader, app.publicUrl, article.publicationId)
          : null
        // The text was made by Postgres and is sent as it is.
        let text = article.json
        if (withPublisher) {
          keys.push('sites')
          text = withMember(text, 'jsonld', jsonLd(JSON.parse(text), article.publisher, app.publicUrl))
        }
        if (share) {
          keys.push(...share.keys)
          text = withMember(text, 'share', share.data)
        }
        if (included.has('related')) {
          const related = await findRelated(app.reader, app.publicUrl, article.publicationId, where.at)
          keys.push(...tagsOf(text).map((tag) => taggedKey(tag.slug)), ...itemKeys(related.rows))
          ending.push(...related.rows)
          text = withMember(text, 'related', related.data)
        }
        const maxAge = firstEnd(ending, share?.maxAge)
        return { text, locale: article.locale, keys: [...new Set(keys)], maxAge }
      })
  )

  app.get(
    '/v1/content/trending',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'listTrending',
        tags: ['Content'],
        summary: 'What is read most',
        description:
          'Live articles of one locale by how often they were read, newer views counting more. Counted at most once a minute: `computedAt` says when. Empty when nothing was read. No editor has a hand in it: for that there are lists. With `at`, other articles are live; views are today’s.',
        querystring: TrendingQuery,
        response: { 200: ref(Trending), ...unchanged }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { rows, ...trending } = await findTrending(app.reader, app.publicUrl, request.query)
        return { text: JSON.stringify(trending), keys: itemKeys(rows), maxAge: firstEnd(rows, 60) }
      })
  )
}
