/** Where things stand: articles on the front end, and what moved on our own side. */

/** A site's template filled in; without a site, an address under our own. */
export function articleAddress(
  template: string | null,
  publicUrl: string,
  locale: string,
  slug: string
): string {
  return (template ?? `${publicUrl}/{locale}/{slug}`)
    .replaceAll('{locale}', locale)
    .replaceAll('{slug}', slug)
}

/** The hosts the sites' articles are on; ours, where there is no site. */
export const articleHosts = (templates: string[], publicUrl: string): string[] =>
  (templates.length > 0 ? templates : [publicUrl]).map(
    (template) => new URL(articleAddress(template, publicUrl, 'en', 'a')).host
  )

/** The front page articles of a locale belong to, as far as their address tells: `https://news.example/en`. */
export function frontPage(template: string | null, publicUrl: string, locale: string): string {
  const [, origin = '', path = ''] =
    /^(https?:\/\/[^/?#]+)(.*)$/i.exec(template ?? `${publicUrl}/{locale}/{slug}`) ?? []
  return uri(path.startsWith('/{locale}/') ? `${origin}/${locale}` : `${origin}/`)
}

/** An address in ASCII, as machines want it: a template may hold any letters. */
export const uri = (address: string) => (URL.canParse(address) ? new URL(address).href : address)
/** The same route with another slug, in the locale it is in, with what else was asked for. */
export function addressWith(path: string, query: Record<string, unknown>, locale: string | undefined) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, locale }))
    if (value !== undefined) search.set(name, String(value))
  return search.size > 0 ? `${path}?${search}` : path
}
