/** Who publishes, and on what terms: what of a site's document goes to machines. */
import { yearIn } from './site.ts'

export type Publisher = {
  name: string
  tagline: string
  timeZone: string
  copyright: string
  terms: { text: string; link: { label: string; url: string } } | null
  /** The template of its articles' addresses. */
  articleUrl: string
}

/** Of a locale's own site, else of the default one; null when there is none. */
export const publisherOf = (locale: string) => `
  (SELECT json_build_object('name', o.document ->> 'name', 'tagline', o.document ->> 'tagline', 'timeZone', o.document ->> 'timeZone',
     'copyright', o.document ->> 'copyright', 'terms', o.document -> 'terms', 'articleUrl', o.article_url)
   FROM public_sites o WHERE o.locale = ${locale} OR o.is_default ORDER BY o.locale = ${locale} DESC LIMIT 1)`

/**
 * The copyright line with the year of what it stands under, so that it changes with that and not with the clock. Without
 * a moment, one that names a year is left out.
 */
export function copyrightOf({ copyright, timeZone }: Publisher, moment: Date | null): string {
  if (!copyright.includes('{year}')) return copyright
  return moment ? copyright.replaceAll('{year}', yearIn(timeZone, moment)) : ''
}

/** Terms of reuse as one line of text. `home` is where addresses without a host lead from. */
export function termsOf({ terms }: Publisher, home: string): { text: string; url: string } | null {
  if (!terms) return null
  const { label, url: given } = terms.link
  const url = URL.canParse(given, home) ? new URL(given, home).href : home
  return { text: terms.text.replaceAll('{link}', `${label} (${url})`), url }
}
