import { Type } from 'typebox'
import { Closed, Nullable } from '../http/wire.ts'
import { LocaleQuery } from './schema.ts'

export const Resolved = Closed(
  {
    type: Type.Enum(['article', 'tag', 'redirect', 'gone']),
    locale: Nullable(Type.String({ description: 'Of an article or tag: the locale it was found in.' })),
    slug: Nullable(Type.String({ description: 'Of an article or tag: its present slug.' })),
    url: Nullable(Type.String({ description: 'Of an article: its address on the front end.' })),
    path: Nullable(Type.String({ description: 'Of a redirect: the path it leads to.' }))
  },
  {
    $id: 'Resolved',
    description: 'What a path is now; members that do not apply are null.',
    examples: [
      {
        type: 'article',
        locale: 'en',
        slug: 'ferry-line-reopens',
        url: 'https://news.example/en/ferry-line-reopens',
        path: null
      }
    ]
  }
)

export const ResolveQuery = Closed({
  path: Type.String({
    minLength: 1,
    maxLength: 2500,
    description: 'A path with its query, or a whole address, of which the host does not count.',
    examples: ['/2019/05/ferry-line-reopens?p=7']
  }),
  ...LocaleQuery.properties
})
