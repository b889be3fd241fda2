/** RSS 2.0 (https://www.rssboard.org/rss-specification), with Dublin Core, Media RSS and Atom where it has no words. */
import type { Picture } from '../../http/picture.ts'
import type { Feed, FeedItem } from './feed.ts'
import { escapeHtml, xml, xmlDocument } from './xml.ts'

const RSS_TYPE = 'application/rss+xml'

/** As RFC 822 writes moments. */
const stamp = (moment: Date) => moment.toUTCString()

export const rss = (feed: Feed): string =>
  xmlDocument(xml`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
<title>${feed.title}</title>
<link>${feed.home}</link>
<description>${feed.description}</description>
<language>${feed.locale}</language>${feed.rights ? xml`\n<copyright>${feed.rights}</copyright>` : null}${feed.updated && xml`\n<lastBuildDate>${stamp(feed.updated)}</lastBuildDate>`}
<atom:link rel="self" type="${RSS_TYPE}" href="${feed.self}"/>
${feed.items.map(item)}</channel>
</rss>`)

/** A description is HTML, so text is written as HTML first; a title is text. */
const item = (article: FeedItem) => xml`<item>
<title>${article.headline}</title>
<link>${article.url}</link>
<guid isPermaLink="false">${article.urn}</guid>
<pubDate>${stamp(article.publishedAt)}</pubDate>
<atom:updated>${article.updatedAt.toISOString()}</atom:updated>
${article.standfirst ? xml`<description>${escapeHtml(article.standfirst)}</description>\n` : null}${[
  ...article.authors.map(({ name }) => xml`<dc:creator>${name}</dc:creator>\n`),
  ...article.tags.map(({ name }) => xml`<category>${name}</category>\n`)
]}${article.source && xml`<source url="${article.source.url}">${article.source.name}</source>\n`}${article.notice && xml`<dc:rights>${article.notice}</dc:rights>\n`}${article.licenceUrl && xml`<atom:link rel="license" href="${article.licenceUrl}"/>\n`}${article.image && media(article.image)}</item>
`

/** Shared with Atom: both take Media RSS for pictures. Enclosures would want a length, which nobody knows. */
export const media = ({ url, alt, caption, credit, width, height }: Picture) =>
  xml`<media:content url="${url}" medium="image"${width ? xml` width="${width}"` : null}${height ? xml` height="${height}"` : null}>${caption || alt ? xml`<media:description type="plain">${caption || alt}</media:description>` : null}${credit ? xml`<media:credit>${credit}</media:credit>` : null}</media:content>\n`
