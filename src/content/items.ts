/** A live article as lists show it: the columns of `publications p` and what stands around it. */
import { articleAddress } from './addresses.ts'
import { bestText } from './live.ts'

/** The site of a publication's own locale: its address template and where its tags' names fall back to. */
export const siteOf = 'LEFT JOIN public_sites s ON s.locale = p.locale'

/** The template of a locale without a site of its own is the default site's. */
export const templateOf = (template: string) =>
  `coalesce(${template}, (SELECT d.article_url FROM public_sites d WHERE d.is_default))`

export const authors = `
  (SELECT coalesce(json_agg(json_build_object('slug', a.slug, 'name', a.name) ORDER BY x.position), '[]')
   FROM publication_authors x JOIN public_authors a ON a.id = x.author_id WHERE x.publication_id = p.id)`

/** The same with their ids, by which an answer is found again when one of them changes; they are not shown. */
const authorsWithIds = authors.replace("('slug'", "('id', a.id, 'slug'")

/** Names in the publication's locale, else along its site's chain, else whatever there is; `locale` says which. */
export const tags = `
  (SELECT coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind, 'slug', t.slug, 'name', n.value, 'locale', n.key) ORDER BY x.position), '[]')
   FROM publication_tags x JOIN public_tags t ON t.id = x.tag_id
   CROSS JOIN ${bestText('t.names', "p.locale || coalesce(s.fallbacks, '{}')")} n
   WHERE x.publication_id = p.id)`

export const stamp = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** What was put right up to this publication, earliest first. */
export const corrections = `
  (SELECT coalesce(json_agg(json_build_object('at', ${stamp('c.live_from')}, 'text', c.correction) ORDER BY c.live_from), '[]')
   FROM publications c WHERE c.article_id = p.article_id AND c.correction IS NOT NULL AND c.live_from <= p.live_from)`

/** When this publication began; a minor one keeps the time of the last that was not. */
export const updatedAt = `
  CASE WHEN p.minor THEN coalesce((SELECT max(q.live_from) FROM publications q
    WHERE q.article_id = p.article_id AND NOT q.minor AND q.live_from <= p.live_from), p.published_at)
  ELSE p.live_from END`

export type ItemRow = {
  id: string
  storyId: string
  locale: string
  slug: string
  articleUrl: string | null
  headline: string
  kicker: string
  standfirst: string
  authors: { id: string; slug: string; name: string }[]
  source: { name: string; url: string } | null
  tags: { id: string; kind: 'topic'; slug: string; name: string; locale: string }[]
  image: object | null
  dateline: string
  breaking: boolean
  accessibleForFree: boolean
  sensitive: boolean
  wordCount: number
  seo: { title: string | null; description: string | null; canonicalUrl: string | null }
  rights: { licence: string | null; notice: string | null } | null
  corrections: { at: string; text: string }[]
  publishedAt: Date
  updatedAt: Date
}

/** Needs `siteOf` beside `publications p`. */
export const itemColumns = `
  p.article_id AS id, p.story_id AS "storyId", p.locale, p.slug, ${templateOf('s.article_url')} AS "articleUrl",
  p.headline, p.kicker, p.standfirst, ${authorsWithIds} AS authors, p.source, ${tags} AS tags, p.image, p.dateline, p.breaking,
  p.accessible_for_free AS "accessibleForFree", p.sensitive, p.word_count AS "wordCount", p.seo, p.rights,
  ${corrections} AS corrections, p.published_at AS "publishedAt", ${updatedAt} AS "updatedAt"`

/** An item as the API shows it. */
export function shownItem({ articleUrl, ...row }: ItemRow, publicUrl: string) {
  return { ...row, url: articleAddress(articleUrl, publicUrl, row.locale, row.slug) }
}
