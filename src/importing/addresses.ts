/** Addresses of other systems: completed, and made what Dateline takes as an address. */
import { linkFault } from '../body/links.ts'
import type { Losses } from './report.ts'

/** Ghost writes this where the address of the site stood. */
const GHOST = /^__GHOST_URL__/

/**
 * An absolute http, https or (of `link`) mailto address that Dateline takes, or null, with why told. `base` completes what
 * is relative.
 */
export function addressFrom(
  text: string,
  base: string | null,
  kind: 'link' | 'web',
  what: string,
  lost: Losses
): string | null {
  const given = text.trim().replace(GHOST, base ? new URL(base).origin : '')
  if (!given) {
    lost.add(`${what} without an address removed`)
    return null
  }
  if (given.startsWith('#')) {
    lost.add(`${what} within the page removed`)
    return null
  }
  if (!linkFault(given, kind)) return given
  // As a browser reads it: blanks and tabs do not hide what it is.
  const scheme = /^[\p{Cc}\s]*([a-z][a-z0-9+.-]*)[\p{Cc}\s]*:/iu
    .exec(given.replace(/[\t\n\r]/g, ''))?.[1]
    ?.toLowerCase()
  if (scheme && scheme !== 'http' && scheme !== 'https' && scheme !== 'mailto') {
    lost.add(`${what} with ${scheme}: removed`)
    return null
  }
  if (!scheme && !base && !given.startsWith('//')) {
    lost.add(
      `${what} removed, for its address is relative and the site's is not known: ${given.slice(0, 100)}`
    )
    return null
  }
  const origin = base ?? 'https://unknown.invalid/'
  const url = URL.canParse(given, origin) ? new URL(given, origin) : null
  if (url && (url.username || url.password)) {
    url.username = ''
    url.password = ''
    lost.add(`name and password removed from the address of ${what}`)
  }
  const made = url?.href.replace(/["<>\\ ]/g, encodeURIComponent) ?? ''
  if (url && !linkFault(made, kind)) return made
  lost.add(`${what} removed, for its address is not valid: ${given.slice(0, 100)}`)
  return null
}

/** Where a frame or a file to play leads: of known players the page, which a reader can open. */
export function pageOf(address: string): string {
  const url = new URL(address)
  const host = url.hostname.replace(/^www\./, '')
  const id = /^\/embed\/([\w-]{5,20})$/.exec(url.pathname)?.[1]
  if (id && (host === 'youtube.com' || host === 'youtube-nocookie.com'))
    return `https://www.youtube.com/watch?v=${id}`
  const film = /^\/video\/(\d{3,15})$/.exec(url.pathname)?.[1]
  return film && host === 'player.vimeo.com' ? `https://vimeo.com/${film}` : address
}

export const hostOf = (address: string) =>
  URL.canParse(address) ? new URL(address).host : address.slice(0, 100)
