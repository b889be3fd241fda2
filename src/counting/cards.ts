/** What link-preview robots get instead of a redirect: a small page that tells of the article (https://ogp.me). */
import { uri } from '../content/addresses.ts'
import { type Markup, xml } from '../content/feeds/xml.ts'
import type { Link } from './clicks.ts'

type Content = string | number | null | undefined

/** Nothing, where there is nothing to say. */
const meta =
  (by: 'name' | 'property') =>
  (name: string, content: Content): Markup[] =>
    content === null || content === undefined || content === ''
      ? []
      : [xml`<meta ${by}="${name}" content="${content}">\n`]
const named = meta('name')
const property = meta('property')

/**
 * `article` is the article's address, `target` the same as people are led there. The page's own address is the short
 * one: what is posted further leads through the link and is counted.
 */
export function cardOf(link: Link, shortAddress: string, article: string, target: string): string {
  const title = link.card.title ?? link.headline
  const description = link.card.description ?? link.seo.description ?? link.standfirst
  const image = link.card.image ?? link.image?.url ?? null
  const own = link.card.image === null ? link.image : null
  const head = [
    ...(link.indexable ? [] : named('robots', 'noindex')),
    ...named('description', description),
    ...property('og:type', 'article'),
    ...property('og:title', title),
    ...property('og:description', description),
    ...property('og:url', shortAddress),
    ...property('og:site_name', link.site?.name),
    ...property('og:locale', link.locale.replaceAll('-', '_')),
    ...property('og:image', image),
    ...property('og:image:alt', own?.alt),
    ...property('og:image:width', own?.width),
    ...property('og:image:height', own?.height),
    ...named('twitter:card', image ? 'summary_large_image' : 'summary'),
    ...named('twitter:title', title),
    ...named('twitter:description', description),
    ...named('twitter:image', image)
  ]
  return `<!doctype html>\n${
    xml`<html lang="${link.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="canonical" href="${link.seo.canonicalUrl ?? uri(article)}">
${head}</head>
<body dir="auto"><a href="${target}">${title}</a></body>
</html>
`.markup
  }`
}
