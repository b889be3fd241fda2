/**
 * What is live, by slug. Only the reading tables are named here, so a draft cannot get out: publications with their tags
 * and authors, and the public views.
 */
import { toMarkdown } from '../body/render-markdown.ts'
import type { StoredBlock } from '../body/schema.ts'
import type { Database, Statement } from '../database/database.ts'
import { authorObject, corrections, siteOf, stamp, tagObject, templateOf, updatedAt } from './items.ts'
import { gone, lastHolder, live, momentOf, NOW, places, wanted } from './live.ts'
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

type Asked = { slug: string; locale?: string; at?: string }
type Row = {
  id: string
  locale: string
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
    p.id, p.locale, concat('article:', p.article_id, tagged.keys, signed.keys) AS keys,
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

/** $1 slug, $2 locale or null: live in just this locale, as nearly all that is asked for is. */
const readHere = (shown: string, moment: string) => `
  SELECT ${shown} FROM publications p ${siteOf} ${around}
  WHERE p.slug = $1::text AND p.locale = ${wanted('$2')} AND ${live('p', moment)}`

/**
 * The same along the chain of fallbacks; that it was withdrawn, and none of its text; else where the article that last
 * had this slug is live now.
 */
const readElsewhere = (shown: string, moment: string, forms: BodyForm[]) => {
  const noText = `NULL, NULL, NULL, NULL, ${forms.map(() => 'NULL').join(', ')}`
  return `
  WITH chain AS (${places('$2')}), found AS MATERIALIZED (
    SELECT p.* FROM chain JOIN publications p ON p.locale = chain.locale AND p.slug = $1::text
    WHERE ${gone('p', moment)} OR ${live('p', moment)} ORDER BY chain.place, p.withdrawn LIMIT 1
  )
  SELECT 'here' AS state, ${shown}, NULL AS slug FROM found p ${siteOf} ${around} WHERE NOT p.withdrawn
  UNION ALL SELECT 'gone', id, locale, ${noText}, slug FROM found WHERE withdrawn
  UNION ALL (
    SELECT 'moved', p.article_id, p.locale, ${noText}, p.slug FROM chain
    CROSS JOIN ${lastHolder('chain.locale', '$1::text', moment)} former
    JOIN publications p ON p.article_id = former.article_id AND ${live('p', moment)}
    WHERE NOT EXISTS (SELECT FROM found) ORDER BY chain.place LIMIT 1)`
}

type Statements = { here: Statement; elsewhere: Statement }

function statementsAt(moment: string, forms: BodyForm[], withPublisher: boolean): Statements {
  const shown = shownAs(forms, withPublisher, moment)
  return { here: { text: readHere(shown, moment) }, elsewhere: { text: readElsewhere(shown, moment, forms) } }
}

const statements = new Map<string, Statements>()

function statementsNow(forms: BodyForm[], withPublisher: boolean): Statements {
  const name = `${forms.join('-')}${withPublisher ? '-publisher' : ''}`
  const known = statements.get(name)
  if (known) return known
  const { here, elsewhere } = statementsAt(NOW, forms, withPublisher)
  const named = {
    here: { ...here, name: `content-article-${name}` },
    elsewhere: { ...elsewhere, name: `content-article-elsewhere-${name}` }
  }
  statements.set(name, named)
  return named
}

/** `id` is the publication's; of what has moved, the article's. */
export type Found =
  | { state: 'here'; id: string; locale: string; publisher: Publisher | null; keys: string[]; json: string }
  | { state: 'gone' }
  | { state: 'moved'; id: string; locale: string; slug: string }

/**
 * The live article under this slug as JSON text, in the locale or along its fallbacks; that it was withdrawn; or where
 * the article that had this slug is now. Null when there is none of these. `withPublisher` gives who publishes it too.
 * One statement, or two when it is not live in the locale.
 */
export async function findArticle(
  db: Database,
  publicUrl: string,
  { slug, locale, at }: Asked,
  forms: BodyForm[],
  { withPublisher = false } = {}
): Promise<Found | null> {
  const values: unknown[] = [slug, locale ?? null, publicUrl]
  const { here, elsewhere } =
    at === undefined
      ? statementsNow(forms, withPublisher)
      : statementsAt(momentOf(at, values), forms, withPublisher)
  const [live] = await db.query<Row>(here, values)
  if (live) return { state: 'here', ...finished(live, forms) }
  const [row] = await db.query<Row & { state: Found['state']; slug: string }>(elsewhere, values)
  if (!row) return null
  if (row.state === 'here') return { state: 'here', ...finished(row, forms) }
  return row.state === 'gone'
    ? { state: 'gone' }
    : { state: 'moved', id: row.id, locale: row.locale, slug: row.slug }
}

function finished(row: Row, forms: BodyForm[]) {
  const { id, locale, publisher, keys } = row
  const body = forms.map((form) => `"${form}":${inJson(form, row[form])}`).join(',')
  const json = `${row.json.slice(0, -1)},"body":{${body}},"translations":${row.translations}}`
  return { id, locale, publisher, keys: keys.split(' '), json }
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
