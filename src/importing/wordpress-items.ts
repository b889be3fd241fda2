/** One item of a WordPress export: an article in our form, or why it is none. */
import { momentFrom } from './dates.ts'
import type { ForeignArticle, ForeignPicture } from './foreign.ts'
import { type Line, type Losses, losses } from './report.ts'
import { withoutShortcodes } from './shortcodes.ts'
import { plain } from './texts.ts'
import { guestKey, isGuest, leftOutAs, termKey } from './wordpress-terms.ts'
import type { WxrItem } from './wxr.ts'

export type Site = {
  address: string | null
  timeZone: string
  /** The key of the term with this number. */
  termOf: (id: string) => string | null
  pictureOf: (id: string) => ForeignPicture | null
}

/** Their keepers are WordPress itself or what is read here; they say nothing of the article. */
const QUIET =
  /^(_edit_|_wp_(old_slug|old_date|page_template|attach|trash|desired)|_thumbnail_id$|_encloseme$|_pingme$|_oembed_|_yoast_wpseo_(title|metadesc|canonical|primary_category|content_score|linkdex|estimated-reading-time-minutes|wordproof_timestamp)$|rank_math_(title|description|canonical_url|seo_score|primary_category)$|_aioseo_(title|description)$|_genesis_(title|description|canonical_uri)$)/

const KINDS: Record<string, string> = {
  attachment: 'files are kept elsewhere: only those that articles show are named by their address',
  nav_menu_item: 'menus are kept with the site',
  revision: 'only the last version of an article is imported'
}

export function articleFrom(item: WxrItem, site: Site): ForeignArticle | Line {
  const lost = losses()
  const get = (name: string) => item.fields.get(name)?.trim() ?? ''
  const type = get('wp:post_type') || 'post'
  const key = get('wp:post_id') || get('guid') || get('link')
  const headline = plain(item.fields.get('title') ?? '', lost)
  const line = (fate: Line['fate'], reason: string): Line => ({
    kind: /^[\w-]{1,40}$/.test(type) ? type : 'item',
    key: key.slice(0, 200),
    ...(headline && { title: headline.slice(0, 200) }),
    fate,
    lost: [reason]
  })
  if (type !== 'post' && type !== 'page')
    return line('left out', KINDS[type] ?? 'of a type of its own, which has no place here')
  const status = get('wp:status') || 'publish'
  if (status === 'trash' || status === 'auto-draft' || status === 'inherit')
    return line('left out', status === 'trash' ? 'was in the trash' : `has the status ${status}`)
  if (!key) return line('refused', 'has no id, guid or link to know it by')
  if (item.tooLarge) return line('refused', 'has more than 16 MB of text')

  const posted =
    momentFrom(get('wp:post_date_gmt')) ??
    momentFrom(get('wp:post_date'), site.timeZone) ??
    fromFeed(get('pubDate'))
  const liveFrom = liveSince(item, type, status, posted, lost)
  const slug = get('wp:post_name')
  tellWhatGoes(item, lost)
  return {
    key,
    headline,
    slug,
    standfirst: plain(item.fields.get('excerpt:encoded') ?? '', lost),
    html: withoutShortcodes(item.fields.get('content:encoded') ?? '', site.pictureOf, lost),
    raw: true,
    liveFrom,
    dates: [posted],
    changedAt: momentFrom(get('wp:post_modified_gmt')) ?? momentFrom(get('wp:post_modified'), site.timeZone),
    authors: authorsOf(item),
    tags: tagsOf(item, site),
    image: pictureOf(item, site, lost),
    seo: seoOf(item, lost),
    accessibleForFree: true,
    // A page that was public is found again once somebody publishes it.
    addresses: liveFrom || (type === 'page' && wasPublic(item, status)) ? addressesOf(item, slug) : [],
    lost
  }
}

/** Null: it was not public, or cannot be here. */
function liveSince(
  item: WxrItem,
  type: string,
  status: string,
  posted: Date | null,
  lost: Losses
): Date | null {
  if (type === 'page') lost.add('a page: kept as a working copy, not published')
  else if (item.fields.get('wp:post_password'))
    lost.add('behind a password: kept as a working copy, not published')
  else if (status === 'publish' || status === 'future') {
    if (posted) return posted
    lost.add('has no valid date: kept as a working copy, not published')
  } else if (status === 'private') lost.add('private: kept as a working copy, not published')
  else if (status !== 'draft' && status !== 'pending')
    lost.add(`has the status ${status.slice(0, 40)}: kept as a working copy, not published`)
  return null
}

