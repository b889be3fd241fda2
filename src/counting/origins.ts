/** Where a click comes from, as far as a request tells: the page the link stood on, and the country. */

type Headers = Record<string, string | string[] | undefined>

const LONGEST = 100

/** The host of the page, without `www.` and port; '' when nobody says, or it is no page of the web. */
export function referrerOf(header: string | undefined): string {
  if (!header || !/^https?:\/\//i.test(header) || !URL.canParse(header)) return ''
  const { hostname } = new URL(header)
  return hostname
    .replace(/\.$/, '')
    .replace(/^www\./, '')
    .slice(0, LONGEST)
}

/** What proxies put the visitor's country into. */
const COUNTRY = [
  'cf-ipcountry',
  'x-vercel-ip-country',
  'cloudfront-viewer-country',
  'x-appengine-country',
  'x-country-code'
]
/** Not known, and Tor. */
const NOWHERE = new Set(['XX', 'T1', 'ZZ'])

/** Two letters, or ''. Anybody can send such a header: ask only where a trusted proxy does. */
export function countryOf(headers: Headers): string {
  for (const name of COUNTRY) {
    const country = String(headers[name] ?? '').toUpperCase()
    if (/^[A-Z]{2}$/.test(country)) return NOWHERE.has(country) ? '' : country
  }
  return ''
}
