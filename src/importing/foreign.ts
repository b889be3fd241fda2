/** What another system holds, in one form: the readers of files make it, and what keeps it does not know where it is from. */
import type { TagKind } from '../database/generated/enums.ts'
import type { Line, Losses } from './report.ts'

export type ForeignAuthor = {
  key: string
  name: string
  slug: string
  bio: string
  image: string | null
  links: { label: string; url: string }[]
  lost: Losses
}

export type ForeignTag = {
  key: string
  kind: TagKind
  name: string
  slug: string
  description: string
  /** The key of the tag above it. */
  parent: string | null
  /** Path of the page that lists its articles, without its slug: `/category/`. */
  archive: string
  lost: Losses
}

export type ForeignPicture = { url: string; alt: string; caption: string }

export type ForeignArticle = {
  key: string
  /** Plain text, as the others below. */
  headline: string
  /** Empty: none was given yet. */
  slug: string
  standfirst: string
  html: string
  /** As the editor of WordPress kept it: with shortcodes, and line breaks that mean something. */
  raw: boolean
  /** Null: it was not public, and is kept as a working copy. */
  liveFrom: Date | null
  changedAt: Date | null
  /** The dates it bears, told as lost where it is kept as a working copy. */
  dates: (Date | null)[]
  /** Keys, in order. */
  authors: string[]
  tags: string[]
  image: ForeignPicture | null
  seo: { title: string; description: string; canonicalUrl: string }
  accessibleForFree: boolean
  /** Addresses or paths that led to it. */
  addresses: string[]
  lost: Losses
}

export type Foreign = {
  /** The address of the site; null where the file does not say it. */
  address: string | null
  /** What to call it where there is no address. */
  name: string
  language: string | null
  authors: ForeignAuthor[]
  tags: ForeignTag[]
  /** The picture that an id of theirs names. */
  pictureOf: (id: string) => ForeignPicture | null
  /** About the file as a whole, and what is left out of it by the table. */
  lines: Line[]
  /** One after another, so that no file is held whole: an article, or what is told of something that is none. */
  articles: () => AsyncGenerator<ForeignArticle | Line>
}

export const isLine = (one: ForeignArticle | Line): one is Line => 'fate' in one
