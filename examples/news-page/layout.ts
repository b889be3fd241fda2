/** What stands around every page: head, masthead, navigation, footer. */
import type { Site } from './api.ts'
import { asGiven, fill, href, html, type Markup } from './html.ts'
import { languageName } from './parts.ts'

export type Page = {
  /** Its heading. On the front page the name of the newspaper is the heading instead. */
  title: string | null
  description: string
  /** Where the link past the navigation leads, told by what stands there. */
  begins: string
  canonical: string | null
  /** The same page in other languages. */
  alternates: { locale: string; url: string }[]
  /** Addresses it belongs under, of which the navigation may have one. */
  within?: string[]
  /** Members of the head only this page has. */
  head?: Markup
  /** Ready to print. */
  jsonld?: string
  /** It has a share bar, with a link to copy. */
  shares?: boolean
  main: Markup
  /** What was searched for. */
  query?: string
  /** Where a reader's browser tells that the page was read. */
  beacon?: string
  /** For search engines to leave out. */
  unlisted?: boolean
}

/** Dateline's address for readers, without a slash at the end, and those of the style sheet, the icon and the scripts. */
export type Places = { dateline: string; style: string; icon: string; share: string; views: string }

export function layout(site: Site, page: Page, path: string, places: Places): Markup {
  const { strings, locale } = site
  const home = `/${locale}`
  const title = page.title === null ? [site.name, site.tagline] : [page.title, site.name]
  return html`<!doctype html>
<html lang="${locale}" dir="${site.direction}">
<head>
<meta charset="utf-8">
<title>${title.filter(Boolean).join(' | ')}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${page.description}">
${page.unlisted && html`<meta name="robots" content="noindex">`}
${page.canonical && html`<link rel="canonical" href="${page.canonical}">`}
${alternates(site, page).map(({ locale, url }) => html`<link rel="alternate" hreflang="${locale}" href="${href(url)}">`)}
${feeds(site, places.dateline)}
<meta property="og:site_name" content="${site.name}">
<meta property="og:title" content="${page.title ?? site.name}">
<meta property="og:description" content="${page.description}">
<meta property="og:locale" content="${locale.replace('-', '_')}">
${page.canonical && html`<meta property="og:url" content="${page.canonical}">`}
${page.head ?? html`<meta property="og:type" content="website">`}
<link rel="icon" href="${places.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${places.style}">
${page.shares && html`<script src="${places.share}" defer></script>`}
${page.jsonld && html`<script type="application/ld+json">${asGiven(page.jsonld)}</script>`}
${page.beacon && html`<script src="${places.views}" data-views="${page.beacon}" defer></script>`}
</head>
<body>
<a class="skip" href="#content">${page.begins}</a>
<header class="masthead">
<div class="service">
${languages(site, page)}
<form role="search" action="${home}" aria-label="${strings.search}"><input type="search" name="q" value="${page.query}" aria-label="${strings.search}" maxlength="200" required><button>${strings.search}</button></form>
</div>
${page.title === null ? html`<h1 class="name"><a href="${home}">${site.name}</a></h1>` : html`<p class="name"><a href="${home}">${site.name}</a></p>`}
${site.tagline && html`<p class="tagline">${site.tagline}</p>`}
<nav class="sections" aria-label="${strings.navigation}"><ul>${[
    { label: strings.home, url: home },
    ...site.navigation
  ].map(({ label, url }) => {
    const current = url === path && page.query === undefined ? 'page' : page.within?.includes(url) && 'true'
    return html`<li><a href="${href(url)}"${current && html` aria-current="${current}"`}>${label}</a></li>`
  })}</ul></nav>
</header>
<main id="content" tabindex="-1">
${page.main}
</main>
${footer(site)}
</body>
</html>
`
}

/** The page itself is one of them, as search engines want it. */
function alternates(site: Site, { canonical, alternates }: Page) {
  if (!canonical || alternates.length === 0) return []
  const all = [{ locale: site.locale, url: canonical }, ...alternates]
  const main = site.locales.find(({ isDefault }) => isDefault)
  const fallback = all.find(({ locale }) => locale === main?.locale)
  return fallback ? [...all, { ...fallback, locale: 'x-default' }] : all
}

const feeds = (site: Site, dateline: string) =>
  [
    ['application/rss+xml', 'rss.xml'],
    ['application/atom+xml', 'atom.xml'],
    ['application/feed+json', 'feed.json']
  ].map(
    ([type, file]) =>
      html`<link rel="alternate" type="${type}" title="${site.name}" href="${dateline}/feeds/${file}?locale=${site.locale}">`
  )

/** Each language leads to the same page in it, or to its front page. */
function languages(site: Site, page: Page) {
  if (site.locales.length < 2) return null
  const links = site.locales.map(({ locale }) => {
    const name = languageName(site, locale)
    if (locale === site.locale) return html`<li><span aria-current="true">${name}</span></li>`
    const there = page.alternates.find((alternate) => alternate.locale === locale)
    return html`<li><a href="${href(there?.url ?? `/${locale}`)}" hreflang="${locale}">${name}</a></li>`
  })
  return html`<nav class="languages" aria-label="${site.strings.languages}"><ul>${links}</ul></nav>`
}

function footer(site: Site) {
  const links = (title: string, all: { label: string; url: string }[]) =>
    all.length > 0 &&
    html`<section><h2>${title}</h2><ul>${all.map(
      ({ label, url }) => html`<li><a href="${href(url)}" rel="noopener">${label}</a></li>`
    )}</ul></section>`
  const { terms } = site
  return html`<footer>
<div class="elsewhere">${links(site.strings.followUs, site.networks)}${links(site.strings.getTheApp, site.apps)}</div>
${terms && html`<p>${fill(terms.text, 'link', html`<a href="${href(terms.link.url)}">${terms.link.label}</a>`)}</p>`}
<p>${site.copyright}</p>
</footer>`
}
