/**
 * Surrogate keys: names for what readers are shown. Events carry the keys of what changed; answers carry the keys of
 * all they were made from. An answer is out of date when one of its keys was told of, and only then.
 *
 * `article:<id>` what is live of it · `articles:<locale>` and `articles` which articles are live, and in what order ·
 * `slug:<slug>` who answers to it · `tag:<id>` a tag's slug, names, parent · `tagged:<slug>` which live articles have the
 * tag that answers to this slug · `tags` any tag · `author:<id>`, `by:<slug>`, `authors` likewise · `list:<id>` ·
 * `addresses` where articles stand, and which language follows which · `sites` any site · `redirects` any redirect ·
 * `share:<id>` the share links of an article
 */
import type { Statement } from '../database/database.ts'

/** A header cannot hold every text somebody may type as a slug; what no slug is stays apart from what is one. */
const plain = (slug: string) => encodeURIComponent(slug)

export const slugKey = (slug: string) => `slug:${plain(slug)}`
export const taggedKey = (slug: string) => `tagged:${plain(slug)}`
/** By the article's id. */
export const shareKey = (articleId: string) => `share:${articleId}`
export const byKey = (slug: string) => `by:${plain(slug)}`
/** Of one locale's articles; of all when it is not known which locale that is. */
export const articlesKey = (locale: string | undefined) => (locale ? `articles:${locale}` : 'articles')

/** What changes when a tag does, that answers to these slugs and aliases, before or after. */
export const tagKeys = (id: string, slugs: string[]) => [
  ...new Set([`tag:${id}`, 'tags', ...slugs.map(taggedKey)])
]

/** What one tag, or a list of its articles, is shown by, when it was asked for by one of these slugs. */
export const shownTagKeys = (id: string, slugs: string[]) => [
  ...new Set([`tag:${id}`, ...slugs.map(taggedKey)])
]

/** What changes when an author does, that has these slugs, before or after. */
export const authorKeys = (id: string, slugs: string[]) => [
  ...new Set([`author:${id}`, 'authors', ...slugs.map(byKey)])
]

type Item = { id: string; tags?: { id: string }[]; authors?: { id?: string }[] }

/** What articles are shown with: themselves, their tags and authors, and their addresses. */
export const itemKeys = (items: Item[]) => [
  ...new Set([
    'addresses',
    ...items.flatMap(({ id, tags = [], authors = [] }) => [
      `article:${id}`,
      ...tags.map((tag) => `tag:${tag.id}`),
      ...authors.map((author) => `author:${author.id}`)
    ])
  ])
]

type Listed = { locale?: string; tag?: string[]; excludeTag?: string[]; author?: string }

/** What decides which articles stand in a list with these filters, in which `locale`. */
export function listingKeys({ tag = [], excludeTag = [], author }: Listed, locale: string | undefined) {
  const excluded = excludeTag.map(taggedKey)
  const leading = [...tag.map(taggedKey), ...(author === undefined ? [] : [byKey(author)])]
  return [...(leading.length > 0 ? leading : [articlesKey(locale)]), ...excluded]
}

/**
 * `key` of everything readers may be shown of these articles ($1, ids), or that depends on which of them are live:
 * themselves, their translations, their slugs, the tags and authors any of their publications has, and the lists
 * their story stands in or that are filled up from what they may be.
 */
export const shownBy: Statement = {
  name: 'keys-of-articles',
  text: `
    WITH own AS (SELECT p.id, p.story_id, p.locale, p.slug FROM publications p WHERE p.article_id = ANY ($1::uuid[]))
    SELECT 'article:' || id AS key FROM unnest($1::uuid[]) AS given (id)
    UNION SELECT 'article:' || o.article_id FROM own JOIN publications o ON o.story_id = own.story_id
    UNION SELECT 'articles' FROM own
    UNION SELECT 'articles:' || own.locale FROM own
    UNION SELECT 'slug:' || own.slug FROM own
    UNION SELECT 'tagged:' || g.slug FROM own JOIN publication_tags x ON x.publication_id = own.id
      JOIN public_tag_slugs g ON g.tag_id = x.tag_id
    UNION SELECT 'by:' || a.slug FROM own JOIN publication_authors x ON x.publication_id = own.id
      JOIN public_authors a ON a.id = x.author_id
    UNION SELECT 'list:' || i.list_id FROM own JOIN public_list_items i ON i.story_id = own.story_id
    UNION SELECT 'list:' || l.id FROM public_lists l WHERE l.tail AND (l.tail_tag_id IS NULL
      OR l.tail_tag_id IN (SELECT x.tag_id FROM own JOIN publication_tags x ON x.publication_id = own.id))
    ORDER BY key`
}

/** `key` as `shownBy` finds it, for each of these articles by itself: `id`. */
export const shownByEach: Statement = {
  name: 'keys-of-each-article',
  text: `SELECT each.id, k.key FROM unnest($1::uuid[]) AS each (id)
    CROSS JOIN LATERAL (${shownBy.text.replaceAll('$1::uuid[]', 'ARRAY[each.id]')}) k`
}
