import { Type } from 'typebox'
import type { GivenPicture } from '../http/picture.ts'
import {
  ByLocale,
  Closed,
  Id,
  ListOf,
  Nullable,
  PageParams,
  Slug,
  Timestamp,
  Version,
  WebUrl
} from '../http/wire.ts'

const name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
const bio = Type.String({ minLength: 1, maxLength: 5000 })
const links = Type.Array(Closed({ label: Type.String({ minLength: 1, maxLength: 100 }), url: WebUrl }), {
  maxItems: 20
})

export const Author = Closed(
  {
    id: Id,
    slug: Slug,
    name,
    bios: ByLocale(bio, { description: 'The biography in each locale.' }),
    image: Nullable(Type.Unsafe<object>({ $ref: 'Picture#' })),
    links,
    userId: Nullable(Id),
    articleCount: Type.Integer({ minimum: 0, description: 'Live articles they sign, in any locale.' }),
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  {
    $id: 'Author',
    description: 'Who signs.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        slug: 'maya-lindqvist',
        name: 'Maya Lindqvist',
        bios: { en: 'Maya Lindqvist writes about ports and the people in them.' },
        image: null,
        links: [],
        userId: null,
        articleCount: 12,
        version: 1,
        createdAt: '2026-11-20T08:15:00.000Z',
        updatedAt: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

export const NewAuthor = Closed(
  {
    name,
    slug: Type.Optional(Slug),
    bios: Type.Optional(ByLocale(bio)),
    image: Type.Optional(Nullable(Type.Unsafe<GivenPicture>({ $ref: 'PictureInput#' }))),
    links: Type.Optional(links),
    userId: Type.Optional(Nullable(Id))
  },
  {
    $id: 'NewAuthor',
    examples: [
      { name: 'Maya Lindqvist', bios: { en: 'Maya Lindqvist writes about ports and the people in them.' } }
    ]
  }
)

export const AuthorPatch = Closed(
  {
    name: Type.Optional(name),
    slug: Type.Optional(Slug),
    bios: Type.Optional(ByLocale(Nullable(bio))),
    image: Type.Optional(Nullable(Type.Unsafe<GivenPicture>({ $ref: 'PicturePatch#' }))),
    links: Type.Optional(links),
    userId: Type.Optional(Nullable(Id))
  },
  {
    $id: 'AuthorPatch',
    description: 'A JSON merge patch: biographies and image merge, links are replaced whole.',
    examples: [{ bios: { ru: 'Майя Линдквист пишет о портах и людях в них.' } }]
  }
)

export const AuthorList = ListOf(Author)
export const AuthorQuery = Closed({
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Beginning of the name or slug.' })
  ),
  ...PageParams
})

export const authorSchemas = [Author, NewAuthor, AuthorPatch]

/** What merged biographies must still be. */
export const Bios = ByLocale(bio)
