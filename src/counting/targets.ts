/** Where following a link leads: never off the hosts of the sites, whatever the caller's query or the link holds. */
import { articleAddress, articleHosts } from '../content/addresses.ts'
import type { Link } from './clicks.ts'

type Query = Record<string, string | string[]>

/** Where the article stands now. */
export const articleOf = ({ site, locale, slug }: Link, publicUrl: string) =>
  articleAddress(site?.articleUrl ?? null, publicUrl, locale, slug)

/** A longer address is more than many a proxy and client take in a header. */
const LONGEST = 2_000

/**
 * The article's address with the link's UTM parameters, and with what the caller hung on the link: all of it, or nothing
 * where the address would be too long. What the address or the link says already is not the caller's to say.
 */
export function targetOf(link: Link, publicUrl: string, query: Query): string {
  const own = new URL(articleOf(link, publicUrl))
  for (const name of ['source', 'medium', 'campaign', 'term', 'content']) {
    const value = link.utm[name]
    if (value) own.searchParams.set(`utm_${name}`, value)
  }
  const whole = new URL(own)
  for (const [name, values] of Object.entries(query)) {
    if (own.searchParams.has(name)) continue
    for (const value of [values].flat()) whole.searchParams.append(name, value)
  }
  return whole.href.length <= LONGEST ? whole.href : own.href
}

/** Where those go who come too late; null when that is nowhere, or on no host of the sites any more. */
export function expiredTargetOf({ expiredUrl, templates }: Link, publicUrl: string): string | null {
  if (expiredUrl === null || !URL.canParse(expiredUrl)) return null
  const target = new URL(expiredUrl)
  const hosts = articleHosts(templates ?? [], publicUrl)
  return /^https?:$/.test(target.protocol) && hosts.includes(target.host) ? target.href : null
}
