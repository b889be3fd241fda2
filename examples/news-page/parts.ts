/** Pieces that several pages have. Every word in them is Dateline's, or `Intl`'s in the page's language. */
import type { Item, Picture, ShareBar, Site } from './api.ts'
import { fill, href, html, Markup, marked } from './html.ts'

/** A moment as the page's language writes it, in the site's time zone. */
export const written = ({ locale, timeZone }: Site, at: string, dateStyle: 'long' | 'medium') =>
  new Intl.DateTimeFormat(locale, { dateStyle, timeStyle: 'short', timeZone }).format(new Date(at))

export const moment = (site: Site, at: string, dateStyle: 'long' | 'medium' = 'medium') =>
  html`<time datetime="${at}">${written(site, at, dateStyle)}</time>`

/** A language's name in the language of the page: a page never mixes two. */
export const languageName = (site: Site, locale: string) =>
  new Intl.DisplayNames([site.locale], { type: 'language' }).of(locale) ?? locale

/** Says which language a piece is in, where it is not the page's. */
export const languageOf = (site: Site, locale: string) =>
  locale !== site.locale && html` lang="${locale}" dir="auto"`

export const section = (site: Site, kind: 'tag' | 'author', slug: string) => `/${site.locale}/${kind}/${slug}`

/** The names of those who signed, joined as the language joins them. */
export function byline(site: Site, authors: Item['authors']) {
  if (authors.length === 0) return null
  const names = new Intl.ListFormat(site.locale).formatToParts(authors.map(({ name }) => name))
  let next = 0
  return html`<span class="byline"><span class="label">${site.strings.by}</span> ${names.map(
    ({ type, value }) => {
      if (type === 'literal') return value
      const slug = authors[next++]?.slug as string
      return html`<a href="${section(site, 'author', slug)}" rel="author">${value}</a>`
    }
  )}</span>`
}

/** The credit of an outside source, as a sentence of its language has it. */
export const credit = (site: Site, source: NonNullable<Item['source']>) =>
  html`<span class="credit">— ${fill(
    site.strings.sourceReports,
    'source',
    html`<a href="${href(source.url)}" rel="noopener">${source.name}</a>`
  )}</span>`

/** Its room is kept before it has come: by its size, else by a ratio in the style sheet. */
export function photograph({ url, alt, width, height }: Picture, first: boolean) {
  const size = width && height && html` width="${width}" height="${height}"`
  const load = first ? html` fetchpriority="high"` : html` loading="lazy"`
  return html`<img src="${href(url)}" alt="${alt}"${size} decoding="async"${load}>`
}

export const figure = (picture: Picture) =>
  html`<figure class="picture">${photograph(picture, true)}${
    (picture.caption || picture.credit) &&
    html`<figcaption>${picture.caption} ${picture.credit && html`<cite>${picture.credit}</cite>`}</figcaption>`
  }</figure>`

type Highlights = { field: string; start: number; end: number }[]

type Listed = Item & { highlights?: Highlights }

/** An article in a list. */
function teaser(site: Site, item: Listed, shown: 'line' | 'brief' | 'lead', level: 2 | 3) {
  const heading = new Markup(`h${level}`)
  const words = (field: 'kicker' | 'headline' | 'standfirst') =>
    marked(
      item[field],
      (item.highlights ?? []).filter((one) => one.field === field)
    )
  return html`<article class="teaser ${shown}${item.breaking && ' breaking'}">
${shown !== 'line' && item.image && html`<div class="picture">${photograph(item.image, shown === 'lead')}</div>`}
${item.kicker && html`<p class="kicker">${words('kicker')}</p>`}
<${heading}><a href="${href(item.url)}">${words('headline')}</a></${heading}>
${shown !== 'line' && item.standfirst && html`<p class="standfirst">${words('standfirst')}</p>`}
<p class="meta">${shown === 'lead' && byline(site, item.authors)} ${moment(site, item.publishedAt)}</p>
</article>`
}

/** A titled list of stories; without a title, they stand right under the heading of the page. */
export function stories(
  site: Site,
  title: { id: string; text: string } | null,
  items: Listed[],
  shown: 'line' | 'brief' | 'ranked'
): Markup | null {
  if (items.length === 0) return null
  const list = html`<ol>${items.map((item, index) => {
    const size = shown === 'ranked' ? (index === 0 ? 'lead' : 'line') : shown
    return html`<li>${teaser(site, item, size, title ? 3 : 2)}</li>`
  })}</ol>`
  if (!title) return html`<div class="stories ${shown}">${list}</div>`
  return html`<section class="stories ${shown}" aria-labelledby="${title.id}"><h2 id="${title.id}">${title.text}</h2>${list}</section>`
}

/** What `share.js` copies, and says then, stands on the link. */
export const shareBar = ({ prompt, copy, networks }: ShareBar) =>
  html`<section class="share" aria-labelledby="share"><p class="label" id="share">${prompt}</p><ul>${networks.map(
    ({ channel, label, url }) =>
      html`<li><a class="${channel}" href="${href(url)}" rel="noopener">${label}</a></li>`
  )}<li><a class="copy" href="${href(copy.url)}" data-done="${copy.done}">${copy.label}</a></li></ul><p role="status"></p></section>`

/** The link to the page after this one. */
export const more = (site: Site, path: string, asked: Record<string, string>, cursor: string | null) =>
  cursor &&
  html`<p class="more"><a href="${path}?${new URLSearchParams({ ...asked, cursor }).toString()}" rel="next">${site.strings.loadMore}</a></p>`
