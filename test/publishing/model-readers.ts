/** What readers must see of the articles of the model, at any moment. */
import {
  type Article,
  type Content,
  contentOf,
  covers,
  fallbacks,
  firstLive,
  liveAt,
  OPEN,
  type Row,
  versionOf,
  workingCopy
} from './model.ts'

export const written = (moment: number) => (moment === OPEN ? null : new Date(moment).toISOString())

/** Every slug an article is told by somewhere: those of its rows and of its working copy. */
export const slugsOf = (article: Article) =>
  new Set([...article.rows.map((row) => contentOf(article, row).slug), workingCopy(article).slug])

/** Moments at which something begins or ends. */
export const boundaries = (articles: Article[]) =>
  [...new Set(articles.flatMap(({ rows }) => rows.flatMap(({ from, until }) => [from, until])))]
    .filter((moment) => moment !== OPEN)
    .sort((a, b) => a - b)

/** A minor change keeps the time of update that readers had. */
function updatedAt(rows: Row[], row: Row): number {
  const before = rows[rows.indexOf(row) - 1]
  return row.minor && before ? updatedAt(rows, before) : row.from
}

export function shown(article: Article, row: Row) {
  const { headline, slug, tags }: Content = contentOf(article, row)
  return {
    id: article.id,
    locale: article.locale,
    slug,
    headline,
    tags,
    publishedAt: written(firstLive(article)),
    updatedAt: written(updatedAt(article.rows, row)),
    corrections: article.rows
      .filter(({ correction, from }) => correction !== null && from <= row.from)
      .map(({ correction, from }) => ({ at: written(from), text: correction }))
  }
}

/** The articles live at a moment. */
export const listed = (articles: Article[], locale: string, at: number) =>
  articles
    .filter((article) => article.locale === locale && !article.withdrawn)
    .flatMap((article) => article.rows.filter((row) => covers(row, at)).map((row) => shown(article, row)))

export type View =
  | { status: 404 | 410 }
  | { status: 301; slug: string; locale: string }
  | {
      status: 200
      article: ReturnType<typeof shown> & { translations: { locale: string; slug: string }[] }
    }

/** An article by its slug: the locale first, then its fallbacks; then who had the slug last, while that is live. */
export function seen(articles: Article[], slug: string, locale: string, at: number): View {
  const chain = [locale, ...(fallbacks[locale] ?? [])]
  const having = (one: string) =>
    articles
      .filter((article) => article.locale === one)
      .flatMap((article) =>
        article.rows.filter((row) => contentOf(article, row).slug === slug).map((row) => ({ article, row }))
      )
  for (const one of chain) {
    const live = having(one).find(({ article, row }) => !article.withdrawn && covers(row, at))
    if (live) {
      const { article, row } = live
      const translations = articles
        .filter((other) => other !== article && other.story === article.story && !other.withdrawn)
        .flatMap((other) => {
          const theirs = liveAt(other, at)
          return theirs ? [{ locale: other.locale, slug: contentOf(other, theirs).slug }] : []
        })
      return { status: 200, article: { ...shown(article, row), translations } }
    }
    if (isGone(having(one), at)) return { status: 410 }
  }
  for (const one of chain) {
    const last = having(one)
      .filter(({ row }) => row.from <= at)
      .sort((a, b) => b.row.from - a.row.from)[0]
    const now = last && liveAt(last.article, at)
    if (last && now) return { status: 301, slug: contentOf(last.article, now).slug, locale: one }
  }
  return { status: 404 }
}

type Holding = { article: Article; row: Row }

/** Somebody who had the slug is withdrawn, and nobody else has had it since. */
function isGone(holdings: Holding[], at: number) {
  const others = holdings.filter(({ article }) => !article.withdrawn)
  return holdings.some(
    ({ article, row }) =>
      article.withdrawn && !others.some((later) => later.row.from > row.from && later.row.from <= at)
  )
}

export type Standing = {
  state: string
  liveFrom: string | null
  liveUntil: string | null
  version: number | null
  hasUnpublishedChanges: boolean
}

/** What editors are told of an article's place on its timeline: what is live, else what is next, else what was last. */
export function standing(article: Article, now: number): Standing {
  const { rows, withdrawn } = article
  const live = liveAt(article, now)
  const row = live ?? rows.find(({ from }) => from > now) ?? rows.at(-1)
  const state = live ? 'live' : !row ? 'none' : row.from > now ? 'scheduled' : 'ended'
  const content = JSON.stringify(workingCopy(article))
  return {
    state: withdrawn ? 'withdrawn' : state,
    liveFrom: row ? written(row.from) : null,
    liveUntil: row ? written(row.until) : null,
    version: row?.version ?? null,
    hasUnpublishedChanges: live !== undefined && JSON.stringify(contentOf(article, live)) !== content
  }
}

export const stateOf = (article: Article, row: Row, now: number) => {
  if (article.withdrawn) return 'withdrawn'
  if (row.from > now) return 'scheduled'
  return row.until > now ? 'live' : 'ended'
}

/** The timeline as the editing side tells it, latest first. */
export const told = (article: Article, now: number) =>
  article.rows.toReversed().map((row) => shownToEditors(article, row, stateOf(article, row, now)))

export function shownToEditors(article: Article, row: Row, state: string) {
  const { slug, headline } = contentOf(article, row)
  return {
    id: row.id,
    version: row.version,
    slug,
    headline,
    state,
    liveFrom: written(row.from),
    liveUntil: written(row.until),
    plannedUntil: written(row.planned),
    correction: row.correction,
    minor: row.minor,
    publishedAt: written(Math.min(row.from, firstLive(article)))
  }
}

export const workingCopyTold = (article: Article, now: number) => ({
  ...workingCopy(article),
  version: versionOf(article),
  trashed: article.trashed,
  publication: standing(article, now)
})
