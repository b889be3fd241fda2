import { Type } from 'typebox'
import { ArticleQuery, ContentArticle } from '../content/schema.ts'
import { Closed, Id, ListOf, Moment, Nullable, PageParams, Timestamp } from '../http/wire.ts'

const MOST_USES = 1000

const version = Type.Integer({ minimum: 1, maximum: 2147483647 })

const link = {
  id: Id,
  articleId: Id,
  version: Type.Unsafe<number | null>({
    ...Nullable(version),
    description: 'The version it shows; null = the latest.'
  }),
  expiresAt: Timestamp,
  maxUses: Nullable(Type.Integer({ minimum: 1, maximum: MOST_USES })),
  uses: Type.Integer({ minimum: 0, description: 'How often it was read.' }),
  lastUsedAt: Nullable(Timestamp),
  works: Type.Boolean({
    description: 'Whether it can be read now, for all it depends on: its maker and article too.'
  }),
  createdBy: Id,
  createdAt: Timestamp,
  revokedAt: Nullable(Timestamp)
}

const example = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60',
  articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  version: null,
  expiresAt: '2026-11-27T08:15:00.000Z',
  maxUses: 10,
  uses: 0,
  lastUsedAt: null,
  works: true,
  createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01',
  createdAt: '2026-11-20T08:15:00.000Z',
  revokedAt: null
}
const token = 'dlp_2vYl7n1cQh0mZt5pUe2QyV1nA7sBdEJx0gHqk0mZt5p'

export const PreviewLink = Closed(link, {
  $id: 'PreviewLink',
  description: 'A secret, expiring link to what is not live. Its token is shown once, when it is made.',
  examples: [example]
})

export const MadePreviewLink = Closed(
  {
    ...link,
    token: Type.String({ description: 'The secret. It is kept as a hash and never shown again.' }),
    url: Type.String({ format: 'uri', description: 'Where to read: the token is its last part.' })
  },
  {
    $id: 'MadePreviewLink',
    examples: [{ ...example, token, url: `http://localhost:3000/v1/content/previews/${token}` }]
  }
)

export const NewPreviewLink = Closed(
  {
    version: Type.Optional(
      Type.Unsafe<number | null>({
        ...Nullable(version),
        description: 'Always shows this version. Left out or null, whatever is the latest.'
      })
    ),
    expiresAt: Type.Optional({ ...Moment, description: 'In 7 days, if absent; in 30 at most.' }),
    maxUses: Type.Optional(
      Type.Unsafe<number | null>({
        ...Nullable(Type.Integer({ minimum: 1, maximum: MOST_USES })),
        description: 'How often it may be read. Left out or null, any number of times.'
      })
    )
  },
  { $id: 'NewPreviewLink', examples: [{ maxUses: 10 }] }
)

export const PreviewLinkList = ListOf(PreviewLink)

export const PreviewLinkQuery = Closed(PageParams)

/** As long as a part of an address may be: what is no link is not there, however long. */
export const LinkParams = Closed({ link: Type.String({ minLength: 1, maxLength: 16_384 }) })

export const PreviewQuery = Closed({ body: ArticleQuery.properties.body })

const { related: _, jsonld: __, ...article } = ContentArticle.properties

export const ContentPreview = Closed(
  {
    ...article,
    publishedAt: Type.Unsafe<Date | null>({
      ...Nullable(Timestamp),
      description: 'When it was first ever live; null = never yet.'
    }),
    updatedAt: Type.Unsafe<Date | null>({
      ...Nullable(Timestamp),
      description: 'When what readers saw last went live; null = nothing yet.'
    }),
    preview: Closed({
      version: Type.Integer({ minimum: 1, description: 'Which version this is.' }),
      expiresAt: Timestamp,
      usesLeft: Type.Unsafe<number | null>({
        ...Nullable(Type.Integer({ minimum: 0 })),
        description: 'How often it can still be read; null = any number of times.'
      })
    })
  },
  {
    $id: 'ContentPreview',
    description: 'What an article would be if it were live.',
    examples: [
      {
        ...(ContentArticle as unknown as { examples: object[] }).examples[0],
        publishedAt: null,
        updatedAt: null,
        preview: { version: 3, expiresAt: '2026-11-27T08:15:00.000Z', usesLeft: 9 }
      }
    ]
  }
)

export const previewSchemas = [PreviewLink, MadePreviewLink, NewPreviewLink, ContentPreview]
