/**
 * Sitemaps (https://www.sitemaps.org/protocol.html): an index of pages, each a part of a month of one locale, and the
 * news sitemap (https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap).
 */
import type { Reader } from '../database/database.ts'
import { articleAddress, uri } from './addresses.ts'
import { type Markup, xml, xmlDocument } from './feeds/xml.ts'
import { stamp, updatedAt } from './items.ts'
import { live, NOW } from './live.ts'

/** Ten times fewer than allowed: a page is made in one go. */
export const PAGE_LENGTH = 5_000
/** A page may have 50 MB. What stands in other languages is left out where there would be more. */
const PAGE_SIZE = 49_000_000
const NEWS_LENGTH = 1_000

type Site = { locale: string; name: string; isDefault: boolean; articleUrl: string }
type Place = { locale: string; slug: string }
type Row = Place & { updatedAt: string; canonicalUrl: string | null; translations: Place[] }

const readSites = {
  name: 'content-sites',
  text: `
    SELECT locale, document ->> 'name' AS name, is_default AS "isDefault", article_url AS "articleUrl" FROM public_sites
    ORDER BY NOT is_default, locale`
}

/** The sites there are, the default one first. */
export const listSites = (db: Reader) => db.query<Site>(readSites, [])

/** Of a locale's own, else the default one. */
const siteIn = (sites: Site[], locale: string) => sites.find((site) => site.locale === locale) ?? sites[0]

const addressIn = (sites: Site[], publicUrl: string, { locale, slug }: Place) =>
  uri(articleAddress(siteIn(sites, locale)?.articleUrl ?? null, publicUrl, locale, slug))

const SITEMAP = 'http://www.sitemaps.org/schemas/sitemap/0.9'

// ---- The index -------------------------------------------------------------------------------------------------------

/** Every month of every locale that has live articles. Read from the index `publications_by_month` alone. */
const readMonths = {
  name: 'content-sitemap-months',
  text: `
    SELECT months.locale, to_char(months.month, 'YYYY-MM') AS month, months.articles, ${stamp('months.latest')} AS latest FROM (
      SELECT p.locale, date_trunc('month', p.published_at AT TIME ZONE 'UTC') AS month, count(*)::int AS articles, max(p.live_from) AS latest
      FROM publications p WHERE ${live('p', NOW)} GROUP BY 1, 2
    ) months ORDER BY months.locale, months.month`
}

type Month = { locale: string; month: string; articles: number; latest: string }

/** The index of all pages: one statement. */
export async function sitemapIndex(db: Reader, publicUrl: string): Promise<string> {
  const months = await db.query<Month>(readMonths, [])
  const pages = months.flatMap(({ locale, month, articles, latest }) =>
    Array.from(
      { length: Math.ceil(articles / PAGE_LENGTH) },
      (_, part) =>
        xml`<sitemap><loc>${`${publicUrl}/sitemaps/${locale}-${month}-${part + 1}.xml`}</loc><lastmod>${latest}</lastmod></sitemap>\n`
    )
  )
  return xmlDocument(xml`<sitemapindex xmlns="${SITEMAP}">\n${pages}</sitemapindex>`)
}

// ---- A page ----------------------------------------------------------------------------------------------------------