const wasPublic = (item: WxrItem, status: string) =>
  status === 'publish' && !item.fields.get('wp:post_password')

const fromFeed = (text: string) => {
  const moment = text ? new Date(text) : null
  return moment && moment.getUTCFullYear() > 1970 ? moment : null
}

function authorsOf(item: WxrItem): string[] {
  const guests = item.terms.filter(isGuest).map(({ nicename }) => guestKey(nicename))
  const login = item.fields.get('dc:creator')?.trim()
  return guests.length > 0 ? [...new Set(guests)] : login ? [login] : []
}

/** Categories first, and of those the one that a plugin calls the primary one. */
function tagsOf(item: WxrItem, site: Site): string[] {
  const keys = item.terms
    .filter((term) => term.nicename && !isGuest(term) && !leftOutAs(term.domain, term.nicename))
    .map(({ domain, nicename }) => termKey(domain, nicename))
  const id = item.meta.get('_yoast_wpseo_primary_category') ?? item.meta.get('rank_math_primary_category')
  const primary = id ? site.termOf(id.trim()) : null
  const place = (key: string) => (key === primary ? 0 : key.startsWith('category/') ? 1 : 2)
  return [...new Set(keys)].toSorted((a, b) => place(a) - place(b))
}

function pictureOf(item: WxrItem, site: Site, lost: Losses): ForeignPicture | null {
  const id = item.meta.get('_thumbnail_id')?.trim()
  if (!id || id === '0') return null
  const picture = site.pictureOf(id)
  if (!picture) lost.add('featured image is not in the file')
  return picture
}

function seoOf(item: WxrItem, lost: Losses) {
  const first = (...names: string[]) => {
    const text = names.map((name) => item.meta.get(name)?.trim()).find(Boolean) ?? ''
    // Yoast and its like fill in `%%title%%` when the page is made.
    if (!/%%?[a-z_]+%%?|#[a-z_]+\b/.test(text)) return text
    lost.add('text for search engines with variables of a plugin removed')
    return ''
  }
  return {
    title: plain(first('_yoast_wpseo_title', 'rank_math_title', '_aioseo_title', '_genesis_title'), lost),
    description: plain(
      first('_yoast_wpseo_metadesc', 'rank_math_description', '_aioseo_description', '_genesis_description'),
      lost
    ),
    canonicalUrl:
      item.meta.get('_yoast_wpseo_canonical')?.trim() ||
      item.meta.get('rank_math_canonical_url')?.trim() ||
      item.meta.get('_genesis_canonical_uri')?.trim() ||
      ''
  }
}

/** Its address, its number (`/?p=123`), and its address under each former slug. */
function addressesOf(item: WxrItem, slug: string): string[] {
  const link = item.fields.get('link')?.trim() ?? ''
  const guid = item.fields.get('guid')?.trim() ?? ''
  const id = item.fields.get('wp:post_id')?.trim() ?? ''
  const isLast = slug ? new RegExp(`/${escapePattern(slug)}(?=/?$)`) : null
  const formerly = isLast?.test(link)
    ? item.formerSlugs.map((former) => link.replace(isLast, () => `/${former.trim()}`))
    : []
  const number = item.fields.get('wp:post_type')?.trim() === 'page' ? 'page_id' : 'p'
  return [link, guid, id ? `/?${number}=${id}` : '', ...formerly].filter((text) =>
    /^(https?:|\/)/i.test(text)
  )
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

function tellWhatGoes(item: WxrItem, lost: Losses) {
  if (item.comments > 0) lost.add('comments left out', item.comments)
  if (item.fields.get('wp:is_sticky')?.trim() === '1') lost.add('sticky: pin it in a list instead')
  for (const { domain, nicename } of item.terms) {
    const what = leftOutAs(domain, nicename)
    if (what && what !== 'menu') lost.add(`${what} left out`)
  }
  for (const key of item.meta.keys()) {
    if (!QUIET.test(key)) lost.add(`custom field ${key.slice(0, 60)} left out`)
  }
}
