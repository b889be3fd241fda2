import { type Static, Type } from 'typebox'
import { Closed, ListOf, Moment, Page, PageParams, ref, Timestamp, withDefault } from '../http/wire.ts'
import { ArticleItem, anySlug, articleExample, at, commaList, locale } from './schema.ts'

const members = Object.keys(ArticleItem.properties)

export const ArticleItemPart = Type.Partial(ArticleItem, {
  additionalProperties: false,
  $id: 'ContentArticleItemPart',
  description:
    'A live article in a list, with the members that were asked for with `fields` and `include`, and no other.',
  examples: [{ slug: articleExample.slug, headline: articleExample.headline, tags: articleExample.tags }]
})

export const ArticleItems = Closed(ListOf(ArticleItem).properties, {
  $id: 'ContentArticleItems',
  description: 'A page of live articles.',
  examples: [{ data: [articleExample], page: { limit: 20, hasMore: false, next: null, prev: null } }]
})
export const ArticleItemParts = Closed(
  { data: Type.Array(ref(ArticleItemPart), { maxItems: 100 }), page: ref(Page) },
  { $id: 'ContentArticleItemParts', description: 'The same when `fields` was given.' }
)
export const ArticleListing = Type.Union([ref(ArticleItems), ref(ArticleItemParts)])

export const ArticlesQuery = Closed({
  locale,
  tag: Type.Optional(Type.Array(anySlug, { maxItems: 10, description: 'Slug of a tag; repeatable.' })),
  tagMode: Type.Optional(
    Type.Enum(['any', 'all'], { description: 'With several tags: any of them (default), or all.' })
  ),
  excludeTag: Type.Optional(
    Type.Array(anySlug, { maxItems: 10, description: 'Slug of a tag that must not be there; repeatable.' })
  ),
  author: Type.Optional({ ...anySlug, description: 'Slug of an author.' }),
  source: Type.Optional(
    Type.String({ minLength: 1, maxLength: 300, description: 'Name of the credited source, exactly.' })
  ),
  publishedAfter: Type.Optional({ ...Moment, description: 'Inclusive.' }),
  publishedBefore: Type.Optional({ ...Moment, description: 'Exclusive.' }),
  fields: Type.Optional(
    commaList(
      members,
      'Members of the items, separated by commas: they have these and no others. Without it they are whole.'
    )
  ),
  include: Type.Optional(
    commaList(
      ['tags', 'authors'],
      'With `fields`: `tags`, `authors` or both besides. Without `fields` they are there already.'
    )
  ),
  sort: Type.Optional(
    Type.Enum(['-publishedAt', 'publishedAt', '-updatedAt', 'updatedAt'], {
      description: 'A minus means newest first; without it, `-publishedAt`.'
    })
  ),
  at,
  ...PageParams
})

export const TrendingQuery = Closed({
  window: withDefault(
    Type.Enum(['1h', '24h', '7d'], {
      description:
        'How far back views count: the last hour (each counts half after 30 minutes), 24 hours (6 hours), 7 days (48 hours).'
    }),
    '24h'
  ),
  locale,
  limit: PageParams.limit,
  at
})

export const Trending = Closed(
  {
    data: Type.Array(ref(ArticleItem), { maxItems: 100, description: 'Most read first.' }),
    computedAt: Type.Unsafe<Date>({ ...Timestamp, description: 'When the views were counted.' }),
    window: Type.Enum(['1h', '24h', '7d'])
  },
  {
    $id: 'ContentTrending',
    description: 'What is read most.',
    examples: [{ data: [articleExample], computedAt: '2026-11-20T12:00:00.000Z', window: '24h' }]
  }
)
export type Window = Static<typeof Trending>['window']

export const contentListingSchemas = [ArticleItemPart, ArticleItems, ArticleItemParts, Trending]
