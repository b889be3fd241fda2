/**
 * What is live, by slug. Only the reading tables are named here, so a draft cannot get out: publications with their tags
 * and authors, and the public views.
 */
import { toMarkdown } from '../body/render-markdown.ts'
import type { StoredBlock } from '../body/schema.ts'
import type { Database, Statement } from '../database/database.ts'
import { authors, corrections, siteOf, stamp, tags, templateOf, updatedAt } from './items.ts'
import { gone, lastHolder, live, momentOf, NOW, places } from './live.ts'
import { type Publisher, publisherOf } from './publisher.ts'

const address = (template: string, p: string, publicUrl: string) =>
  `replace(replace(coalesce(${templateOf(template)}, ${publicUrl}::text || '/{locale}/{slug}'), '{locale}', ${p}.locale), '{slug}', ${p}.slug)`

/** Markdown is made from the blocks when it is asked for: few ask. */
const bodies = { html: 'p.body_html', blocks: 'p.body', markdown: 'p.body', text: 'p.body_text' }
export type BodyForm = keyof typeof bodies

/** What it is shown with, as surrogate keys. */
const keys = `
  ARRAY(SELECT 'article:' || p.article_id UNION ALL SELECT 'tag:' || x.tag_id FROM publication_tags x WHERE x.publication_id = p.id
    UNION ALL SELECT 'author:' || x.author_id FROM publication_authors x WHERE x.publication_id = p.id)`

/** $1 slug, $2 locale or null, $3 our own address. Built as JSON by Postgres: for one article that is the fastest. */
function readArticle(forms: BodyForm[], withPublisher: boolean, moment: string): Statement {
  const body = forms.map((form) => `'${form}', ${bodies[form]}`).join(', ')
  return {
    text: `
      WITH chain AS (${places('$2')}), p AS (
        SELECT p.* FROM chain JOIN publications p ON p.locale = chain.locale AND p.slug = $1::text
        WHERE ${gone('p', moment)} OR ${live('p', moment)} ORDER BY chain.place, p.withdrawn LIMIT 1
      )
      SELECT p.id, p.locale, p.withdrawn, ${keys} AS keys, ${withPublisher ? publisherOf('p.locale') : 'NULL'} AS publisher, CASE WHEN NOT p.withdrawn THEN json_build_object(
        'id', p.article_id, 'storyId', p.story_id, 'locale', p.locale, 'slug', p.slug, 'url', ${address('s.article_url', 'p', '$3')},
        'headline', p.headline, 'kicker', p.kicker, 'standfirst', p.standfirst, 'authors', ${authors}, 'source', p.source,
        'tags', ${tags}, 'image', p.image, 'dateline', p.dateline, 'breaking', p.breaking,
        'accessibleForFree', p.accessible_for_free, 'sensitive', p.sensitive, 'wordCount', p.word_count, 'seo', p.seo,
        'rights', p.rights, 'corrections', ${corrections}, 'publishedAt', ${stamp('p.published_at')}, 'updatedAt', ${stamp(`(${updatedAt})`)},
        'body', json_build_object(${body}),
        'translations', (
          SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug, 'url', ${address('os.article_url', 'o', '$3')}) ORDER BY o.locale), '[]')
          FROM publications o LEFT JOIN public_sites os ON os.locale = o.locale
          WHERE o.story_id = p.story_id AND o.article_id <> p.article_id AND ${live('o', moment)})
      )::text END AS json
      FROM p ${siteOf}`
  }
}

const statements = new Map<string, Statement>()

/** `id` is the publication's. */
type Found = { id: string; locale: string; keys: string[]; publisher: Publisher | null } & (
  | { withdrawn: false; json: string }
  | { withdrawn: true; json: null }
)
type Asked = { slug: string; locale?: string; at?: string }

/**
 * The live article under this slug as JSON text, in the locale or along its fallbacks, or that it was withdrawn; null
 * when there is neither. `withPublisher` gives who publishes it too.
 */
export async function findArticle(
  db: Database,
  publicUrl: string,
  { slug, locale, at }: Asked,
  forms: BodyForm[],
  { withPublisher = false } = {}
): Promise<Found | null> {
  const name = `content-article-${forms.join('-')}${withPublisher ? '-publisher' : ''}`
  const values = [slug, locale ?? null, publicUrl]
  const statement =
    at === undefined
      ? (statements.get(name) ?? { ...readArticle(forms, withPublisher, NOW), name })
      : readArticle(forms, withPublisher, momentOf(at, values))
  if (at === undefined) statements.set(name, statement)
  const [row] = await db.query<Found>(statement, values)
  if (!row) return null
  return forms.includes('markdown') && row.json ? { ...row, json: withMarkdown(row.json) } : row
}

/** The article's JSON with a member more. */
export const withMember = (json: string, name: string, value: unknown) =>
  `${json.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`

/** The slugs of its tags, of the article's JSON. */
export const tagsOf = (json: string) => (JSON.parse(json) as { tags: { slug: string }[] }).tags

function withMarkdown(json: string) {
  const article = JSON.parse(json) as { body: { markdown: StoredBlock[] | string } }
  article.body.markdown = toMarkdown(article.body.markdown as StoredBlock[])
  return JSON.stringify(article)
}

const formerSlug = (moment: string) => `
  WITH chain AS (${places('$2')})
  SELECT p.article_id AS id, p.locale, p.slug FROM chain
  CROSS JOIN ${lastHolder('chain.locale', '$1::text', moment)} former
  JOIN publications p ON p.article_id = former.article_id AND ${live('p', moment)}
  ORDER BY chain.place LIMIT 1`

const formerSlugNow = { name: 'content-former-slug', text: formerSlug(NOW) }

/** Where the article that last had this slug is live; null when it is not, or nobody ever had it. */
export async function findMoved(db: Database, { slug, locale, at }: Asked) {
  const values = [slug, locale ?? null]
  const statement = at === undefined ? formerSlugNow : { text: formerSlug(momentOf(at, values)) }
  const [row] = await db.query<{ id: string; locale: string; slug: string }>(statement, values)
  return row ?? null
}
