/** The lines of an export, kind by kind: closed, every member there. docs/moving-data.md tells them in words. */
import { type TSchema, Type } from 'typebox'
import { ArticleSummary, Rights, Seo, Source } from '../articles/schema.ts'
import { Author } from '../authors/schema.ts'
import { BlockInput, bodyLimits } from '../body/schema.ts'
import { Role, Stage } from '../database/generated/enums.ts'
import { Picture } from '../http/picture.ts'
import { Closed, Id, Locale, Nullable, ref, Slug, Version } from '../http/wire.ts'
import { List } from '../lists/schema.ts'
import { ShareLink } from '../share-links/schema.ts'
import { Tag } from '../tags/schema.ts'

/** A moment as exports write it: UTC, in milliseconds. */
const At = Type.String({
  format: 'date-time',
  pattern: '^(?!000[01]|9999)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d\\.\\d{3}Z$',
  maxLength: 24
})
/** The same, at the beginning of an hour. */
const Hour = Type.String({ ...At, pattern: '^(?!000[01]|9999)\\d{4}-\\d\\d-\\d\\dT\\d\\d:00:00\\.000Z$' })
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const text = (maxLength: number) => Type.String({ maxLength })
const someText = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const bool = Type.Boolean()

const record = <T extends Record<string, TSchema>>(type: string, members: T) =>
  Closed({ type: Type.Literal(type), ...members })

/** Versions of the format there are. */
export const FORMAT = 1
export const Header = Closed({ type: Type.Literal('dateline'), format: Type.Integer({ minimum: 1 }) })
export const End = Closed({ type: Type.Literal('end'), records: Count })

const times = { createdAt: At, updatedAt: At }
const stage = Type.Enum(Object.values(Stage))

export const PersonRecord = record('person', {
  id: Id,
  email: Type.String({ format: 'email', minLength: 3, maxLength: 254 }),
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
  role: Type.Enum(Object.values(Role)),
  disabledAt: Nullable(At),
  ...times
})

export const SiteRecord = record('site', {
  locale: Locale,
  isDefault: bool,
  articleUrl: text(500),
  fallbacks: Type.Array(Locale, { maxItems: 20, uniqueItems: true }),
  document: Type.Object({}),
  version: Version,
  ...times
})

const { kind, names, descriptions, aliases } = Tag.properties
export const TagRecord = record('tag', {
  id: Id,
  kind,
  slug: Slug,
  names,
  descriptions,
  parentId: Nullable(Id),
  aliases,
  version: Version,
  ...times
})

export const TagMergeRecord = record('tag_merge', { fromId: Id, intoId: Id, mergedAt: At })

const { name, bios, links } = Author.properties
export const AuthorRecord = record('author', {
  id: Id,
  slug: Slug,
  name,
  bios,
  image: Nullable(ref(Picture)),
  links,
  userId: Nullable(Id),
  version: Version,
  ...times
})

const { headline, kicker, standfirst, dateline, authors, tags } = ArticleSummary.properties
const content = {
  headline,
  kicker,
  standfirst,
  body: Type.Array(ref(BlockInput), { maxItems: bodyLimits.blocks }),
  slug: Slug,
  authors,
  tags,
  source: Nullable(ref(Source)),
  image: Nullable(ref(Picture)),
  dateline,
  breaking: bool,
  accessibleForFree: bool,
  sensitive: bool,
  seo: ref(Seo),
  rights: Nullable(ref(Rights))
}

export const ArticleRecord = record('article', {
  id: Id,
  storyId: Id,
  locale: Locale,
  ...content,
  slugGenerated: bool,
  version: Version,
  stage,
  createdBy: Id,
  ...times,
  trashedAt: Nullable(At),
  withdrawnAt: Nullable(At),
  withdrawnReason: Nullable(someText(2000))
})

export const RevisionRecord = record('revision', {
  articleId: Id,
  version: Version,
  content: Closed(content),
  message: Nullable(text(500)),
  restoredFrom: Nullable(Version),
  createdBy: Id,
  createdAt: At
})

export const StageMoveRecord = record('stage_move', {
  id: Id,
  articleId: Id,
  from: stage,
  to: stage,
  note: Nullable(text(2000)),
  movedBy: Id,
  movedAt: At
})

export const PublicationRecord = record('publication', {
  id: Id,
  articleId: Id,
  version: Version,
  liveFrom: At,
  liveUntil: Nullable(At),
  plannedUntil: Nullable(At),
  correction: Nullable(text(2000)),
  minor: bool,
  authors,
  tags,
  createdBy: Id,
  createdAt: At
})

const link = ShareLink.properties
const code = Type.String({ maxLength: 64, pattern: '^[a-z0-9](-?[a-z0-9])*$' })
export const ShareLinkRecord = record('share_link', {
  id: Id,
  articleId: Id,
  code,
  channel: link.channel,
  campaign: link.campaign,
  utm: link.utm,
  validFrom: Nullable(At),
  expiresAt: Nullable(At),
  expiredUrl: link.expiredUrl,
  maxClicks: link.maxClicks,
  redirectStatus: link.redirectStatus,
  card: link.card,
  indexable: bool,
  note: link.note,
  version: Version,
  createdBy: Id,
  ...times,
  archivedAt: Nullable(At)
})

export const FormerCodeRecord = record('former_code', { code, shareLinkId: Id, createdAt: At })

const { titles, size } = List.properties
export const ListRecord = record('list', {
  id: Id,
  slug: Slug,
  titles,
  size,
  tail: bool,
  tailTagId: Nullable(Id),
  version: Version,
  ...times,
  items: Type.Array(Closed({ storyId: Id, pinnedUntil: Nullable(At) }), { maxItems: 100 })
})

const path = Type.String({ minLength: 1, maxLength: 2000, pattern: '^/(?!/)[^#]*$' })
export const RedirectRecord = record('redirect', {
  id: Id,
  path,
  storyId: Nullable(Id),
  target: Nullable(path),
  version: Version,
  createdBy: Id,
  ...times
})

export const ClicksRecord = record('clicks', {
  shareLinkId: Id,
  hour: Hour,
  referrer: text(253),
  country: text(10),
  device: Type.Enum(['desktop', 'mobile', 'tablet', 'other']),
  robot: bool,
  clicks: Count
})

export const ClickTotalRecord = record('click_total', {
  shareLinkId: Id,
  human: Count,
  bots: Count,
  lastClickedAt: Nullable(At)
})

export const ViewsRecord = record('views', { articleId: Id, hour: Hour, views: Count })
export const ViewTotalRecord = record('view_total', { articleId: Id, views: Count })
