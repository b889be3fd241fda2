/**
 * What is live, by slug and in lists. Only the reading tables are named here, so a draft cannot get out: publications
 * with their tags and authors, and the public views.
 */
import type { Static } from 'typebox'
import { toMarkdown } from '../body/render-markdown.ts'
import type { StoredBlock } from '../body/schema.ts'
import type { Database, Statement } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import {
  authors,
  corrections,
  type ItemRow,
  itemColumns,
  shownItem,
  siteOf,
  stamp,
  tags,
  templateOf,
  updatedAt
} from './items.ts'
import { gone, lastHolder, live, momentOf, NOW, places, wanted } from './live.ts'
import type { ArticlesQuery } from './schema.ts'

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
function readArticle(forms: BodyForm[], moment: string): Statement {
  const body = forms.map((form) => `'${form}', ${bodies[form]}`).join(', ')
  return {
    text: `
      WITH chain AS (${places('$2')}), p AS (
        SELECT p.* FROM chain JOIN publications p ON p.locale = chain.locale AND p.slug = $1::text
        WHERE ${gone('p', moment)} OR ${live('p', moment)} ORDER BY chain.place, p.withdrawn LIMIT 1
      )
      SELECT p.locale, p.withdrawn, ${keys} AS keys, CASE WHEN NOT p.withdrawn THEN json_build_object(
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

type Found =
  | { locale: string; withdrawn: false; keys: string[]; json: string }
  | { locale: string; withdrawn: true; keys: string[]; json: null }
type Asked = { slug: string; locale?: string; at?: string }

/**
 * The live article under this slug as JSON text, in the locale or along its fallbacks, or that it was withdrawn; null
 * when there is neither.
 */
export async function findArticle(
  db: Database,
  publicUrl: string,
  { slug, locale, at }: Asked,
  forms: BodyForm[]
): Promise<Found | null> {
  const name = `content-article-${forms.join('-')}`
  const values = [slug, locale ?? null, publicUrl]
  const statement =
    at === undefined
      ? (statements.get(name) ?? { ...readArticle(forms, NOW), name })
      : readArticle(forms, momentOf(at, values))
  if (at === undefined) statements.set(name, statement)
  const [row] = await db.query<Found>(statement, values)
  if (!row) return null
  return forms.includes('markdown') && row.json ? { ...row, json: withMarkdown(row.json) } : row
}

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

const hasTag = (slug: string) =>
  `EXISTS (SELECT FROM publication_tags x JOIN public_tag_slugs g ON g.tag_id = x.tag_id WHERE x.publication_id = p.id AND g.slug = ${slug}::text)`

/** Live articles of one locale, newest first: one statement. An unknown tag or author finds nothing. */
export async function listLive(
  db: Database,
  publicUrl: string,
  query: Static<typeof ArticlesQuery>,
  walk: Walk
) {
  const values: unknown[] = [walk.take, query.locale ?? null]
  const put = (value: unknown) => `$${values.push(value)}`
  const [first, ...others] = query.tag ?? []
  // One tag, or the first of those that must all be there, leads: its articles stand in order in one index.
  const leading = first !== undefined && (others.length === 0 || query.tagMode === 'all')
  const lead = leading ? 'lead' : 'p'
  const { where, orderBy } = walk.keyset(
    [
      { sql: `${lead}.published_at`, type: 'timestamptz' },
      { sql: `${lead}.article_id`, type: 'uuid' }
    ],
    true,
    values
  )
  const moment = momentOf(query.at, values)
  const conditions = [`${lead}.locale = ${wanted('$2')}`, live('p', moment), where]
  if (leading) {
    conditions.push(`lead.tag_id = (SELECT tag_id FROM public_tag_slugs WHERE slug = ${put(first)}::text)`)
    for (const slug of others) conditions.push(hasTag(put(slug)))
  } else if (query.tag) {
    conditions.push(`(${query.tag.map((slug) => hasTag(put(slug))).join(' OR ')})`)
  }
  for (const slug of query.excludeTag ?? []) conditions.push(`NOT ${hasTag(put(slug))}`)
  if (query.author) {
    conditions.push(
      `EXISTS (SELECT FROM publication_authors x JOIN public_authors a ON a.id = x.author_id WHERE x.publication_id = p.id AND a.slug = ${put(query.author)}::text)`
    )
  }
  if (query.source) conditions.push(`p.source ->> 'name' = ${put(query.source)}::text`)
  if (query.publishedAfter)
    conditions.push(`${lead}.published_at >= ${put(query.publishedAfter)}::timestamptz`)
  if (query.publishedBefore)
    conditions.push(`${lead}.published_at < ${put(query.publishedBefore)}::timestamptz`)
  const table = leading
    ? 'publication_tags lead JOIN publications p ON p.id = lead.publication_id'
    : 'publications p'
  const text = `SELECT ${itemColumns} FROM ${table} ${siteOf} WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<ItemRow>({ text }, values)
  return walk.page(
    rows.map((row) => shownItem(row, publicUrl)),
    (row) => [row.publishedAt, row.id]
  )
}
