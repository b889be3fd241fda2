import { Type } from 'typebox'
import { Channel } from '../database/generated/enums.ts'
import {
  Closed,
  Id,
  ListOf,
  Moment,
  Nullable,
  PageParams,
  ref,
  Timestamp,
  Version,
  WebUrl
} from '../http/wire.ts'

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
  description:
    'Letters, digits and single hyphens; case does not count. A code that was ever given is never given again. Without it, eight letters and digits that nobody mistakes for others.'
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

const cardTitle = Nullable(Type.String({ minLength: 1, maxLength: 300, pattern: '\\S' }))
const cardDescription = Nullable(Type.String({ minLength: 1, maxLength: 1000, pattern: '\\S' }))
const cardImage = Nullable(WebUrl)

export const Card = Closed(
  { title: cardTitle, description: cardDescription, image: cardImage },
  {
    $id: 'ShareCard',
    description: 'What is shown where the short address is pasted; null = as the article has it.',
    examples: [{ title: 'The ferry is back', description: null, image: null }]
  }
)

export const CardPatch = Closed(
  {
    title: Type.Optional(cardTitle),
    description: Type.Optional(cardDescription),
    image: Type.Optional(cardImage)
  },
  { $id: 'ShareCardPatch', examples: [{ title: 'The ferry is back' }] }
)

const redirectStatus = Type.Unsafe<301 | 302>({
  type: 'integer',
  enum: [301, 302],
  description:
    '302, or 301 (permanent), which browsers remember: it is refused together with `validFrom`, `expiresAt`, `expiredUrl` and `maxClicks`.'
})
const maxClicks = Nullable(Type.Integer({ minimum: 1, maximum: 2147483647 }), {
  description: 'How many people it lets through; null = any number.'
})
const expiredUrl = Nullable(WebUrl, {
  description:
    'Where who comes too late is led: an address on a host of the sites’ `articleUrl`. null = they are told it is gone.'
})
const indexable = Type.Boolean({ description: 'Whether search engines may list the short address.' })

export const ShareLink = Closed(
  {
    id: Id,
    articleId: Id,
    code: Type.String(),
    url: Type.String({ format: 'uri', description: 'The whole short address.' }),
    channel,
    campaign,
    utm: ref(Utm),
    redirectStatus,
    validFrom: Nullable(Timestamp),
    expiresAt: Nullable(Timestamp),
    expiredUrl,
    maxClicks,
    card: ref(Card),
    indexable,
    note,
    clicks: Closed(
      {
        total: Type.Integer({ minimum: 0 }),
        human: Type.Integer({ minimum: 0 }),
        bots: Type.Integer({ minimum: 0 })
      },
      { description: 'By people and by robots.' }
    ),
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
        redirectStatus: 302,
        validFrom: null,
        expiresAt: null,
        expiredUrl: null,
        maxClicks: null,
        card: { title: null, description: null, image: null },
        indexable: false,
        note: '',
        clicks: { total: 4, human: 3, bots: 1 },
        lastClickedAt: '2026-11-20T09:00:00.000Z',
        createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
        createdAt: '2026-11-20T08:15:00.000Z',
        archivedAt: null,
        version: 1
      }
    ]
  }
)

/** What may be chosen, and changed later. */
const chosen = {
  code: Type.Optional(code),
  utm: Type.Optional(ref(UtmPatch)),
  redirectStatus: Type.Optional(redirectStatus),
  validFrom: Type.Optional(Nullable(Moment)),
  expiresAt: Type.Optional(Nullable(Moment, { description: 'After `validFrom`.' })),
  expiredUrl: Type.Optional(expiredUrl),
  maxClicks: Type.Optional(maxClicks),
  card: Type.Optional(ref(CardPatch)),
  indexable: Type.Optional(indexable),
  note: Type.Optional(note)
}
const wishes = { channel, campaign: Type.Optional(campaign), ...chosen }

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

export const ShareLinkPatch = Closed(chosen, {
  $id: 'ShareLinkPatch',
  description: 'A JSON merge patch; `utm` and `card` merge. A code given up keeps leading to the article.',
  examples: [{ note: 'Pinned in the channel' }]
})

export const ShareLinkList = ListOf(ShareLink)

export const LinkState = Type.Enum(['active', 'upcoming', 'expired', 'used_up', 'archived'], {
  description:
    'Each link is in one of them, whether its article is live or not: `archived`; else `expired`, its `expiresAt` has come; else `used_up`, as many people as `maxClicks` went through it; else `upcoming`, its `validFrom` is still ahead; else `active`. Without it: all that are not archived.'
})

export const ShareLinkQuery = Closed({
  articleId: Type.Optional(Id),
  channel: Type.Optional(channel),
  campaign: Type.Optional(campaign),
  createdBy: Type.Optional(Id),
  state: Type.Optional(LinkState),
  sort: Type.Optional(
    Type.Enum(['createdAt', '-createdAt', 'clicks', '-clicks', 'lastClickedAt', '-lastClickedAt'], {
      description:
        '`-` = largest, or latest, first. Clicks of people and robots together; who was never followed counts as earliest. Default: `-createdAt`.'
    })
  ),
  ...PageParams
})

export const ArticleShareLinkQuery = Closed(PageParams)

// ---- Many at once ----------------------------------------------------------------------------------------------------

export const ShareLinkBulk = Closed(
  { items: Type.Array(ref(NewShareLink), { minItems: 1, maxItems: 100 }) },
  {
    $id: 'ShareLinkBulk',
    examples: [
      {
        items: [
          { articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10', channel: 'telegram', campaign: 'evening' },
          { articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11', channel: 'telegram', campaign: 'evening' }
        ]
      }
    ]
  }
)

export const ShareLinkBulkResult = Closed(
  {
    articleId: Id,
    status: Type.Integer({ description: 'What the single call would have answered.' }),
    shareLink: Type.Optional(ref(ShareLink)),
    problem: Type.Optional(
      Type.Unsafe<object>({
        $ref: 'Problem#',
        description: 'Why not. Pointers in it are into the body of this request.'
      })
    )
  },
  { $id: 'ShareLinkBulkResult', description: 'What became of one item.' }
)

export const ShareLinkBulkAnswer = Closed(
  {
    data: Type.Array(ref(ShareLinkBulkResult), { maxItems: 100, description: 'In the order of the items.' })
  },
  {
    $id: 'ShareLinkBulkAnswer',
    examples: [
      {
        data: [
          {
            articleId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
            status: 404,
            problem: {
              type: '/problems/not_found',
              title: 'Not found',
              status: 404,
              detail: 'There is no such article.',
              code: 'not_found',
              requestId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a31'
            }
          }
        ]
      }
    ]
  }
)

export const shareLinkSchemas = [
  Utm,
  UtmPatch,
  Card,
  CardPatch,
  ShareLink,
  NewArticleShareLink,
  NewShareLink,
  ShareLinkPatch,
  ShareLinkBulk,
  ShareLinkBulkResult,
  ShareLinkBulkAnswer
]
