import { Type } from 'typebox'
import { Body, BodyInput } from '../body/schema.ts'
import { Stage } from '../database/generated/enums.ts'
import {
  Closed,
  Id,
  ListOf,
  Locale,
  Moment,
  Nullable,
  PageParams,
  ref,
  Slug,
  Timestamp,
  Version,
  WebUrl
} from '../http/wire.ts'

const text = (maxLength: number, description?: string) =>
  Type.String({ maxLength, ...(description && { description }) })
const stage = Type.Enum(Object.values(Stage))
const ids = (description: string, maxItems: number) =>
  Type.Array(Id, { maxItems, uniqueItems: true, description })

const headline = Type.String({
  minLength: 1,
  maxLength: 300,
  pattern: '\\S',
  description: 'The title of the story.'
})
const kicker = text(120, 'A word or two above the headline.')
const standfirst = text(1000, 'A sentence or two below the headline.')
const dateline = text(120, 'Where it was written.')
const message = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'What this revision is about; kept with it.'
})
const sourceName = Type.String({ minLength: 1, maxLength: 300, pattern: '\\S' })
const seoText = (maxLength: number) => Nullable(Type.String({ minLength: 1, maxLength }))
const seo = { title: seoText(300), description: seoText(1000), canonicalUrl: Nullable(WebUrl) }
const rights = {
  licence: Nullable(Type.String({ minLength: 1, maxLength: 500, description: 'Its address or name.' })),
  notice: Nullable(Type.String({ minLength: 1, maxLength: 1000 }))
}

export const Source = Closed(
  { name: sourceName, url: WebUrl },
  {
    $id: 'Source',
    description: 'The outside source credited.',
    examples: [{ name: 'The Lantern Review', url: 'https://lantern.example/' }]
  }
)
export const Seo = Closed(seo, {
  $id: 'Seo',
  description: 'For search engines; null = the article’s own.',
  examples: [{ title: 'Ferry line reopens', description: null, canonicalUrl: null }]
})
export const Rights = Closed(rights, {
  $id: 'Rights',
  description: 'Terms of this article where they differ from the site’s.',
  examples: [{ licence: 'https://creativecommons.org/licenses/by/4.0/', notice: null }]
})

const patchOf = <T extends Record<string, ReturnType<typeof Nullable> | typeof sourceName | typeof WebUrl>>(
  members: T
) =>
  Closed(Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, Type.Optional(schema)])))

export const PublicationState = Closed(
  {
    state: Type.Enum(['none', 'scheduled', 'live', 'ended', 'withdrawn']),
    liveFrom: Nullable(Timestamp),
    liveUntil: Nullable(Timestamp),
    version: Nullable(Version),
    hasUnpublishedChanges: Type.Boolean({
      description: 'Whether something is live and the working copy differs from it.'
    })
  },
  { $id: 'PublicationState', description: 'Where the article stands on its timeline.' }
)

const content = {
  headline,
  kicker,
  standfirst,
  authors: ids('Who signs, in order.', 20),
  tags: ids('In order; the first is the primary one.', 50),
  source: Nullable(ref(Source)),
  image: Nullable(Type.Unsafe<object>({ $ref: 'Picture#' })),
  dateline,
  breaking: Type.Boolean(),
  accessibleForFree: Type.Boolean(),
  sensitive: Type.Boolean(),
  seo: ref(Seo),
  rights: Nullable(ref(Rights))
}

const tagNames = Type.Array(
  Closed({
    id: Id,
    slug: Slug,
    names: Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: { type: 'string' } })
  }),
  { description: 'With `include=tags`.' }
)
const authorNames = Type.Array(Closed({ id: Id, slug: Slug, name: Type.String() }), {
  description: 'With `include=authors`.'
})

const Withdrawn = Closed({ at: Timestamp, reason: Type.String() }, { description: 'Never shown to readers.' })
const around = {
  id: Id,
  storyId: Type.String({ format: 'uuid', description: 'Joins the translations of a story.' }),
  locale: Locale,
  slug: Slug,
  ...content,
  wordCount: Type.Integer({ minimum: 0 }),
  stage,
  version: Version,
  publication: ref(PublicationState),
  withdrawal: Nullable(Withdrawn),
  createdBy: Id,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  trashedAt: Nullable(Timestamp),
  included: Type.Optional(
    Closed(
      { tags: Type.Optional(tagNames), authors: Type.Optional(authorNames) },
      { description: 'Names asked for with `include`.' }
    )
  )
}

const exampleId = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const example = {
  id: exampleId,
  storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
  locale: 'en',
  slug: 'ferry-line-reopens',
  headline: 'Ferry line reopens after two winters',
  kicker: 'Coast',
  standfirst: 'The first boat left with forty passengers and a dog.',
  authors: [],
  tags: ['019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12'],
  source: null,
  image: null,
  dateline: 'Port Ansel',
  breaking: false,
  accessibleForFree: true,
  sensitive: false,
  seo: { title: null, description: null, canonicalUrl: null },
  rights: null,
  wordCount: 312,
  stage: 'draft',
  version: 1,
  publication: {
    state: 'none',
    liveFrom: null,
    liveUntil: null,
    version: null,
    hasUnpublishedChanges: false
  },
  withdrawal: null,
  createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
  createdAt: '2026-11-20T08:15:00.000Z',
  updatedAt: '2026-11-20T08:15:00.000Z',
  trashedAt: null
}

