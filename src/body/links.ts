import { bodyLimits } from './schema.ts'

export type LinkFault = { message: string; code: string }

/**
 * What is wrong with an address, or nothing. `link` takes http, https and mailto, `web` only the first two.
 * Stricter than the URL standard, which takes blanks, backslashes and missing slashes and repairs them: readers
 * other than browsers may repair them differently, so an address has to mean the same to everybody.
 */
export function linkFault(href: string, kind: 'link' | 'web'): LinkFault | undefined {
  if (href.length > bodyLimits.href) {
    return { message: `An address may have at most ${bodyLimits.href} characters.`, code: 'too_long' }
  }
  if (/[\p{Cc}\p{Cs}\p{White_Space}\p{Noncharacter_Code_Point}\uFEFF<>"\\]/u.test(href)) {
    return {
      message:
        'An address has no blanks, control characters, quotes, backslashes or <>: percent-encode them.',
      code: 'invalid_url'
    }
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase()
  if (!scheme)
    return { message: 'An address must be absolute, such as https://example.com/.', code: 'invalid_url' }
  if (scheme !== 'http' && scheme !== 'https' && !(scheme === 'mailto' && kind === 'link')) {
    const allowed = kind === 'link' ? 'http, https and mailto' : 'http and https'
    return { message: `Only ${allowed} addresses are allowed here.`, code: 'protocol_not_allowed' }
  }
  if (scheme !== 'mailto' && !/^https?:\/\/[^/]/i.test(href)) {
    return { message: 'A web address begins with http:// or https:// and a host.', code: 'invalid_url' }
  }
  if (!URL.canParse(href)) return { message: 'This is not a valid address.', code: 'invalid_url' }
  const url = new URL(href)
  if (url.username || url.password) {
    return { message: 'An address may not carry a user name or password.', code: 'credentials_in_url' }
  }
  if (scheme === 'mailto' && !url.pathname && !url.search) {
    return { message: 'This mailto address names nobody.', code: 'invalid_url' }
  }
  return undefined
}
