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
