/** The work that is measured: one object a row. A row more is an object more. */
import type { Samples } from './samples.ts'

/** One address to ask for; `page` is reached by following `next` from it. */
export type Asked = { path: string; page?: number }

export type Row = {
  /** For --only, and in the JSON. */
  name: string
  work: string
  /** At least so many times what it stands beside. */
  target: number
  beside: 'bare' | 'hand SQL'
  /** Whether Dateline may answer from its cache. */
  cache: boolean
  /** Sends the ETag of each answer along and expects 304. */
  known?: boolean
  asked: (samples: Samples) => Asked[]
}

// What is cached is one answer, as the fixed buffer beside it is. The others go over many, so that no plan, page or
// hot row of one of them is measured.
const article = ({ articles }: Samples): Asked[] =>
  articles.map(({ slug, locale }) => ({ path: `/v1/content/articles/${slug}?locale=${locale}` }))
const newest = ({ locales }: Samples): Asked[] =>
  locales.map((locale) => ({ path: `/v1/content/articles?locale=${locale}&limit=20` }))
const tagged =
  (page: number) =>
  ({ sections, locales }: Samples): Asked[] =>
    sections.flatMap((tag) =>
      locales.map((locale) => ({ path: `/v1/content/articles?tag=${tag}&locale=${locale}&limit=20`, page }))
    )
const found = ({ words }: Samples): Asked[] =>
  words.map(({ word, locale }) => ({
    path: `/v1/content/search?q=${encodeURIComponent(word)}&locale=${locale}&limit=20`
  }))
const shared = ({ articles }: Samples): Asked[] =>
  articles.map(({ slug, locale }) => ({ path: `/v1/content/articles/${slug}/share?locale=${locale}` }))
const first = (asked: (samples: Samples) => Asked[]) => (samples: Samples) => asked(samples).slice(0, 1)

export const rows: Row[] = [
  {
    name: 'article-cached',
    work: 'article by slug, cached',
    target: 1,
    beside: 'bare',
    cache: true,
    asked: first(article)
  },
  {
    name: 'list-cached',
    work: 'list of 20, cached',
    target: 1,
    beside: 'bare',
    cache: true,
    asked: first(newest)
  },
  {
    name: 'share-cached',
    work: 'share bar, cached',
    target: 1,
    beside: 'bare',
    cache: true,
    asked: first(shared)
  },
  {
    name: 'article-known',
    work: 'article by slug, cached, with its ETag (304)',
    target: 1.2,
    beside: 'bare',
    cache: true,
    known: true,
    asked: first(article)
  },
  {
    name: 'list-known',
    work: 'list of 20, cached, with its ETag (304)',
    target: 1.2,
    beside: 'bare',
    cache: true,
    known: true,
    asked: first(newest)
  },
  {
    name: 'share-known',
    work: 'share bar, cached, with its ETag (304)',
    target: 1.2,
    beside: 'bare',
    cache: true,
    known: true,
    asked: first(shared)
  },
  {
    name: 'article',
    work: 'article by slug, cache off',
    target: 0.9,
    beside: 'hand SQL',
    cache: false,
    asked: article
  },
  {
    name: 'newest',
    work: '20 newest, cache off',
    target: 0.85,
    beside: 'hand SQL',
    cache: false,
    asked: newest
  },
  {
    name: 'tag-page-5',
    work: '20 of one tag on page 5, cache off',
    target: 0.85,
    beside: 'hand SQL',
    cache: false,
    asked: tagged(5)
  },
  {
    name: 'search',
    work: 'search for a word, cache off',
    target: 0.85,
    beside: 'hand SQL',
    cache: false,
    asked: found
  }
]

/** The same questions at two sizes. A small newsroom has fewer pages: its last full one stands for page 500. */
export const scaleRows: { name: string; work: string; asked: (samples: Samples) => Asked[] }[] = [
  { name: 'article', work: 'article by slug', asked: article },
  { name: 'newest', work: '20 newest', asked: newest },
  { name: 'tag', work: '20 of one tag, page 1', asked: tagged(1) },
  {
    name: 'tag-deep',
    work: '20 of one tag, page 500',
    asked: (samples) => tagged(samples.deepest)({ ...samples, sections: samples.sections.slice(0, 3) })
  },
  { name: 'search', work: 'search for a word that as many articles have', asked: found }
]
