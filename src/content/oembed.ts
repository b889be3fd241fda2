/** What others need to show a link to an article as a card: oEmbed 1.0 (https://oembed.com), type `link`. */
import type { Reader } from '../database/database.ts'
import type { Picture } from '../http/picture.ts'
import { articleAddress, frontPage } from './addresses.ts'
import { xml, xmlDocument } from './feeds/xml.ts'
import { type ItemRow, itemColumns, siteOf } from './items.ts'
import { lastHolder, live, NOW } from './live.ts'
import { matchTemplate, pathOf } from './paths.ts'
import { type Publisher, publisherOf } from './publisher.ts'
import { listSites } from './sitemaps.ts'

export type OEmbed = {
  version: '1.0'
  type: 'link'
  title: string
  author_name?: string
  provider_name?: string
  provider_url?: string
  cache_age: number
  thumbnail_url?: string
  thumbnail_width?: number
  thumbnail_height?: number
}

/** Seconds: what is taken down should not stand elsewhere for days. */
const CACHE_AGE = 3600

/** $1 locales, $2 slugs: who has one of these now, else where the last one who had it is. */
const readEmbedded = {
  name: 'content-oembed',
  text: `
    WITH wanted AS (SELECT made.locale, made.slug, made.place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS made (locale, slug, place)),
    found AS (
      SELECT p.id, 1 AS way, wanted.place FROM wanted
      JOIN publications p ON p.locale = wanted.locale AND p.slug = wanted.slug AND ${live('p', NOW)}
      UNION ALL
      SELECT p.id, 2, wanted.place FROM wanted CROSS JOIN ${lastHolder('wanted.locale', 'wanted.slug', NOW)} former
      JOIN publications p ON p.article_id = former.article_id AND ${live('p', NOW)}
    )
    SELECT ${itemColumns}, ${publisherOf('p.locale')} AS publisher
    FROM found JOIN publications p ON p.id = found.id ${siteOf} ORDER BY found.way, found.place LIMIT 1`
}

type Asked = { url: string; maxwidth?: number; maxheight?: number }
type Row = ItemRow & { publisher: Publisher | null }

/**
 * The live article at this address, and what is told of it: two statements, one when the address is not one of ours.
 * Null when no article is live there. A former address tells of the article that had it.
 */
export async function findEmbedded(
  db: Reader,
  publicUrl: string,
  { url, maxwidth, maxheight }: Asked
): Promise<{ item: ItemRow; slugs: string[]; data: OEmbed } | null> {
  const sites = await listSites(db)
  const templates = sites.length > 0 ? sites : [{ locale: '', articleUrl: `${publicUrl}/{locale}/{slug}` }]
  const made = templates.flatMap(({ locale, articleUrl }) => matchAddress(articleUrl, url, locale) ?? [])
  if (made.length === 0) return null
  const slugs = made.map(({ slug }) => slug)
  const [row] = await db.query<Row>(readEmbedded, [made.map(({ locale }) => locale), slugs])
  if (!row) return null

  const { publisher, ...item } = row
  const image = item.image as Picture | null
  const authors = item.authors.map(({ name }) => name).join(', ')
  return {
    item,
    slugs: [...slugs, item.slug],
    data: {
      version: '1.0',
      type: 'link',
      title: item.headline,
      ...(authors && { author_name: authors }),
      ...(publisher && {
        provider_name: publisher.name,
        provider_url: frontPage(publisher.articleUrl, publicUrl, item.locale)
      }),
      cache_age: CACHE_AGE,
      ...(image && thumbnail(image, maxwidth, maxheight))
    }
  }
}

/** Locale and slug an address was made of, also by its host. Scheme and fragment do not count. */
function matchAddress(template: string, address: string, siteLocale: string) {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null
  const example = articleAddress(template, '', 'en', 'a')
  if (hostOf(example) !== hostOf(address)) return null
  const path = pathOf(address)
  const match = path === null ? null : matchTemplate(template, path)
  return match && { locale: match.locale ?? siteLocale, slug: match.slug }
}

const hostOf = (address: string) => new URL(address).host

/** A picture is taken as it is: only one whose size is known, and fits, is told of. */
function thumbnail({ url, width, height }: Picture, maxWidth = Infinity, maxHeight = Infinity) {
  if (!width || !height || width > maxWidth || height > maxHeight) return null
  return { thumbnail_url: url, thumbnail_width: width, thumbnail_height: height }
}

/** The same as XML: oEmbed 2.3.4.2. */
export function embeddedAsXml(data: OEmbed): string {
  // Names of members are ours, and are names of elements.
  const members = Object.entries(data).map(([name, value]) => ({
    markup: `<${name}>${xml`${value}`.markup}</${name}>\n`
  }))
  return xmlDocument(xml`<oembed>\n${members}</oembed>`)
}
