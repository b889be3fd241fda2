/** The newest articles of a locale, or of one of its tags, as all feeds tell them. Bodies are not read. */
import type { Reader, Statement } from '../../database/database.ts'
import type { Picture } from '../../http/picture.ts'
import { articleAddress, frontPage, uri } from '../addresses.ts'
import { type ItemRow, itemColumns, siteOf } from '../items.ts'
import { asked, bestText, live, NOW } from '../live.ts'
import { copyrightOf, type Publisher, publisherOf, termsOf } from '../publisher.ts'

export type FeedItem = Omit<ItemRow, 'articleUrl' | 'image'> & {
  /** Of the article, whatever becomes of its address. */
  urn: string
  url: string
  image: Picture | null
  /** What is said of rights besides the licence, and the licence when it is an address. */
  notice: string | null
  licenceUrl: string | null
}

export type Feed = {
  locale: string
  title: string
  description: string
  publisher: string
  home: string
  /** Its own address. */
  self: string
  /** Copyright and terms of reuse; empty when the site has none. */
  rights: string
  /** When the newest change in it was made; null when it is empty. */
  updated: Date | null
  items: FeedItem[]
  tag: { id: string; slug: string } | null
}

const LENGTH = 50

/** $1 locale or null, $2 slug of a tag. One row for each article, or one without an article. */
const readFeed = (tagged: boolean): Statement => {
  const lead = tagged ? 'lead' : 'p'
  const from = tagged
    ? 'publication_tags lead JOIN publications p ON p.id = lead.publication_id'
    : 'publications p'
  const tag = tagged
    ? `JOIN public_tag_slugs g ON g.slug = $2::text JOIN public_tags t ON t.id = g.tag_id CROSS JOIN ${bestText('t.names', 'asked.chain')} n`
    : ''
  const tagColumns = tagged
    ? `t.id AS "tagId", t.slug AS "tagSlug", n.value AS "tagName", t.descriptions ->> n.key AS "tagDescription",`
    : ''
  return {
    name: `content-feed${tagged ? '-of-tag' : ''}`,
    text: `
      WITH asked AS (${asked('$1')})
      SELECT asked.locale AS "feedLocale", ${publisherOf('asked.locale')} AS publisher, ${tagColumns} shown.*
      FROM asked ${tag} LEFT JOIN LATERAL (
        SELECT ${itemColumns} FROM ${from} ${siteOf}
        WHERE ${lead}.locale = asked.locale AND ${live('p', NOW)} ${tagged ? 'AND lead.tag_id = g.tag_id' : ''}
        ORDER BY ${lead}.published_at DESC, ${lead}.article_id DESC LIMIT ${LENGTH}
      ) shown ON true ORDER BY shown."publishedAt" DESC, shown.id DESC`
  }
}

const newest = readFeed(false)
const newestOfTag = readFeed(true)

type Row = {
  feedLocale: string
  publisher: Publisher | null
  tagId?: string
  tagSlug?: string
  tagName?: string
  tagDescription?: string | null
} & (ItemRow | { id: null })

/**
 * The feed at `path`: one statement. Null when there is no site at all, no such tag, or no live article of the locale
 * has it, as with tags anywhere. A tag asked for by an alias is told with its own slug in `tag`.
 */
export async function findFeed(
  db: Reader,
  publicUrl: string,
  path: string,
  query: { locale?: string; tag?: string }
): Promise<Feed | null> {
  const values = [query.locale ?? null, ...(query.tag === undefined ? [] : [query.tag])]
  const rows = await db.query<Row>(query.tag === undefined ? newest : newestOfTag, values)
  const [head] = rows
  if (!head?.publisher) return null
  const items = rows.flatMap((row) => (row.id === null ? [] : [feedItem(row, publicUrl)]))
  const { publisher, feedLocale: locale, tagId, tagSlug, tagName, tagDescription } = head
  if (tagId && items.length === 0) return null

  const home = frontPage(publisher.articleUrl, publicUrl, locale)
  const rights = [copyrightOf(publisher, items[0]?.publishedAt ?? null), termsOf(publisher, home)?.text]
  const search = new URLSearchParams(query)
  return {
    locale,
    title: tagName ? `${tagName} – ${publisher.name}` : publisher.name,
    description: (tagId ? tagDescription : publisher.tagline) || publisher.name,
    publisher: publisher.name,
    home,
    self: `${publicUrl}${path}${search.size > 0 ? `?${search}` : ''}`,
    rights: rights.filter(Boolean).join(' '),
    updated: items.reduce<Date | null>(
      (latest, { updatedAt }) => (latest && latest > updatedAt ? latest : updatedAt),
      null
    ),
    items,
    tag: tagId && tagSlug ? { id: tagId, slug: tagSlug } : null
  }
}

function feedItem({ articleUrl, ...row }: ItemRow, publicUrl: string): FeedItem {
  const { licence = null, notice = null } = row.rights ?? {}
  const isAddress = licence !== null && /^https?:\/\//i.test(licence) && URL.canParse(licence)
  return {
    ...row,
    image: row.image as Picture | null,
    urn: `urn:uuid:${row.id}`,
    url: uri(articleAddress(articleUrl, publicUrl, row.locale, row.slug)),
    licenceUrl: isAddress ? uri(licence) : null,
    notice: [notice, isAddress ? null : licence].filter(Boolean).join(' ') || null
  }
}
