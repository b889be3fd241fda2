/** One settings document per locale. */
import type { Static } from 'typebox'
import { type Actor, note } from '../audit/audit.ts'
import { SHARE_CHANNELS } from '../content/share-schema.ts'
import type { Connection, Database } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import { Conflict, Forbidden, Invalid } from '../http/errors.ts'
import { changedFields, mergePatch } from '../http/merge.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { Check } from '../http/validation.ts'
import { fillShareLinks } from '../share-links/default-links.ts'
import { type Site, type SitePatch, SiteSettings } from './schema.ts'

type SiteView = Static<typeof Site>
/** What is kept as one JSON document. */
type Document = Omit<SiteView, 'locale' | 'isDefault' | 'articleUrl' | 'fallbacks' | 'version' | 'updatedAt'>
type SiteRow = {
  locale: string
  is_default: boolean
  article_url: string
  fallbacks: string[]
  document: Record<string, unknown>
  version: number
  updated_at: Date
}

const getRow = {
  name: 'get-site',
  text: 'SELECT locale, is_default, article_url, fallbacks, document, version, updated_at FROM sites WHERE locale = $1::text'
}

/** The document of a locale. One that was never set up reads as version 0, so that the first PATCH has an ETag to send. */
export async function getSite(db: Connection, locale: string, publicUrl: string): Promise<SiteView> {
  const [row] = await db.query<SiteRow>(getRow, [locale])
  const { is_default, article_url, fallbacks, document, version, updated_at } =
    row ?? blank(await defaultTemplate(db, publicUrl))
  const { name, tagline, timeZone, navigation, networks, apps, shareChannels, terms, copyright, strings } =
    document as Pick<SiteView, keyof Document>
  return {
    locale,
    isDefault: is_default,
    articleUrl: article_url,
    fallbacks,
    name,
    tagline,
    timeZone,
    navigation,
    networks,
    apps,
    // Sites older than this setting do not have it.
    shareChannels: shareChannels ?? SHARE_CHANNELS,
    terms,
    copyright,
    strings,
    version,
    updatedAt: updated_at
  }
}

/** Where the articles of a locale without a site of its own are: as the default site says, else under our own address. */
async function defaultTemplate(db: Connection, publicUrl: string) {
  const site = await db.prisma.site.findFirst({ where: { isDefault: true }, select: { articleUrl: true } })
  return site?.articleUrl ?? `${publicUrl}/{locale}/{slug}`
}

const blank = (articleUrl: string) => ({
  is_default: false,
  article_url: articleUrl,
  fallbacks: [],
  document: {
    name: 'Dateline',
    tagline: '',
    timeZone: 'UTC',
    navigation: [],
    networks: [],
    apps: [],
    shareChannels: SHARE_CHANNELS,
    terms: null,
    copyright: '',
    strings: {}
  },
  version: 0,
  updated_at: null
})

/** Changes, or sets up, the document of a locale. Throws Stale, default_site; Forbidden when `articleUrl` is not theirs. */
export async function changeSite(
  db: Database,
  actor: Actor,
  check: Check,
  locale: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof SitePatch>,
  { mayMove, publicUrl }: { mayMove: boolean; publicUrl: string }
): Promise<SiteView> {
  return db.transaction(async (tx) => {
    // Sites are few and change seldom: one change at a time keeps "one default" simple.
    await tx.prisma.$executeRaw`LOCK TABLE sites IN SHARE ROW EXCLUSIVE MODE`
    const { version, updatedAt: _, locale: __, ...before } = await getSite(tx, locale, publicUrl)
    refuseStale(expected, version)
    const { strings, ...plain } = patch
    const after = { ...before, ...plain, strings: mergePatch(before.strings, strings) }
    const others = await tx.prisma.site.findMany({
      where: { locale: { not: locale } },
      select: { locale: true, isDefault: true, articleUrl: true }
    })
    if (!others.some((site) => site.isDefault)) {
      if (version > 0 && patch.isDefault === false)
        throw Conflict('default_site', 'This is the default site: make another one the default first.')
      after.isDefault = true
    }
    check(SiteSettings, after, '')
    if (!mayMove && after.articleUrl !== before.articleUrl)
      throw Forbidden('Only an admin may change articleUrl.')
    const present = others.find((site) => site.isDefault)?.articleUrl ?? after.articleUrl
    if (!mayMove && after.isDefault && after.articleUrl !== present)
      throw Forbidden(
        'Its articleUrl is another one than the default site’s, and counts for all without a site: only an admin may make it the default.'
      )
    refuseTemplate(after.articleUrl)
    refuseTimeZone(after.timeZone)

    const fields = changedFields(before, after)
    if (fields.length === 0 && version > 0) return getSite(tx, locale, publicUrl)
    const fills = version === 0 || fields.some((field) => FILLING.includes(field))
    const { isDefault, articleUrl, fallbacks, ...document } = after
    const data = { isDefault, articleUrl, fallbacks, document }
    if (isDefault)
      await tx.prisma.site.updateMany({
        where: { isDefault: true, locale: { not: locale } },
        data: { isDefault: false, version: { increment: 1 } }
      })
    if (version === 0) await tx.prisma.site.create({ data: { locale, ...data } })
    else await tx.prisma.site.update({ where: { locale }, data: { ...data, version: { increment: 1 } } })
    if (fills) await fillShareLinks(tx, isDefault ? null : locale)
    const moves = version === 0 || fields.some((field) => MOVING.includes(field))
    const surrogateKeys = [`site:${locale}`, 'sites', ...(moves ? ['addresses'] : [])]
    await tell(tx, { type: 'site.updated', subjectId: null, payload: { locale, fields }, surrogateKeys })
    await note(tx, actor, { action: 'site.updated', resource: `site:${locale}`, resourceId: null, fields })
    return getSite(tx, locale, publicUrl)
  }, MOST_MS)
}

/** A channel more is a link more for each article of an archive. */
const MOST_MS = 60_000
/** What says which channels the articles of a locale have links for. */
const FILLING = ['shareChannels', 'isDefault']

/** What says where articles stand, and in which language what is missing in one is read. */
const MOVING = ['isDefault', 'articleUrl', 'fallbacks']

/** The placeholders may stand in the path and the query, and nothing else may be in braces. */
export function refuseTemplate(template: string) {
  const filled = template.replaceAll('{slug}', 'a').replaceAll('{locale}', 'a')
  if (/[{}]/.test(filled) || !URL.canParse(filled))
    throw Invalid(
      '/articleUrl',
      'must be an address with {slug} and, if you like, {locale} in its path or query'
    )
}

/** A zone by name: Postgres counts offsets such as +03:00 from the other side. */
export function refuseTimeZone(timeZone: string, pointer = '/timeZone') {
  try {
    if (/^[+-]/.test(timeZone)) throw new RangeError('an offset')
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw Invalid(pointer, 'is not an IANA time zone', 'time_zone')
  }
}
