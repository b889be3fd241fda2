/** What the values of a share link must fit with: each other, and the hosts that a link may lead to. */
import { articleHosts } from '../content/addresses.ts'
import type { Connection } from '../database/database.ts'
import { Invalid } from '../http/errors.ts'
import type { ShareLinkView } from './reading.ts'

export type Limits = Pick<
  ShareLinkView,
  'redirectStatus' | 'validFrom' | 'expiresAt' | 'expiredUrl' | 'maxClicks'
>

const LIMITING = ['validFrom', 'expiresAt', 'maxClicks', 'expiredUrl'] as const

/**
 * Throws Invalid where a link would not be what its makers mean. `asked` are the members of the request: the fault is
 * pointed at where it was asked for.
 */
export async function refuseMisfits(
  db: Connection,
  publicUrl: string,
  limits: Limits,
  asked: Partial<Record<keyof Limits, unknown>>
) {
  const { redirectStatus, validFrom, expiresAt, expiredUrl } = limits
  if (validFrom && expiresAt && expiresAt <= validFrom) {
    if (asked.expiresAt) throw Invalid('/expiresAt', 'is not after validFrom', 'window')
    throw Invalid('/validFrom', 'is not before expiresAt', 'window')
  }
  const limit = LIMITING.find((name) => limits[name] !== null)
  if (redirectStatus === 301 && limit) {
    // Browsers remember a permanent redirect and do not ask again.
    const limited = asked.redirectStatus === 301 ? undefined : LIMITING.find((name) => asked[name] != null)
    if (limited) throw Invalid(`/${limited}`, 'cannot be set on a permanent redirect (301)', 'permanent')
    throw Invalid('/redirectStatus', `cannot be 301 with ${limit} set`, 'permanent')
  }
  if (asked.expiredUrl != null && expiredUrl !== null) await refuseForeign(db, publicUrl, expiredUrl)
}

/** Throws Invalid for an address that is on none of the hosts where the sites' articles are, or a short link again. */
async function refuseForeign(db: Connection, publicUrl: string, address: string) {
  const sites = await db.prisma.site.findMany({ select: { articleUrl: true } })
  refuseForeignTo(
    sites.map(({ articleUrl }) => articleUrl),
    publicUrl,
    address
  )
}

/** The same for sites with these templates. */
export function refuseForeignTo(articleUrls: string[], publicUrl: string, address: string) {
  const hosts = articleHosts(articleUrls, publicUrl)
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.href.toLowerCase().startsWith(new URL(`${publicUrl}/s/`).href.toLowerCase()))
    throw Invalid('/expiredUrl', 'is a short link itself, which may lead back here', 'short_link')
  if (!url || !hosts.includes(url.host))
    throw Invalid('/expiredUrl', 'is not on a host of the sites’ articles', 'foreign_host')
}