export const ArticleSummary = Closed(around, {
  $id: 'ArticleSummary',
  description: 'An article in a list: everything but the body.',
  examples: [example]
})

export const Article = Closed(
  { ...around, body: ref(Body) },
  {
    $id: 'Article',
    description: 'The working copy editors change.',
    examples: [{ ...example, body: { blocks: [] } }]
  }
)

const writable = {
  slug: Type.Optional(Slug),
  kicker: Type.Optional(kicker),
  standfirst: Type.Optional(standfirst),
  body: Type.Optional(ref(BodyInput)),
  authors: Type.Optional(content.authors),
  tags: Type.Optional(content.tags),
  dateline: Type.Optional(dateline),
  breaking: Type.Optional(Type.Boolean()),
  accessibleForFree: Type.Optional(Type.Boolean()),
  sensitive: Type.Optional(Type.Boolean()),
  message: Type.Optional(message)
}

export const NewArticle = Closed(
  {
    locale: Locale,
    headline,
    ...writable,
    source: Type.Optional(Nullable(ref(Source))),
    image: Type.Optional(Nullable(Type.Unsafe<object>({ $ref: 'PictureInput#' }))),
    seo: Type.Optional(
      Closed({
        title: Type.Optional(seo.title),
        description: Type.Optional(seo.description),
        canonicalUrl: Type.Optional(seo.canonicalUrl)
      })
    ),
    rights: Type.Optional(
      Nullable(Closed({ licence: Type.Optional(rights.licence), notice: Type.Optional(rights.notice) }))
    )
  },
  {
    $id: 'NewArticle',
    examples: [
      {
        locale: 'en',
        headline: 'Ferry line reopens after two winters',
        standfirst: 'The first boat left with forty passengers and a dog.',
        body: { markdown: 'The first boat left at **six** in the morning.' },
        source: { name: 'The Lantern Review', url: 'https://lantern.example/' }
      }
    ]
  }
)

type NullableText = string | null
type Loose<T> = { [K in keyof T]?: T[K] }

export const ArticlePatch = Closed(
  {
    headline: Type.Optional(headline),
    ...writable,
    slug: Type.Optional({
      ...Nullable(Slug),
      description: 'null: follow the headline again.'
    } as unknown as ReturnType<typeof Nullable<typeof Slug>>),
    source: Type.Optional(
      Nullable(Type.Unsafe<Loose<{ name: string; url: string }>>(patchOf({ name: sourceName, url: WebUrl })))
    ),
    image: Type.Optional(Nullable(Type.Unsafe<object>({ $ref: 'PicturePatch#' }))),
    seo: Type.Optional(
      Type.Unsafe<Loose<Record<'title' | 'description' | 'canonicalUrl', NullableText>>>(patchOf(seo))
    ),
    rights: Type.Optional(
      Nullable(Type.Unsafe<Loose<Record<'licence' | 'notice', NullableText>>>(patchOf(rights)))
    )
  },
  {
    $id: 'ArticlePatch',
    description:
      'A JSON merge patch: `source`, `image`, `seo` and `rights` merge; `body` and arrays are replaced whole.',
    examples: [
      { headline: 'Ferry line reopens after two long winters', message: 'Says how long it was closed' }
    ]
  }
)

export const ArticleList = ListOf(ArticleSummary)

const include = Type.Optional(
  Type.String({
    pattern: '^(tags|authors)(,(tags|authors))*$',
    maxLength: 40,
    description: 'Adds names: `tags`, `authors`, or both with a comma.'
  })
)

export const ArticleReadQuery = Closed({ include })

export const ArticleQuery = Closed({
  stage: Type.Optional(stage),
  state: Type.Optional(
    Type.Enum(['none', 'scheduled', 'live', 'ended', 'withdrawn'], {
      description: 'Where it stands on its timeline now.'
    })
  ),
  tag: Type.Optional({ ...Id, description: 'Id of a tag.' }),
  author: Type.Optional({ ...Id, description: 'Id of an author.' }),
  locale: Type.Optional(Locale),
  storyId: Type.Optional(Id),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Words of the headline or standfirst, in any order.'
    })
  ),
  updatedAfter: Type.Optional({ ...Moment, description: 'Inclusive.' }),
  updatedBefore: Type.Optional({ ...Moment, description: 'Exclusive.' }),
  trashed: Type.Optional(
    Type.Boolean({ description: 'true: only what is in the trash; without it, only what is not.' })
  ),
  sort: Type.Optional(
    Type.Enum(['-updatedAt', 'updatedAt', '-createdAt', 'createdAt'], {
      description: 'A minus means newest first; without it, `-updatedAt`.'
    })
  ),
  count: Type.Optional(Type.Enum(['exact'], { description: 'Also count all that match.' })),
  include,
  ...PageParams
})

export const PurgeQuery = Closed({
  purge: Type.Optional(
    Type.Boolean({
      description: 'Remove it for ever, with its revisions and links. Admins only; only from the trash.'
    })
  )
})

export const articleSchemas = [
  Source,
  Seo,
  Rights,
  PublicationState,
  ArticleSummary,
  Article,
  NewArticle,
  ArticlePatch
]
