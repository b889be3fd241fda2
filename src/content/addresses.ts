/** Where articles stand on the front end. */

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

/** The front page articles of a locale belong to, as far as their address tells: `https://news.example/en`. */
export function frontPage(template: string | null, publicUrl: string, locale: string): string {
  const [, origin = '', path = ''] =
    /^(https?:\/\/[^/?#]+)(.*)$/i.exec(template ?? `${publicUrl}/{locale}/{slug}`) ?? []
  return uri(path.startsWith('/{locale}/') ? `${origin}/${locale}` : `${origin}/`)
}

/** An address in ASCII, as machines want it: a template may hold any letters. */
export const uri = (address: string) => (URL.canParse(address) ? new URL(address).href : address)
