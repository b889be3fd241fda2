/** Categories, tags and other terms of WordPress. */
import type { ForeignTag } from './foreign.ts'
import { losses } from './report.ts'
import { cleaned, plain } from './texts.ts'
import type { WxrTerm } from './wxr.ts'

/** Where WordPress lists what has a term, unless its owner chose another place. */
const ARCHIVES: Record<string, string> = { category: '/category/', post_tag: '/tag/' }
export const termKey = (domain: string, nicename: string) => `${domain}/${nicename}`

/** Terms that are none of an article's subjects. */
export const leftOutAs = (domain: string, nicename: string): string | null =>
  domain === 'post_format'
    ? 'post format'
    : domain === 'nav_menu'
      ? 'menu'
      : domain === 'category' && nicename === 'uncategorized'
        ? 'category “uncategorized”, which means none'
        : domain.startsWith('wp_') || domain === 'link_category'
          ? `taxonomy ${domain}`
          : null

/** Co-Authors Plus keeps who signs as terms of its own. */
export const isGuest = ({ domain, nicename }: WxrTerm) => domain === 'author' && nicename.startsWith('cap-')
export const guestKey = (nicename: string) => nicename.replace(/^cap-/, '')

export function tagFrom(
  domain: string,
  nicename: string,
  name: string,
  description: string,
  parent: string
): ForeignTag {
  const lost = losses()
  if (!(domain in ARCHIVES)) lost.add(`of the taxonomy ${domain}, kept as a topic`)
  return {
    key: termKey(domain, nicename),
    kind: domain === 'category' ? 'section' : 'topic',
    name: plain(name, lost) || cleaned(nicename, lost),
    slug: nicename,
    description: plain(description, lost),
    parent: parent ? termKey(domain, parent) : null,
    archive: ARCHIVES[domain] ?? `/${encodeURIComponent(domain)}/`,
    lost
  }
}
