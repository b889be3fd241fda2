/** Where following a link leads: never off the hosts of the sites, whatever the caller's query or the link holds. */
import { articleAddress } from '../content/addresses.ts'
import type { Link } from './clicks.ts'

type Query = Record<string, string | string[]>

/** Where the article stands now. */
export const articleOf = ({ site, locale, slug }: Link, publicUrl: string) =>
  articleAddress(site?.articleUrl ?? null, publicUrl, locale, slug)

/** The article's address with what the caller hung on the link, and the link's UTM parameters in place of the caller's. */
export function targetOf(link: Link, publicUrl: string, query: Query): string {
  const address = new URL(articleOf(link, publicUrl))
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) address.searchParams.append(name, value)
  }
  for (const name of ['source', 'medium', 'campaign', 'term', 'content']) {
    const value = link.utm[name]
    if (value) address.searchParams.set(`utm_${name}`, value)
  }
  return address.href
}

/** Where those go who come too late; null when that is nowhere, or on no host of the sites any more. */
export function expiredTargetOf({ expiredUrl, templates }: Link, publicUrl: string): string | null {
  if (expiredUrl === null || !URL.canParse(expiredUrl)) return null
  const target = new URL(expiredUrl)
  const hosts = (templates?.length ? templates : [publicUrl]).map(
    (template) => new URL(articleAddress(template, publicUrl, 'en', 'a')).host
  )
  return /^https?:$/.test(target.protocol) && hosts.includes(target.host) ? target.href : null
}
