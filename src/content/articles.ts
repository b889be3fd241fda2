/** A live article as readers get it. */
import { toMarkdown } from '../body/render-markdown.ts'
import type { StoredBlock } from '../body/schema.ts'
import type { Database } from '../database/database.ts'
import { type Asked, type BySlug, findBySlug } from './by-slug.ts'
import { authorObject, corrections, stamp, tagObject, templateOf, updatedAt } from './items.ts'
import { live } from './live.ts'
import { type Publisher, publisherOf } from './publisher.ts'

const address = (template: string, p: string, publicUrl: string) =>
  `replace(replace(coalesce(${templateOf(template)}, ${publicUrl}::text || '/{locale}/{slug}'), '{locale}', ${p}.locale), '{slug}', ${p}.slug)`

/** Markdown is made from the blocks when it is asked for: few ask. */
const bodies = { html: 'p.body_html', blocks: 'p.body::text', markdown: 'p.body::text', text: 'p.body_text' }
export type BodyForm = keyof typeof bodies

/** Lateral: tags and authors as they are shown, and as surrogate keys. One pass for both. */
const around = `
  CROSS JOIN LATERAL (SELECT coalesce(json_agg(${tagObject} ORDER BY x.position), '[]') AS shown, string_agg(' tag:' || t.id, '') AS keys
    FROM publication_tags x JOIN public_tags t ON t.id = x.tag_id WHERE x.publication_id = p.id) tagged
  CROSS JOIN LATERAL (SELECT coalesce(json_agg(${authorObject} ORDER BY x.position), '[]') AS shown, string_agg(' author:' || a.id, '') AS keys
    FROM publication_authors x JOIN public_authors a ON a.id = x.author_id WHERE x.publication_id = p.id) signed`

type Row = {
  publisher: Publisher | null
  keys: string
  /** All but `body` and `translations`. */
  json: string
  translations: string
} & Record<BodyForm, string>

/**
 * Of `p`; $3 is our own address. For one article it is fastest when Postgres builds the JSON of its many short members,
 * and the long ones come as they are.
 */
function shownAs(forms: BodyForm[], withPublisher: boolean, moment: string): string {
  return `
    concat('article:', p.article_id, tagged.keys, signed.keys) AS keys,
    ${withPublisher ? publisherOf('p.locale') : 'NULL::json'} AS publisher, json_build_object(
      'id', p.article_id, 'storyId', p.story_id, 'locale', p.locale, 'slug', p.slug, 'url', ${address('s.article_url', 'p', '$3')},
      'headline', p.headline, 'kicker', p.kicker, 'standfirst', p.standfirst, 'authors', signed.shown, 'source', p.source,
      'tags', tagged.shown, 'image', p.image, 'dateline', p.dateline, 'breaking', p.breaking,
      'accessibleForFree', p.accessible_for_free, 'sensitive', p.sensitive, 'wordCount', p.word_count, 'seo', p.seo,
      'rights', p.rights, 'corrections', ${corrections}, 'publishedAt', ${stamp('p.published_at')}, 'updatedAt', ${stamp(updatedAt)}
    )::text AS json, (
      SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug, 'url', ${address('os.article_url', 'o', '$3')}) ORDER BY o.locale), '[]')
      FROM publications o LEFT JOIN public_sites os ON os.locale = o.locale
      WHERE o.story_id = p.story_id AND o.article_id <> p.article_id AND ${live('o', moment)}
    )::text AS translations, ${forms.map((form) => `${bodies[form]} AS "${form}"`).join(', ')}`
}

/** What a slug leads to, as JSON text, with the surrogate keys of what is in it, and who publishes it if that is asked for. */
export type Found = BySlug<{ publisher: Publisher | null; keys: string; json: string }>

/**
 * The live article under this slug as JSON text, in the locale or along its fallbacks; that it was withdrawn; or where
 * the article that had this slug is now. Null when there is none of these. `withPublisher` gives who publishes it too.
 * One statement, or two when it is not live in the locale.
 */
export async function findArticle(
  db: Database,
  publicUrl: string,
  asked: Asked,
  forms: BodyForm[],
  { withPublisher = false } = {}
): Promise<Found | null> {
  const found = await findBySlug<Row>(db, asked, {
    name: `article-${forms.join('-')}${withPublisher ? '-publisher' : ''}`,
    columns: (moment) => shownAs(forms, withPublisher, moment),
    names: ['keys', 'publisher', 'json', 'translations', ...forms],
    joins: around,
    values: [publicUrl]
  })
  if (found?.state !== 'here') return found
  const { state, id, locale, publisher, keys } = found
  const body = forms.map((form) => `"${form}":${inJson(form, found[form])}`).join(',')
  const json = `${found.json.slice(0, -1)},"body":{${body}},"translations":${found.translations}}`
  return { state, id, locale, publisher, keys, json }
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
