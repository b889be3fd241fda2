/** Paths of a front end, written in one way: as redirects keep them, and as they are looked up. */

/** Also when everything in it is percent-encoded: what is longer does not fit into the index. */
export const LONGEST_PATH = 2_000

/** As long as a slug of ours can be. */
export const LONGEST_SLUG = 200

/** What means the same with and without its encoding (RFC 3986, 2.3). */
const UNRESERVED = /[A-Za-z0-9\-._~]/

/** Percent-encodings only where they are needed, and in capitals. Null when one is broken. */
export function inOneEncoding(text: string): string | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(text) || /\p{Surrogate}/u.test(text)) return null
  return text
    .replace(/%[0-9A-Fa-f]{2}/g, (code) => {
      const character = String.fromCharCode(Number.parseInt(code.slice(1), 16))
      return UNRESERVED.test(character) ? character : code.toUpperCase()
    })
    .replace(/[^A-Za-z0-9\-._~%!$&'()*+,;=:@/?]/gu, encodeURIComponent)
}

/** Path and query, without the question mark. */
export function cutQuery(path: string): [path: string, query: string] {
  const at = path.indexOf('?')
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)]
}

/** Without a slash at its end and without an empty query. */
export function trimmed(text: string): string {
  const [path, query] = cutQuery(text)
  const short = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return query === '' ? short : `${short}?${query}`
}

/**
 * The one way to write a path: `/caf%c3%a9/?p=1` and `/café?p=1` are `/caf%C3%A9?p=1`. Null for what is none: with a
 * scheme or host, a fragment, a broken encoding, `//`, `.` or `..` in it, or longer than LONGEST_PATH.
 */
export function normalPath(text: string): string | null {
  if (!text.startsWith('/') || text.includes('#')) return null
  const encoded = inOneEncoding(text)
  if (encoded === null || /\/\/|\/\.{1,2}(\/|$)/.test(cutQuery(encoded)[0])) return null
  const normal = trimmed(encoded)
  return normal.length <= LONGEST_PATH ? normal : null
}

/** The same of a whole address, whose scheme, host and fragment do not count. */
export function pathOf(address: string): string | null {
  const [text = ''] = address.replace(/^https?:\/\/[^/?#\\]*/i, '').split('#')
  const whole = /^https?:\/\//i.test(address)
  return normalPath(whole && !text.startsWith('/') ? `/${text}` : text)
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
const captured: Record<string, string> = {
  '{locale}': '[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}',
  '{slug}': '[a-z0-9]+(?:-[a-z0-9]+)*'
}

/**
 * What an address made from this template (`https://news.example/{locale}/{slug}`) was made of, by its path; null when
 * it was not made from it. A query is compared when the template has one.
 */
export function matchTemplate(template: string, path: string): { locale?: string; slug: string } | null {
  const wanted = trimmed(template.replace(/^https?:\/\/[^/?#]*/i, '').split('#')[0] ?? '')
  if (!wanted.includes('{slug}')) return null
  const seen = new Set<string>()
  const parts = wanted.split(/(\{locale\}|\{slug\})/).map((part) => {
    const pattern = captured[part]
    if (!pattern) return escapePattern(inOneEncoding(part) ?? part)
    const name = part.slice(1, -1)
    if (seen.has(name)) return `\\k<${name}>`
    seen.add(name)
    return `(?<${name}>${pattern})`
  })
  const compared = wanted.includes('?') ? path : cutQuery(path)[0]
  const match = new RegExp(`^${parts.join('')}$`).exec(compared)
  const made = match?.groups as { locale?: string; slug: string } | undefined
  return made && made.slug.length <= LONGEST_SLUG ? made : null
}
