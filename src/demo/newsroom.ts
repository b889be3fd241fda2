import { lists } from './lists.ts'
import { authors } from './people.ts'
import { sites } from './sites.ts'
import { stories as home } from './stories-home.ts'
import { stories as science } from './stories-science.ts'
import { stories as world } from './stories-world.ts'
import { tags } from './tags.ts'

export type DemoText = {
  headline: string
  kicker: string
  standfirst: string
  dateline: string
  markdown: string
}

export type DemoStory = {
  /** Stable, kebab-case, English. */
  key: string
  /** How long before the seeding it was published; positive and different for every story. */
  minutesAgo: number
  /** Author slugs in the order of the byline. */
  authors: string[]
  /** Tag slugs in order, the first is the primary one. */
  tags: string[]
  /** The credited outside source. */
  source: { name: string; url: string } | null
  breaking?: boolean
  accessibleForFree?: boolean
  state: 'live' | 'draft' | 'in_review'
  texts: { en: DemoText; ru?: DemoText }
}

export type DemoTag = {
  slug: string
  kind: 'topic' | 'person' | 'organisation' | 'place' | 'section' | 'series'
  /** The slug of another tag, which stands earlier in the list. */
  parent?: string
  names: { en: string; ru: string }
  descriptions?: { en: string; ru: string }
  aliases?: string[]
}

export type DemoAuthor = {
  slug: string
  name: string
  bios: { en: string; ru: string }
  links: { label: string; url: string }[]
}

export type DemoList = {
  slug: string
  titles: { en: string; ru: string }
  size: number
  /** The slug of a tag it is filled up from; null: from all stories. */
  tail: string | null
  /** Keys of stories in their order, and how long after the seeding each leaves the list; null: it stays. */
  items: { story: string; pinnedForMinutes: number | null }[]
}

export type DemoSite = {
  locale: 'en' | 'ru'
  isDefault: boolean
  name: string
  tagline: string
  timeZone: string
  /** A template: `{locale}` and `{slug}` are filled in. */
  articleUrl: string
  fallbacks: string[]
  /** `url` is absolute or a path that begins with a slash. */
  navigation: { label: string; url: string }[]
  networks: {
    network: 'youtube' | 'telegram' | 'x' | 'facebook' | 'instagram'
    label: string
    url: string
  }[]
  apps: { store: 'app_store' | 'google_play'; label: string; url: string }[]
  /** Reuse terms; `{link}` in the text is where the hyperlink goes. */
  terms: { text: string; link: { label: string; url: string } }
  /** Contains `{year}`. */
  copyright: string
}

/** The invented newsroom that a fresh installation is seeded with. No event or person in it is real. */
export const newsroom: {
  sites: DemoSite[]
  authors: DemoAuthor[]
  tags: DemoTag[]
  stories: DemoStory[]
  lists: DemoList[]
} = { sites, authors, tags, stories: [...world, ...home, ...science], lists }
