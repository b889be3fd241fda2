/** A live article in the words of schema.org, for search engines: https://schema.org/NewsArticle. */
import type { Static } from 'typebox'
import type { Picture } from '../http/picture.ts'
import { frontPage } from './addresses.ts'
import { copyrightOf, type Publisher, termsOf } from './publisher.ts'
import type { ContentArticle } from './schema.ts'
import { yearIn } from './site.ts'

/** The article as it is shown, in JSON: its moments are text. An author may come with an address of their own. */
export type Described = Omit<
  Static<typeof ContentArticle>,
  'body' | 'publishedAt' | 'updatedAt' | 'image' | 'authors'
> & {
  publishedAt: string
  updatedAt: string
  image: Picture | null
  authors: { name: string; url?: string }[]
}

/** What a tag of a kind is, as what a story is about. Sections and series are no subject. */
const subjects: Partial<Record<Described['tags'][number]['kind'], string>> = {
  topic: 'Thing',
  person: 'Person',
  organisation: 'Organization',
  place: 'Place'
}

const isAddress = (text: string) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text)

/** Without members that say nothing. */
const filled = (members: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) =>
        value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
    )
  )

/**
 * The NewsArticle as an object. Which of several translations came first is not known, so each is named as a
 * translation of this one.
 */
export function newsArticle(article: Described, publisher: Publisher | null, publicUrl: string) {
  const { url, tags, seo, rights, image, source } = article
  const published = new Date(article.publishedAt)
  const home = frontPage(publisher?.articleUrl ?? null, publicUrl, article.locale)
  const house = publisher && { '@type': 'Organization', name: publisher.name, url: home }
  const terms = publisher && termsOf(publisher, home)
  const licence = rights?.licence
  const namesOf = (kind: string) => tags.filter((tag) => tag.kind === kind).map(({ name }) => name)
  return filled({
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    identifier: `urn:uuid:${article.id}`,
    url,
    mainEntityOfPage: { '@type': 'WebPage', '@id': seo.canonicalUrl ?? url },
    headline: article.headline,
    description: seo.description ?? article.standfirst,
    inLanguage: article.locale,
    image: image && pictured(image),
    datePublished: article.publishedAt,
    dateModified: article.updatedAt,
    // Search engines want an author: what nobody signs, the house does.
    author:
      article.authors.length > 0
        ? article.authors.map((author) => filled({ '@type': 'Person', name: author.name, url: author.url }))
        : house,
    publisher: house,
    dateline: article.dateline,
    articleSection: namesOf('section'),
    keywords: tags.map(({ name }) => name),
    about: tags.flatMap(({ kind, name }) => (subjects[kind] ? { '@type': subjects[kind], name } : [])),
    isPartOf: namesOf('series').map((name) => ({ '@type': 'CreativeWorkSeries', name })),
    wordCount: article.wordCount,
    isAccessibleForFree: article.accessibleForFree,
    isBasedOn: source && { '@type': 'CreativeWork', name: source.name, url: source.url },
    correction: article.corrections.map(({ at, text }) => ({
      '@type': 'CorrectionComment',
      text,
      datePublished: at
    })),
    license: licence && (isAddress(licence) ? licence : { '@type': 'CreativeWork', name: licence }),
    usageInfo: terms && { '@type': 'CreativeWork', text: terms.text, url: terms.url },
    copyrightNotice: rights?.notice ?? (publisher && copyrightOf(publisher, published)),
    copyrightYear: Number(yearIn(publisher?.timeZone ?? 'UTC', published)),
    copyrightHolder: house,
    workTranslation: article.translations.map((translation) => ({
      '@type': 'NewsArticle',
      inLanguage: translation.locale,
      url: translation.url
    }))
  })
}

const pictured = ({ url, alt, caption, credit, width, height }: Picture) =>
  filled({
    '@type': 'ImageObject',
    url,
    contentUrl: url,
    description: alt,
    caption,
    creditText: credit,
    width,
    height
  })

/** What would end a script element, begin a comment in it, or end a line in old JavaScript. */
const UNSAFE = /[<>&\u2028\u2029]/g

/**
 * The same as text to stand between `<script type="application/ld+json">` and `</script>`: read as JSON it is the
 * object, and no text in it can end the element. Printed as it is, not parsed and written again.
 */
export const jsonLd = (article: Described, publisher: Publisher | null, publicUrl: string): string =>
  JSON.stringify(newsArticle(article, publisher, publicUrl)).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
