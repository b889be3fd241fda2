/** What a front end needs besides the stories. */
import type { Reader } from '../database/database.ts'
import { defaultStrings } from './strings.ts'

type Document = {
  name: string
  tagline: string
  timeZone: string
  navigation: { label: string; url: string }[]
  networks: { network: string; label: string; url: string }[]
  apps: { store: string; label: string; url: string }[]
  terms: { text: string; link: { label: string; url: string } } | null
  copyright: string
  strings: Record<string, string>
}

const readSite = {
  name: 'content-site',
  text: `
    SELECT s.locale, s.fallbacks, s.document, coalesce($2::timestamptz, now()) AS now,
      (SELECT json_agg(json_build_object('locale', o.locale, 'name', o.document ->> 'name', 'isDefault', o.is_default) ORDER BY NOT o.is_default, o.locale)
       FROM public_sites o) AS locales
    FROM public_sites s WHERE s.locale = $1::text OR s.is_default ORDER BY (s.locale = $1::text) IS TRUE DESC LIMIT 1`
}

type Row = {
  locale: string
  fallbacks: string[]
  document: Document
  now: Date
  locales: { locale: string; name: string; isDefault: boolean }[]
}

/** The site of a locale, else the default one; null when none was set up. */
export async function readPublicSite(db: Reader, { locale, at }: { locale?: string; at?: string }) {
  const [row] = await db.query<Row>(readSite, [locale ?? null, at ?? null])
  if (!row) return null
  const { strings, copyright, ...document } = row.document
  return {
    ...document,
    locale: row.locale,
    direction: isRightToLeft(row.locale) ? ('rtl' as const) : ('ltr' as const),
    copyright: copyright.replaceAll('{year}', yearIn(document.timeZone, row.now)),
    strings: { ...defaultStrings([row.locale, ...row.fallbacks]), ...strings },
    locales: row.locales
  }
}

/** The year of a moment in a time zone. Reckoned here: Postgres does not know every zone that Node does, and settings are checked against Node's. */
export const yearIn = (timeZone: string, moment: Date) =>
  new Intl.DateTimeFormat('en', { timeZone, year: 'numeric' }).format(moment)

const RIGHT_TO_LEFT = new Set([
  'ar',
  'arc',
  'ckb',
  'dv',
  'fa',
  'ha',
  'he',
  'ks',
  'ku',
  'ps',
  'sd',
  'ug',
  'ur',
  'yi'
])
const isRightToLeft = (locale: string) =>
  /-(Arab|Hebr)\b/.test(locale) || (!/-Latn\b/.test(locale) && RIGHT_TO_LEFT.has(locale.split('-')[0] ?? ''))
