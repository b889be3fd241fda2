import { Type } from 'typebox'
import { TagKind } from '../database/generated/enums.ts'
import {
  ByLocale,
  Closed,
  Id,
  ListOf,
  Locale,
  Nullable,
  PageParams,
  Slug,
  Timestamp,
  Version
} from '../http/wire.ts'

const kind = Type.Enum(Object.values(TagKind))
const names = ByLocale(Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }), {
  minProperties: 1,
  description: 'The name in each locale.'
})
const descriptions = ByLocale(Type.String({ minLength: 1, maxLength: 2000 }), {
  description: 'A sentence or two in each locale.'
})
const aliases = Type.Array(Slug, {
  maxItems: 1000,
  uniqueItems: true,
  description:
    'Other slugs it answers to; former ones, and those of tags merged into it, are added by themselves.'
})

const example = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  kind: 'topic',
  slug: 'shipping',
  names: { en: 'Shipping', ru: 'Судоходство' },
  descriptions: {},
  parentId: null,
  aliases: ['sea-trade'],
  articleCount: 12,
  version: 1,
  createdAt: '2026-11-20T08:15:00.000Z',
  updatedAt: '2026-11-20T08:15:00.000Z'
}

export const Tag = Closed(
  {
    id: Id,
    kind,
    slug: Slug,
    names,
    descriptions,
    parentId: Nullable(Id),
    aliases,
    articleCount: Type.Integer({ minimum: 0, description: 'Live articles that have it, in any locale.' }),
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  { $id: 'Tag', description: 'What a story is about, or belongs to.', examples: [example] }
)

export const NewTag = Closed(
  {
    kind,
    slug: Type.Optional(Slug),
    names,
    descriptions: Type.Optional(descriptions),
    parentId: Type.Optional(Nullable(Id)),
    aliases: Type.Optional(aliases)
  },
  { $id: 'NewTag', examples: [{ kind: 'topic', names: { en: 'Shipping', ru: 'Судоходство' } }] }
)

/** A merge patch: a locale set to null is removed. */
export const TagPatch = Closed(
  {
    kind: Type.Optional(kind),
    slug: Type.Optional(Slug),
    names: Type.Optional(ByLocale(Nullable(Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })))),
    descriptions: Type.Optional(ByLocale(Nullable(Type.String({ minLength: 1, maxLength: 2000 })))),
    parentId: Type.Optional(Nullable(Id)),
    aliases: Type.Optional(aliases)
  },
  {
    $id: 'TagPatch',
    description: 'A JSON merge patch: texts by locale merge, arrays are replaced whole.',
    examples: [{ names: { hy: 'Նավագնացություն' } }]
  }
)

/** What must still hold when a patch is merged. */
export const MergedTag = Closed({ names, descriptions, aliases })

export const TagList = ListOf(Tag)

export const TagQuery = Closed({
  kind: Type.Optional(kind),
  parentId: Type.Optional(Id),
  locale: Type.Optional(Locale),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Beginning of a name in any locale, of a slug or of an alias.'
    })
  ),
  ...PageParams
})

export const ForceQuery = Closed({
  force: Type.Optional(
    Type.Boolean({ description: 'Take it from the articles that use it and from the tags below it.' })
  )
})

export const TagMerge = Closed(
  { into: { ...Id, description: 'The tag that stays.' } },
  { $id: 'TagMerge', examples: [{ into: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10' }] }
)

export const tagSchemas = [Tag, NewTag, TagPatch, TagMerge]