const PAGE_NAME =
  /^([a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?)-((?!0000)\d{4}-(?:0[1-9]|1[0-2]))-([1-9]\d{0,5})\.xml$/

/** $1 locale, $2 first moment of the month, $3 how many to skip. */
const readPage = {
  name: 'content-sitemap-page',
  text: `
    WITH page AS (
      SELECT p.id, p.published_at FROM publications p
      WHERE p.locale = $1::text AND p.published_at >= $2::timestamp AT TIME ZONE 'UTC'
        AND p.published_at < ($2::timestamp + interval '1 month') AT TIME ZONE 'UTC' AND ${live('p', NOW)}
      ORDER BY p.published_at, p.id OFFSET $3::bigint LIMIT ${PAGE_LENGTH}
    )
    SELECT p.locale, p.slug, ${stamp(`(${updatedAt})`)} AS "updatedAt", p.seo ->> 'canonicalUrl' AS "canonicalUrl",
      (SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug) ORDER BY o.locale), '[]')
       FROM publications o WHERE o.story_id = p.story_id AND o.article_id <> p.article_id AND ${live('o', NOW)}) AS translations
    FROM page JOIN publications p ON p.id = page.id ORDER BY page.published_at, page.id`
}

/**
 * The page of this name, such as `en-2026-11-1.xml`: two statements. Null when there is none. Earlier parts of a month
 * stay as they are when more is published.
 */
export async function sitemapPage(db: Reader, publicUrl: string, name: string): Promise<string | null> {
  const [, locale = '', month, part] = PAGE_NAME.exec(name) ?? []
  if (!month) return null
  const rows = await db.query<Row>(readPage, [locale, `${month}-01`, (Number(part) - 1) * PAGE_LENGTH])
  if (rows.length === 0) return null
  return urlset(rows, await listSites(db), publicUrl)
}

/** What says that its canonical address is elsewhere is not listed: search engines want it there. */
const isCanonical = (canonicalUrl: string | null, url: string) =>
  canonicalUrl === null || uri(canonicalUrl) === url

/** `size` is how many bytes it may have. */
export function urlset(rows: Row[], sites: Site[], publicUrl: string, size = PAGE_SIZE): string {
  const urls: Markup[] = []
  let left = size
  for (const row of rows) {
    const url = addressIn(sites, publicUrl, row)
    if (!isCanonical(row.canonicalUrl, url)) continue
    const entry = (alternates: Markup[]) =>
      xml`<url><loc>${url}</loc><lastmod>${row.updatedAt}</lastmod>${alternates}</url>\n`
    const whole = entry(languages(row, sites, publicUrl))
    // Addresses are ASCII, so letters are bytes.
    const fits = whole.markup.length < left
    const chosen = fits ? whole : entry([])
    left -= chosen.markup.length
    urls.push(chosen)
  }
  return xmlDocument(
    xml`<urlset xmlns="${SITEMAP}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${urls}</urlset>`
  )
}

/** The article and its translations, each by its language, and the one for everybody else: the default site's. */
function languages(row: Row, sites: Site[], publicUrl: string): Markup[] {
  if (row.translations.length === 0) return []
  const link = (language: string, place: Place) =>
    xml`<xhtml:link rel="alternate" hreflang="${language}" href="${addressIn(sites, publicUrl, place)}"/>`
  const all = [row, ...row.translations]
  const forOthers = all.find(({ locale }) => sites[0]?.isDefault && locale === sites[0].locale)
  return [
    ...all.map((place) => link(place.locale, place)),
    ...(forOthers ? [link('x-default', forOthers)] : [])
  ]
}

// ---- News ------------------------------------------------------------------------------------------------------------

const readNews = {
  name: 'content-news-sitemap',
  text: `
    SELECT p.locale, p.slug, p.headline, ${stamp('p.published_at')} AS "publishedAt", p.seo ->> 'canonicalUrl' AS "canonicalUrl"
    FROM publications p WHERE p.published_at > now() - interval '48 hours' AND ${live('p', NOW)}
    ORDER BY p.published_at DESC, p.locale DESC, p.id DESC LIMIT ${NEWS_LENGTH}`
}

type News = Place & { headline: string; publishedAt: string; canonicalUrl: string | null }

/** What was first published in the last 48 hours, of all locales: two statements. */
export async function newsSitemap(db: Reader, publicUrl: string): Promise<string> {
  const rows = await db.query<News>(readNews, [])
  const sites = await listSites(db)
  const urls = rows.flatMap((row) => {
    const site = siteIn(sites, row.locale)
    const url = addressIn(sites, publicUrl, row)
    // Without a site there is no name to publish under.
    if (!site || !isCanonical(row.canonicalUrl, url)) return []
    return xml`<url><loc>${url}</loc><news:news><news:publication><news:name>${site.name}</news:name><news:language>${newsLanguage(row.locale)}</news:language></news:publication><news:publication_date>${row.publishedAt}</news:publication_date><news:title>${row.headline}</news:title></news:news></url>\n`
  })
  return xmlDocument(
    xml`<urlset xmlns="${SITEMAP}" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n${urls}</urlset>`
  )
}

/** Google takes bare ISO 639 codes, but for the two ways of writing Chinese. */
export function newsLanguage(locale: string): string {
  const [language = locale] = locale.split('-')
  if (language !== 'zh') return language
  return /-(Hant|TW|HK|MO)\b/.test(locale) ? 'zh-tw' : 'zh-cn'
}
