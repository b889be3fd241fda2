import { Type } from 'typebox'
import { Closed, ListOf, PageParams } from '../http/wire.ts'
import { ArticlesQuery } from './listing-schema.ts'
import { ArticleItem, articleExample } from './schema.ts'

const { locale, at, author } = ArticlesQuery.properties

export const Found = Closed(
  {
    ...ArticleItem.properties,
    highlights: Type.Array(
      Closed({
        field: Type.Enum(['headline', 'kicker', 'standfirst', 'dateline']),
        start: Type.Integer({ minimum: 0, description: 'In UTF-16 units, as JavaScript counts.' }),
        end: Type.Integer({ minimum: 1, description: 'Exclusive.' })
      }),
      {
        description:
          'Where the words searched for stand, by field and from left to right. Empty when they stand in the body, or in the names of tags and authors.'
      }
    )
  },
  {
    $id: 'ContentFound',
    description: 'A live article that was found.',
    examples: [{ ...articleExample, highlights: [{ field: 'headline', start: 0, end: 5 }] }]
  }
)

export const FoundItems = ListOf(Found)

export const SearchQuery = Closed({
  q: Type.String({
    minLength: 1,
    maxLength: 200,
    description:
      'Words that must all be there, `"a phrase"`, `or`, and `-` before what must not be there. The first 24 words count.'
  }),
  locale,
  tag: Type.Optional({ ...author, description: 'Slug of a tag: only articles that have it.' }),
  at,
  ...PageParams
})

export const searchSchemas = [Found]
