/** The pages. Each reads what it shows, all at once where it can, and gives what stands inside the layout. */
import type { Reading, Site } from './api.ts'
import { href, html } from './html.ts'
import type { Page } from './layout.ts'
import { figure, languageOf, more, section, stories } from './parts.ts'

/** Which page is asked for, of which newspaper. */
export type Asked = {
  reading: Reading
  site: Site
  path: string
  slug: string
  query: URLSearchParams
  /** Of this front end. */
  origin: string
  /** Slug of the curated list. */
  list: string
  /** Where readers reach Dateline. */
  datelinePublic: string
}
export type Moved = { movedTo: string; forGood: boolean }

/** Fills rows of two and of three. */
const LIMIT = 12
const cursorOf = (query: URLSearchParams) => query.get('cursor') ?? undefined
/** The curated list, which a newspaper need not have. */
export const curated = ({ reading, site, list }: Asked) =>
  reading.get('/v1/content/lists/{slug}', { slug: list, locale: site.locale }).catch((error) => {
    if (error.status === 404) return null
    throw error
  })

const others = (site: Site) =>
  site.locales.map(({ locale }) => locale).filter((locale) => locale !== site.locale)

/** The other languages that have this page too. */
async function elsewhere(
  site: Site,
  address: (locale: string) => string,
  ask: (locale: string) => Promise<unknown>
) {
  const asked = others(site).map((locale) =>
    ask(locale).then(
      () => [{ locale, url: address(locale) }],
      () => []
    )
  )
  return (await Promise.all(asked)).flat()
}

export async function frontPage(asked: Asked): Promise<Page> {
  const { reading, site, query, origin } = asked
  const { strings, locale } = site
  const cursor = cursorOf(query)
  const [list, newest] = await Promise.all([
    cursor ? null : curated(asked),
    reading.get('/v1/content/articles', { locale, limit: LIMIT, cursor })
  ])
  const top =
    list && stories(site, { id: 'top', text: list.title ?? strings.topStories }, list.data, 'ranked')
  return {
    title: null,
    description: site.tagline,
    begins: list && top ? (list.title ?? strings.topStories) : strings.latestNews,
    canonical: cursor ? null : `${origin}/${locale}`,
    alternates: others(site).map((locale) => ({ locale, url: `${origin}/${locale}` })),
    unlisted: cursor !== undefined,
    main: html`${top}${stories(site, { id: 'latest', text: strings.latestNews }, newest.data, 'brief')}
${newest.data.length === 0 && html`<p class="nothing">${strings.nothingFound}</p>`}
${more(site, `/${locale}`, {}, newest.page.next)}`
  }
}

export async function searchPage({ reading, site, query }: Asked): Promise<Page> {
  const { strings, locale } = site
  const q = query.get('q') ?? ''
  const found = await reading.get('/v1/content/search', { q, locale, limit: LIMIT, cursor: cursorOf(query) })
  const title = `${strings.search}: ${q}`
  return {
    title,
    description: site.tagline,
    begins: title,
    canonical: null,
    alternates: [],
    unlisted: true,
    query: q,
    main: html`<header class="opening"><h1>${strings.search}: <q>${q}</q></h1></header>
${stories(site, null, found.data, 'brief') ?? html`<p class="nothing">${strings.nothingFound}</p>`}
${more(site, `/${locale}`, { q }, found.page.next)}`
  }
}

export async function tagPage({ reading, site, slug, query, origin }: Asked): Promise<Page | Moved> {
  const { locale, strings } = site
  const cursor = cursorOf(query)
  const [tag, articles, alternates] = await Promise.all([
    reading.get('/v1/content/tags/{slug}', { slug, locale }),
    reading.get('/v1/content/articles', { tag: [slug], locale, limit: LIMIT, cursor }),
    elsewhere(
      site,
      (locale) => `${origin}/${locale}/tag/${slug}`,
      (locale) => reading.get('/v1/content/tags/{slug}', { slug, locale })
    )
  ])
  if (tag.slug !== slug) return { movedTo: section(site, 'tag', tag.slug), forGood: true }
  return {
    title: tag.name,
    description: tag.description ?? site.tagline,
    begins: tag.name,
    canonical: cursor ? null : `${origin}${section(site, 'tag', slug)}`,
    alternates,
    unlisted: cursor !== undefined,
    main: html`<header class="opening"${languageOf(site, tag.locale)}>
${tag.parent && html`<p class="kicker"><a href="${section(site, 'tag', tag.parent.slug)}">${tag.parent.name}</a></p>`}
<h1>${tag.name}</h1>
${tag.description && html`<p class="standfirst">${tag.description}</p>`}
</header>
${stories(site, { id: 'latest', text: strings.latestNews }, articles.data, 'brief')}
${more(site, section(site, 'tag', slug), {}, articles.page.next)}`
  }
}

export async function authorPage({ reading, site, slug, query, origin }: Asked): Promise<Page> {
  const { locale, strings } = site
  const cursor = cursorOf(query)
  const [author, articles, alternates] = await Promise.all([
    reading.get('/v1/content/authors/{slug}', { slug, locale }),
    reading.get('/v1/content/articles', { author: slug, locale, limit: LIMIT, cursor }),
    elsewhere(
      site,
      (locale) => `${origin}/${locale}/author/${slug}`,
      (locale) => reading.get('/v1/content/authors/{slug}', { slug, locale })
    )
  ])
  return {
    title: author.name,
    description: author.bio ?? site.tagline,
    begins: author.name,
    canonical: cursor ? null : `${origin}${section(site, 'author', slug)}`,
    alternates,
    unlisted: cursor !== undefined,
    head: html`<meta property="og:type" content="profile">`,
    main: html`<header class="opening author">
${author.image && figure(author.image)}
<h1>${author.name}</h1>
${author.bio && html`<p class="standfirst"${languageOf(site, author.locale ?? locale)}>${author.bio}</p>`}
${
  author.links.length > 0 &&
  html`<ul class="links">${author.links.map(({ label, url }) => html`<li><a href="${href(url)}" rel="me noopener">${label}</a></li>`)}</ul>`
}
</header>
${stories(site, { id: 'latest', text: strings.latestNews }, articles.data, 'brief')}
${more(site, section(site, 'author', slug), {}, articles.page.next)}`
  }
}
