/** Slugs and addresses of theirs, made to fit. */
import { slugFrom } from '../slugs.ts'
import { addressFrom } from './addresses.ts'
import type { Losses } from './report.ts'

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/
/** Leaves room for what is put behind one that is taken. */
const LONGEST = 190

/** A slug that may be taken, or null when there was none. WordPress keeps other scripts percent-encoded. */
export function fitSlug(text: string, fallback: string): string | null {
  const given = decoded(text.trim())
  if (!given) return null
  return SLUG.test(given) && given.length <= LONGEST ? given : slugFrom(given.slice(0, 2_000), fallback)
}

function decoded(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** An address as the fields for one take it: what RFC 3986 does not allow is percent-encoded. Null, and told, when it is none. */
export function webAddress(text: string, base: string | null, what: string, lost: Losses): string | null {
  const address = addressFrom(text, base, 'web', what, lost)
  if (!address) return null
  const { origin, pathname, search, hash } = new URL(address)
  const rest = `${pathname}${search}${hash}`
    .replace(/[^A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]/gu, encodeURIComponent)
    .replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replace(/#/g, (sign, at: number, all: string) => (all.indexOf('#') === at ? sign : '%23'))
  if (`${origin}${rest}`.length <= 2_048) return `${origin}${rest}`
  lost.add(`${what} removed, for its address is too long`)
  return null
}
