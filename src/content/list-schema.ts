import { Type } from 'typebox'
import { Closed, Nullable, ref, Slug } from '../http/wire.ts'
import { ArticleItem, articleExample } from './schema.ts'

export const ContentList = Closed(
  {
    slug: Slug,
    title: Nullable(Type.String(), { description: 'In the locale; null when it has none in it.' }),
    locale: Type.String({ description: 'The locale of all of it.' }),
    data: Type.Array(ref(ArticleItem), { maxItems: 100 })
  },
  {
    $id: 'ContentList',
    description: 'A curated list of live articles.',
    examples: [
      {
        slug: 'world-news',
        title: 'The most important world news',
        locale: 'en',
        data: [articleExample]
      }
    ]
  }
)

export const contentListSchemas = [ContentList]
