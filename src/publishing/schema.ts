import { Type } from 'typebox'
import {
  Closed,
  Id,
  ListOf,
  Locale,
  Moment,
  Nullable,
  PageParams,
  Slug,
  Timestamp,
  Version
} from '../http/wire.ts'

export const Publication = Closed(
  {
    id: Id,
    articleId: Id,
    version: Version,
    locale: Locale,
    slug: Slug,
    headline: Type.String(),
    state: Type.Enum(['scheduled', 'live', 'ended', 'cancelled']),
    liveFrom: Timestamp,
    liveUntil: Nullable(Timestamp),
    plannedUntil: Nullable(Timestamp),
    publishedAt: Timestamp,
    createdBy: Id,
    createdAt: Timestamp
  },
  {
    $id: 'Publication',
    description:
      'One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20',
        articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        version: 3,
        locale: 'en',
        slug: 'ferry-line-reopens',
        headline: 'Ferry line reopens after two winters',
        state: 'live',
        liveFrom: '2026-11-20T08:15:00.000Z',
        liveUntil: null,
        plannedUntil: null,
        publishedAt: '2026-11-20T08:15:00.000Z',
        createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
        createdAt: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

export const NewPublication = Closed(
  {
    liveFrom: Type.Optional({
      ...Moment,
      description: 'When readers see it; absent = now. At most 60 seconds in the past.'
    }),
    liveUntil: Type.Optional({
      ...Nullable(Moment),
      description: 'When they no longer do; null = open; absent = the end asked for before.'
    } as unknown as ReturnType<typeof Nullable<typeof Moment>>),
    version: Type.Optional({ ...Version, description: 'Which revision; absent = the current one.' })
  },
  { $id: 'NewPublication', examples: [{}, { liveFrom: '2030-01-01T09:00:00Z' }] }
)

export const PublicationList = ListOf(Publication)
export const PublicationQuery = Closed(PageParams)
export const publishingSchemas = [Publication, NewPublication]
