/**
 * What is live, by slug and in lists. Only the reading tables are named here, so a draft cannot get out: publications
 * with their tags and authors, and the public views.
 */
import type { Static } from 'typebox'
import type { Database, Statement } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { articleAddress } from './addresses.ts'
import type { ArticlesQuery } from './schema.ts'

/** Inclusive, exclusive. `now()` is the beginning of the statement, by the database's clock. */
const live = (p: string) => `${p}.live_from <= now() AND (${p}.live_until IS NULL OR ${p}.live_until > now())`

/** The locale asked for, else the default site's. */
const wanted = (parameter: string) =>
  `coalesce(${parameter}::text, (SELECT locale FROM public_sites WHERE is_default))`

const stamp = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** The site of a publication's own locale: its address template and where its tags' names fall back to. */
const siteOf = 'LEFT JOIN public_sites s ON s.locale = p.locale'

const authors = `
  (SELECT coalesce(json_agg(json_build_object('slug', a.slug, 'name', a.name) ORDER BY x.position), '[]')
   FROM publication_authors x JOIN public_authors a ON a.id = x.author_id WHERE x.publication_id = p.id)`

/** Names in the publication's locale, else along its site's chain, else whatever there is; `locale` says which. */
const tags = `
  (SELECT coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind, 'slug', t.slug, 'name', n.value, 'locale', n.key) ORDER BY x.position), '[]')
   FROM publication_tags x JOIN public_tags t ON t.id = x.tag_id
   CROSS JOIN LATERAL (SELECT key, value FROM jsonb_each_text(t.names)
     ORDER BY coalesce(array_position(p.locale || coalesce(s.fallbacks, '{}'), key), 1000), key LIMIT 1) n
   WHERE x.publication_id = p.id)`

const address = (template: string, p: string, publicUrl: string) =>
  `replace(replace(coalesce(${template}, ${publicUrl}::text || '/{locale}/{slug}'), '{locale}', ${p}.locale), '{slug}', ${p}.slug)`

const bodies = { html: 'p.body_html', blocks: 'p.body', text: 'p.body_text' }
export type BodyForm = keyof typeof bodies

/** $1 slug, $2 locale or null, $3 our own address. Built as JSON by Postgres: for one article that is the fastest. */
function readArticle(forms: BodyForm[]): Statement {
  const body = forms.map((form) => `'${form}', ${bodies[form]}`).join(', ')
  return {
    name: `content-article-${forms.join('-')}`,
    text: `
      WITH chain AS (
        SELECT l.locale, l.place FROM (SELECT ${wanted('$2')} AS locale) w
        LEFT JOIN public_sites s ON s.locale = w.locale
        CROSS JOIN LATERAL unnest(w.locale || coalesce(s.fallbacks, '{}')) WITH ORDINALITY AS l (locale, place)
      ), p AS (
        SELECT p.* FROM chain JOIN publications p ON p.locale = chain.locale AND p.slug = $1::text
        WHERE ${live('p')} ORDER BY chain.place LIMIT 1
      )
      SELECT p.locale, json_build_object(
        'id', p.article_id, 'storyId', p.story_id, 'locale', p.locale, 'slug', p.slug, 'url', ${address('s.article_url', 'p', '$3')},
        'headline', p.headline, 'kicker', p.kicker, 'standfirst', p.standfirst, 'authors', ${authors}, 'source', p.source,
        'tags', ${tags}, 'image', p.image, 'dateline', p.dateline, 'breaking', p.breaking,
        'accessibleForFree', p.accessible_for_free, 'sensitive', p.sensitive, 'wordCount', p.word_count, 'seo', p.seo,
        'rights', p.rights, 'publishedAt', ${stamp('p.published_at')}, 'updatedAt', ${stamp('p.live_from')},
        'body', json_build_object(${body}),
        'translations', (
          SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug, 'url', ${address('os.article_url', 'o', '$3')}) ORDER BY o.locale), '[]')
          FROM publications o LEFT JOIN public_sites os ON os.locale = o.locale
          WHERE o.story_id = p.story_id AND o.article_id <> p.article_id AND ${live('o')})
      )::text AS json
      FROM p ${siteOf}`
  }
}

