/** The page of an article. */
import type { Article } from './api.ts'
import { asGiven, fill, href, html } from './html.ts'
import type { Page } from './layout.ts'
import { type Asked, curated, type Moved } from './pages.ts'
import { byline, credit, figure, languageOf, moment, section, shareBar, stories, written } from './parts.ts'

export async function articlePage(asked: Asked): Promise<Page | Moved> {
  const { reading, site, slug, path, datelinePublic } = asked
  const { strings } = site
  const [article, list] = await Promise.all([
    reading.get('/v1/content/articles/{slug}', {
      slug,
      locale: site.locale,
      include: 'share,related,jsonld'
    }),
    curated(asked)
  ])
  // A former slug; or in another language, where it may be in this one some day.
  if (new URL(article.url).pathname !== path) return { movedTo: article.url, forGood: reading.moved }
  const views = await viewsOf(asked, article)
  const { source, image, rights, seo, share } = article
  const others = (list?.data ?? []).filter(({ storyId }) => storyId !== article.storyId)
  return {
    title: seo.title ?? article.headline,
    description: seo.description ?? article.standfirst,
    begins: article.headline,
    canonical: seo.canonicalUrl ?? article.url,
    alternates: article.translations,
    within: article.tags.map(({ slug }) => section(site, 'tag', slug)),
    head: describe(article),
    jsonld: article.jsonld,
    beacon: `${datelinePublic}/v1/content/articles/${article.id}/views`,
    shares: share !== undefined,
    main: html`<div class="reading">
<article class="story${article.breaking && ' breaking'}">
<header>
${article.kicker && html`<p class="kicker">${article.kicker}</p>`}
<h1>${article.headline}</h1>
${(article.standfirst || source) && html`<p class="standfirst">${article.standfirst} ${source && credit(site, source)}</p>`}
<p class="meta">${byline(site, article.authors)}
<span><span class="label">${strings.publishedAt}</span> ${moment(site, article.publishedAt, 'long')}</span>
${written(site, article.updatedAt, 'long') !== written(site, article.publishedAt, 'long') && html`<span><span class="label">${strings.updatedAt}</span> ${moment(site, article.updatedAt, 'long')}</span>`}
${views}</p>
</header>
${image && figure(image)}
${article.dateline && html`<p class="dateline">${article.dateline}</p>`}
<div class="body">${asGiven(article.body.html ?? '')}</div>
${
  article.corrections.length > 0 &&
  html`<section class="corrections" aria-labelledby="corrections"><h2 id="corrections">${strings.correction}</h2>${article.corrections.map(
    ({ at, text }) => html`<p>${moment(site, at, 'long')} ${text}</p>`
  )}</section>`
}
<footer>
${source && html`<p><span class="label">${strings.source}</span> <a href="${href(source.url)}" rel="noopener">${source.name}</a></p>`}
${rights?.notice && html`<p>${rights.notice}</p>`}
${
  article.tags.length > 0 &&
  html`<p class="label" id="tags">${strings.tags}</p><ul class="tags" aria-labelledby="tags">${article.tags.map(
    ({ slug, name, locale }) =>
      html`<li><a href="${section(site, 'tag', slug)}" rel="tag"${languageOf(site, locale)}>${name}</a></li>`
  )}</ul>`
}
${share && shareBar(share)}
</footer>
</article>
${
  ((article.related?.length ?? 0) > 0 || others.length > 0) &&
  html`<aside aria-label="${article.related?.length ? strings.relatedStories : (list?.title ?? strings.topStories)}">
${stories(site, { id: 'related', text: strings.relatedStories }, article.related ?? [], 'line')}
${stories(site, { id: 'top', text: list?.title ?? strings.topStories }, others, 'line')}
</aside>`
}
</div>`
  }
}

/** How often it was read. A page without that is better than none. */
async function viewsOf({ reading, site }: Asked, { id }: Article) {
  const [views] = await reading.get('/v1/content/views', { ids: id }).then(
    ({ data }) => data,
    () => []
  )
  if (!views) return null
  const count = html`${new Intl.NumberFormat(site.locale).format(views.total)}`
  return html`<span class="views">${fill(site.strings.views, 'count', count)}</span>`
}

/** What others show of the page when it is passed on. */
const describe = ({
  image,
  publishedAt,
  updatedAt,
  authors,
  tags
}: Article) => html`<meta property="og:type" content="article">
<meta property="article:published_time" content="${publishedAt}">
<meta property="article:modified_time" content="${updatedAt}">
${authors.map(({ name }) => html`<meta property="article:author" content="${name}">`)}
${tags.map(({ name }) => html`<meta property="article:tag" content="${name}">`)}
<meta name="twitter:card" content="${image ? 'summary_large_image' : 'summary'}">
${image && html`<meta property="og:image" content="${image.url}"><meta property="og:image:alt" content="${image.alt}">`}`
