import { Type } from 'typebox'
import { Closed, ListOf, Nullable, PageParams, Slug } from '../http/wire.ts'
import { LocaleQuery } from './schema.ts'

export const ContentAuthor = Closed(
  {
    slug: Slug,
    name: Type.String(),
    bio: Nullable(Type.String()),
    locale: Nullable(Type.String(), { description: 'The locale `bio` is in; null when there is none.' }),
    image: Nullable(Type.Unsafe<object>({ $ref: 'Picture#' })),
    links: Type.Array(Closed({ label: Type.String(), url: Type.String({ format: 'uri' }) })),
    articleCount: Type.Integer({ minimum: 0, description: 'Live articles in the locale asked for.' })
  },
  {
    $id: 'ContentAuthor',
    examples: [
      {
        slug: 'maya-lindqvist',
        name: 'Maya Lindqvist',
        bio: 'Maya Lindqvist writes about ports and the people in them.',
        locale: 'en',
        image: null,
        links: [{ label: 'Mastodon', url: 'https://mastodon.example/@maya' }],
        articleCount: 12
      }
    ]
  }
)

export const ContentAuthors = ListOf(ContentAuthor)

export const AuthorsQuery = Closed({ ...LocaleQuery.properties, ...PageParams })

export const contentAuthorSchemas = [ContentAuthor]