const statements = new Map<string, Statement>()

/** The live article under this slug as JSON text, in the locale or along its fallbacks; null when there is none. */
export async function findArticle(
  db: Database,
  publicUrl: string,
  slug: string,
  locale: string | undefined,
  forms: BodyForm[]
) {
  const key = forms.join()
  const statement = statements.get(key) ?? readArticle(forms)
  statements.set(key, statement)
  const [row] = await db.query<{ locale: string; json: string }>(statement, [slug, locale ?? null, publicUrl])
  return row ?? null
}

const formerSlug = {
  name: 'content-former-slug',
  text: `
    WITH chain AS (
      SELECT l.locale, l.place FROM (SELECT ${wanted('$2')} AS locale) w
      LEFT JOIN public_sites s ON s.locale = w.locale
      CROSS JOIN LATERAL unnest(w.locale || coalesce(s.fallbacks, '{}')) WITH ORDINALITY AS l (locale, place)
    )
    SELECT p.locale, p.slug FROM chain
    CROSS JOIN LATERAL (
      SELECT f.article_id FROM publications f WHERE f.locale = chain.locale AND f.slug = $1::text AND f.live_from <= now()
      ORDER BY f.live_from DESC LIMIT 1
    ) former
    JOIN publications p ON p.article_id = former.article_id AND ${live('p')}
    ORDER BY chain.place LIMIT 1`
}

/** Where the article that last had this slug is live now; null when it is not, or nobody ever had it. */
export async function findMoved(db: Database, slug: string, locale: string | undefined) {
  const [row] = await db.query<{ locale: string; slug: string }>(formerSlug, [slug, locale ?? null])
  return row ?? null
}

type ItemRow = {
  id: string
  storyId: string
  locale: string
  slug: string
  articleUrl: string | null
  headline: string
  kicker: string
  standfirst: string
  authors: { slug: string; name: string }[]
  source: { name: string; url: string } | null
  tags: { id: string; kind: 'topic'; slug: string; name: string; locale: string }[]
  image: object | null
  dateline: string
  breaking: boolean
  accessibleForFree: boolean
  sensitive: boolean
  wordCount: number
  seo: { title: string | null; description: string | null; canonicalUrl: string | null }
  rights: { licence: string | null; notice: string | null } | null
  publishedAt: Date
  updatedAt: Date
}

const item = `
  p.article_id AS id, p.story_id AS "storyId", p.locale, p.slug, s.article_url AS "articleUrl", p.headline, p.kicker, p.standfirst,
  ${authors} AS authors, p.source, ${tags} AS tags, p.image, p.dateline, p.breaking,
  p.accessible_for_free AS "accessibleForFree", p.sensitive, p.word_count AS "wordCount", p.seo, p.rights,
  p.published_at AS "publishedAt", p.live_from AS "updatedAt"`

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
  const at = leading ? 'lead' : 'p'
  const { where, orderBy } = walk.keyset(
    [
      { sql: `${at}.published_at`, type: 'timestamptz' },
      { sql: `${at}.article_id`, type: 'uuid' }
    ],
    true,
    values
  )
  const conditions = [`${at}.locale = ${wanted('$2')}`, live('p'), where]
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
  if (query.publishedAfter) conditions.push(`${at}.published_at >= ${put(query.publishedAfter)}::timestamptz`)
  if (query.publishedBefore)
    conditions.push(`${at}.published_at < ${put(query.publishedBefore)}::timestamptz`)
  const table = leading
    ? 'publication_tags lead JOIN publications p ON p.id = lead.publication_id'
    : 'publications p'
  const text = `SELECT ${item} FROM ${table} ${siteOf} WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<ItemRow>({ text }, values)
  const items = rows.map(({ articleUrl, ...row }) => ({
    ...row,
    url: articleAddress(articleUrl, publicUrl, row.locale, row.slug)
  }))
  return walk.page(items, (row) => [row.publishedAt, row.id])
}
