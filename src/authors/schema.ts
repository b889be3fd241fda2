import { Type } from 'typebox'
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

const picture = {
  url: WebUrl,
  alt: Type.String({ maxLength: 500, description: 'What the picture shows, for those who cannot see it.' }),
  caption: Nullable(Type.String({ maxLength: 1000 })),
  credit: Nullable(Type.String({ maxLength: 300 })),
  width: Nullable(Type.Integer({ minimum: 1, maximum: 65535, description: 'Pixels.' })),
  height: Nullable(Type.Integer({ minimum: 1, maximum: 65535, description: 'Pixels.' }))
}

export const Picture = Closed(picture, {
  $id: 'Picture',
  description: 'A picture, kept elsewhere.',
  examples: [
    {
      url: 'https://images.example/ferry.jpg',
      alt: 'A ferry leaving the harbour',
      caption: null,
      credit: 'Rana Holt',
      width: 1600,
      height: 900
    }
  ]
})

/** What may be left out when writing is null when reading. */
export const PictureInput = Closed(
  {
    url: picture.url,
    alt: picture.alt,
    caption: Type.Optional(picture.caption),
    credit: Type.Optional(picture.credit),
    width: Type.Optional(picture.width),
    height: Type.Optional(picture.height)
  },
  {
    $id: 'PictureInput',
    examples: [{ url: 'https://images.example/ferry.jpg', alt: 'A ferry leaving the harbour' }]
  }
)

/** A merge patch of a picture. */
export const PicturePatch = Closed(
  {
    url: Type.Optional(picture.url),
    alt: Type.Optional(picture.alt),
    caption: Type.Optional(picture.caption),
    credit: Type.Optional(picture.credit),
    width: Type.Optional(picture.width),
    height: Type.Optional(picture.height)
  },
  { $id: 'PicturePatch', examples: [{ alt: 'A ferry leaving the harbour at dusk' }] }
)

const pictureRef = <T extends string>(name: T) => ({ $ref: `${name}#` })

export const Author = Closed(
  {
    id: Id,
    slug: Slug,
    name,
    bios: ByLocale(bio, { description: 'The biography in each locale.' }),
    image: Nullable(Type.Unsafe<object>(pictureRef('Picture'))),
    links,
    userId: Nullable(Id),
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
    image: Type.Optional(Nullable(Type.Unsafe<PictureValues>(pictureRef('PictureInput')))),
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
    image: Type.Optional(Nullable(Type.Unsafe<PictureValues>(pictureRef('PicturePatch')))),
    links: Type.Optional(links),
    userId: Type.Optional(Nullable(Id))
  },
  {
    $id: 'AuthorPatch',
    description: 'A JSON merge patch: biographies and image merge, links are replaced whole.',
    examples: [{ bios: { ru: 'Майя Линдквист пишет о портах и людях в них.' } }]
  }
)

export type PictureValues = {
  url?: string
  alt?: string
  caption?: string | null
  credit?: string | null
  width?: number | null
  height?: number | null
}

export const AuthorList = ListOf(Author)
export const AuthorQuery = Closed({
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Beginning of the name or slug.' })
  ),
  ...PageParams
})

export const authorSchemas = [Picture, PictureInput, PicturePatch, Author, NewAuthor, AuthorPatch]

/** What merged biographies must still be. */
export const Bios = ByLocale(bio)
