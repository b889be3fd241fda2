/** Atom (RFC 4287), with licences (RFC 4946) and Media RSS for pictures. */
import type { Feed, FeedItem } from './feed.ts'
import { media } from './rss.ts'
import { xml, xmlDocument } from './xml.ts'

/** A feed must say when it was changed; one that never held anything says this. */
const NEVER = new Date(0)

export const atom = (feed: Feed): string =>
  xmlDocument(xml`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="${feed.locale}">
<id>${feed.self}</id>
<title>${feed.title}</title>
<subtitle>${feed.description}</subtitle>
<updated>${(feed.updated ?? NEVER).toISOString()}</updated>
<link rel="self" type="application/atom+xml" href="${feed.self}"/>
<link rel="alternate" type="text/html" hreflang="${feed.locale}" href="${feed.home}"/>
<author><name>${feed.publisher}</name><uri>${feed.home}</uri></author>
${feed.rights ? xml`<rights>${feed.rights}</rights>\n` : null}${feed.items.map(entry)}</feed>`)

/** `via` is the source of what is told, in the words of RFC 4287, 4.2.7.2. Without authors, the feed's counts. */
const entry = (article: FeedItem) => xml`<entry>
<id>${article.urn}</id>
<title>${article.headline}</title>
<link rel="alternate" type="text/html" hreflang="${article.locale}" href="${article.url}"/>
<published>${article.publishedAt.toISOString()}</published>
<updated>${article.updatedAt.toISOString()}</updated>
${article.standfirst ? xml`<summary>${article.standfirst}</summary>\n` : null}${[
  ...article.authors.map(({ name }) => xml`<author><name>${name}</name></author>\n`),
  ...article.tags.map(({ slug, name }) => xml`<category term="${slug}" label="${name}"/>\n`)
]}${article.source && xml`<link rel="via" href="${article.source.url}" title="${article.source.name}"/>\n`}${article.notice && xml`<rights>${article.notice}</rights>\n`}${article.licenceUrl && xml`<link rel="license" href="${article.licenceUrl}"/>\n`}${article.image && media(article.image)}</entry>
`
