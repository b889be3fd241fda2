/** A live article as readers get it. */
import { toMarkdown } from '../body/render-markdown.ts'
import type { StoredBlock } from '../body/schema.ts'
import type { Reader } from '../database/database.ts'
import { articleAddress } from './addresses.ts'
import { type Asked, type BySlug, findBySlug } from './by-slug.ts'
import { type ItemText, itemText, itemTextNames, keysOf, openItem } from './item-text.ts'
import { templateOf } from './items.ts'
import { live } from './live.ts'
import { type Publisher, publisherOf } from './publisher.ts'

/** Markdown is made from the blocks when it is asked for: few ask. */
const bodies = { html: 'p.body_html', blocks: 'p.body::text', markdown: 'p.body::text', text: 'p.body_text' }
export type BodyForm = keyof typeof bodies

type Row = ItemText & {
  publisher?: Publisher
  /** JSON. */
  translations: string
} & Record<BodyForm, string>

/** Of `p` and what stands beside it. */
const shownAs = (forms: BodyForm[], withPublisher: boolean, moment: string) => `
  ${itemText}, ${withPublisher ? `${publisherOf('p.locale')} AS publisher, ` : ''}(
    SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug, 'articleUrl', ${templateOf('os.article_url')}) ORDER BY o.locale)::text, '[]')
    FROM publications o LEFT JOIN public_sites os ON os.locale = o.locale
    WHERE o.story_id = p.story_id AND o.article_id <> p.article_id AND ${live('o', moment)}
  ) AS translations, ${forms.map((form) => `${bodies[form]} AS "${form}"`).join(', ')}`

type Shown = {
  locale: string
  publisher: Publisher | null
  keys: string[]
  json: string
  endsIn: number | null
}

/** What a slug leads to, as JSON text, with the surrogate keys of what is in it, and who publishes it if that is asked for. */
export type Found = BySlug<Shown>

/**
 * The live article under this slug as JSON text, in the locale or along its fallbacks; that it was withdrawn; or where
 * the article that had this slug is now. Null when there is none of these. `withPublisher` gives who publishes it too.
 * One statement, or two when it is not live in the locale.
 */
export async function findArticle(
  db: Reader,
  publicUrl: string,
  asked: Asked,
  forms: BodyForm[],
  { withPublisher = false } = {}
): Promise<Found | null> {
  const found = await findBySlug<Row>(db, asked, {
    name: `article-${forms.join('-')}${withPublisher ? '-publisher' : ''}`,
    columns: (moment) => shownAs(forms, withPublisher, moment),
    names: [...itemTextNames, ...(withPublisher ? ['publisher'] : []), 'translations', ...forms]
  })
  if (found?.state !== 'here') return found
  const { state, publicationId, locale, publisher = null, endsIn } = found
  const body = forms.map((form) => `"${form}":${inJson(form, found[form])}`).join(',')
  // The body comes last, and is not walked through with the rest: blocks are JSON already.
  const json = `${openItem(found, publicUrl)},"body":{${body}},"translations":${withUrls(found.translations, publicUrl)}}`
  return { state, publicationId, locale, publisher, keys: keysOf(found), json, endsIn }
}

type Translation = { locale: string; slug: string; articleUrl: string | null }

/** Most articles have none. */
function withUrls(translations: string, publicUrl: string): string {
  if (translations === '[]') return translations
  const list = (JSON.parse(translations) as Translation[]).map(({ articleUrl, locale, slug }) => ({
    ...{ locale, slug },
    url: articleAddress(articleUrl, publicUrl, locale, slug)
  }))
  return JSON.stringify(list)
}

function inJson(form: BodyForm, stored: string): string {
  if (form === 'blocks') return stored
  return JSON.stringify(form === 'markdown' ? toMarkdown(JSON.parse(stored) as StoredBlock[]) : stored)
}

/** The article's JSON with a member more. */
export const withMember = (json: string, name: string, value: unknown) =>
  `${json.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`

/** The slugs of its tags, of the article's JSON. */
export const tagsOf = (json: string) => (JSON.parse(json) as { tags: { slug: string }[] }).tags
