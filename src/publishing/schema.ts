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

const correction = Type.String({
  minLength: 1,
  maxLength: 2000,
  pattern: '\\S',
  description: 'What was wrong before and is right now. Shown to readers.'
})
const minor = Type.Boolean({ description: 'Readers keep the time of update they had.' })

export const Publication = Closed(
  {
    id: Id,
    articleId: Id,
    version: Version,
    locale: Locale,
    slug: Slug,
    headline: Type.String(),
    state: Type.Enum(['scheduled', 'live', 'ended', 'cancelled', 'withdrawn']),
    liveFrom: Timestamp,
    liveUntil: Nullable(Timestamp),
    plannedUntil: Nullable(Timestamp),
    publishedAt: Type.Unsafe<Date>({
      ...Timestamp,
      description: 'When the article was, or will be, first ever live.'
    }),
    correction: Nullable(correction),
    minor,
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
        correction: null,
        minor: false,
        createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
        createdAt: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

/** What a scheduled publication may be given, at first and later. */
const end = {
  ...Nullable(Moment),
  description: 'When readers no longer see it; null = open; absent = the end asked for before.'
} as unknown as ReturnType<typeof Nullable<typeof Moment>>

export const NewPublication = Closed(
  {
    liveFrom: Type.Optional({
      ...Moment,
      description: 'When readers see it; absent = now. At most 60 seconds in the past.'
    }),
    liveUntil: Type.Optional(end),
    version: Type.Optional({ ...Version, description: 'Which revision; absent = the current one.' }),
    correction: Type.Optional(correction),
    minor: Type.Optional(minor)
  },
  {
    $id: 'NewPublication',
    examples: [
      {},
      { liveFrom: '2030-01-01T09:00:00Z' },
      { correction: 'The boat has forty seats, not fourteen.' }
    ]
  }
)

export const PublicationPatch = Closed(
  {
    liveFrom: Type.Optional({ ...Moment, description: 'At most 60 seconds in the past, which means now.' }),
    liveUntil: Type.Optional(end),
    version: Type.Optional({ ...Version, description: 'Show this revision instead.' }),
    correction: Type.Optional(Nullable(correction)),
    minor: Type.Optional(minor)
  },
  {
    $id: 'PublicationPatch',
    description: 'A JSON merge patch. Of a live publication only `liveUntil` may change.',
    examples: [{ liveFrom: '2030-01-01T10:00:00Z' }]
  }
)

export const Unpublishing = Closed(
  {
    at: Type.Optional({ ...Moment, description: 'When; absent = now. At most 60 seconds in the past.' })
  },
  { $id: 'Unpublishing', examples: [{}, { at: '2030-01-01T09:00:00Z' }] }
)

export const Withdrawal = Closed(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: 2000,
      pattern: '\\S',
      description: 'Why; for colleagues, never shown to readers.'
    })
  },
  { $id: 'Withdrawal', examples: [{ reason: 'Court order of 3 March' }] }
)

export const PublicationList = ListOf(Publication)
export const PublicationQuery = Closed(PageParams)
export const PublicationParams = Closed({ id: Id, publicationId: Id })
export const publishingSchemas = [Publication, NewPublication, PublicationPatch, Unpublishing, Withdrawal]
