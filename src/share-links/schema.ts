import { Type } from 'typebox'
import { Channel } from '../database/generated/enums.ts'
import { Closed, Id, ListOf, Moment, Nullable, PageParams, ref, Timestamp, Version } from '../http/wire.ts'

const channel = Type.Enum(Object.values(Channel), { description: 'Where the link is meant to be posted.' })
const campaign = Type.String({
  maxLength: 100,
  pattern: '^[^\\s&=#?]*$',
  description: 'A campaign of yours; empty = none.'
})
const code = Type.String({
  minLength: 3,
  maxLength: 64,
  pattern: '^[A-Za-z0-9](-?[A-Za-z0-9])*$',
  description: 'Letters, digits and single hyphens; case does not count.'
})
const note = Type.String({ maxLength: 500, description: 'For colleagues.' })
const utmValue = Nullable(Type.String({ minLength: 1, maxLength: 200 }))
const utm = { source: utmValue, medium: utmValue, campaign: utmValue, term: utmValue, content: utmValue }

export const Utm = Closed(utm, {
  $id: 'Utm',
  description: 'What is added to the address as `utm_…`; null = not added.',
  examples: [{ source: 'telegram', medium: 'social', campaign: null, term: null, content: null }]
})

export const UtmPatch = Closed(
  {
    source: Type.Optional(utmValue),
    medium: Type.Optional(utmValue),
    campaign: Type.Optional(utmValue),
    term: Type.Optional(utmValue),
    content: Type.Optional(utmValue)
  },
  { $id: 'UtmPatch', examples: [{ content: 'evening-post' }] }
)

export const ShareLink = Closed(
  {
    id: Id,
    articleId: Id,
    code: Type.String(),
    url: Type.String({ format: 'uri', description: 'The whole short address.' }),
    channel,
    campaign,
    utm: ref(Utm),
    expiresAt: Nullable(Timestamp),
    note,
    clicks: Closed({ total: Type.Integer({ minimum: 0 }) }),
    lastClickedAt: Nullable(Timestamp),
    createdBy: Id,
    createdAt: Timestamp,
    archivedAt: Nullable(Timestamp),
    version: Version
  },
  {
    $id: 'ShareLink',
    description: 'A short public address of an article, with a count.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30',
        articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        code: 'k7m3xw9p',
        url: 'http://localhost:3000/s/k7m3xw9p',
        channel: 'telegram',
        campaign: '',
        utm: { source: 'telegram', medium: 'social', campaign: null, term: null, content: null },
        expiresAt: null,
        note: '',
        clicks: { total: 4 },
        lastClickedAt: '2026-11-20T09:00:00.000Z',
        createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
        createdAt: '2026-11-20T08:15:00.000Z',
        archivedAt: null,
        version: 1
      }
    ]
  }
)

const wishes = {
  channel,
  campaign: Type.Optional(campaign),
  code: Type.Optional(code),
  utm: Type.Optional(ref(UtmPatch)),
  expiresAt: Type.Optional(Nullable(Moment)),
  note: Type.Optional(note)
}

export const NewArticleShareLink = Closed(wishes, {
  $id: 'NewArticleShareLink',
  examples: [{ channel: 'telegram' }]
})

export const NewShareLink = Closed(
  { articleId: Id, ...wishes },
  {
    $id: 'NewShareLink',
    examples: [{ articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10', channel: 'telegram' }]
  }
)

export const ShareLinkPatch = Closed(
  {
    code: Type.Optional(code),
    utm: Type.Optional(ref(UtmPatch)),
    expiresAt: Type.Optional(Nullable(Moment)),
    note: Type.Optional(note)
  },
  {
    $id: 'ShareLinkPatch',
    description: 'A JSON merge patch; `utm` merges. A code given up keeps leading to the article.',
    examples: [{ note: 'Pinned in the channel' }]
  }
)

export const ShareLinkList = ListOf(ShareLink)

export const ShareLinkQuery = Closed({
  articleId: Type.Optional(Id),
  channel: Type.Optional(channel),
  campaign: Type.Optional(campaign),
  archived: Type.Optional(
    Type.Boolean({ description: 'true: only archived ones; without it, only those that are not.' })
  ),
  ...PageParams
})

export const ArticleShareLinkQuery = Closed(PageParams)

export const shareLinkSchemas = [Utm, UtmPatch, ShareLink, NewArticleShareLink, NewShareLink, ShareLinkPatch]
