/** Reading through a preview link: what the article would be if it were live. */
import type { Static } from 'typebox'
import type { Content } from '../articles/content.ts'
import { countWords, toHtml, toMarkdown, toText } from '../body/render.ts'
import type { StoredBlock } from '../body/schema.ts'
import { articleAddress } from '../content/addresses.ts'
import type { BodyForm } from '../content/articles.ts'
import { corrections, templateOf, updatedAt } from '../content/items.ts'
import { bestText, live, NOW } from '../content/live.ts'
import type { Database } from '../database/database.ts'
import { NotFound } from '../http/errors.ts'
import { hashOfToken } from '../secrets.ts'
import { works } from './previews.ts'
import type { ContentPreview } from './schema.ts'

type Address = { locale: string; slug: string; articleUrl: string | null }

type Row = {
  id: string
  storyId: string
  locale: string
  content: Content
  articleUrl: string | null
  tags: { id: string; kind: 'topic'; slug: string; name: string; locale: string }[]
  authors: { slug: string; name: string }[]
  translations: Address[]
  publishedAt: Date | null
  updatedAt: Date | null
  corrections: { at: string; text: string }[]
  version: number
  expiresAt: Date
  usesLeft: number | null
}

/** Of a merged tag, the one it became; of deleted tags and authors, nothing: as if it were published now. */
const tags = `
  (SELECT coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind, 'slug', t.slug, 'name', n.value, 'locale', n.key) ORDER BY x.position), '[]')
   FROM (SELECT coalesce(m.into_id, given.id::uuid) AS id, min(given.position) AS position
     FROM json_array_elements_text(r.content -> 'tags') WITH ORDINALITY AS given (id, position)
     LEFT JOIN tag_merges m ON m.from_id = given.id::uuid GROUP BY 1) x
   JOIN tags t ON t.id = x.id
   CROSS JOIN ${bestText('t.names', "a.locale || coalesce(s.fallbacks, '{}')")} n)`

const authors = `
  (SELECT coalesce(json_agg(json_build_object('slug', w.slug, 'name', w.name) ORDER BY x.position), '[]')
   FROM json_array_elements_text(r.content -> 'authors') WITH ORDINALITY AS x (id, position)
   JOIN authors w ON w.id = x.id::uuid)`

const translations = `
  (SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug, 'articleUrl', ${templateOf('os.article_url')}) ORDER BY o.locale), '[]')
   FROM publications o LEFT JOIN public_sites os ON os.locale = o.locale
   WHERE o.story_id = a.story_id AND o.article_id <> a.id AND ${live('o', NOW)})`

/** The use is counted by the statement that decides on it, so that the last one is given once, on however many instances. */
const count = `
  UPDATE preview_links l SET uses = l.uses + 1, last_used_at = clock_timestamp()
  WHERE l.token_hash = $1::bytea AND ${works}
  RETURNING l.article_id, l.version, l.expires_at, l.max_uses - l.uses AS uses_left`

/** For HEAD: what GET would say. */
const look = `
  SELECT l.article_id, l.version, l.expires_at, l.max_uses - l.uses - 1 AS uses_left
  FROM preview_links l WHERE l.token_hash = $1::bytea AND ${works}`

const read = (used: string) => `
  WITH used AS (${used})
  SELECT a.id, a.story_id AS "storyId", a.locale, r.content, ${templateOf('s.article_url')} AS "articleUrl",
    ${tags} AS tags, ${authors} AS authors, ${translations} AS translations,
    p.published_at AS "publishedAt", ${updatedAt} AS "updatedAt", ${corrections} AS corrections,
    r.version, used.expires_at AS "expiresAt", used.uses_left AS "usesLeft"
  FROM used JOIN articles a ON a.id = used.article_id
  JOIN revisions r ON r.article_id = a.id AND r.version = coalesce(used.version, a.version)
  LEFT JOIN public_sites s ON s.locale = a.locale
  LEFT JOIN LATERAL (SELECT b.* FROM publications b WHERE b.article_id = a.id AND b.live_from <= ${NOW}
    ORDER BY b.live_from DESC LIMIT 1) p ON true`

const readAndCount = { name: 'read-preview', text: read(count) }
const readOnly = { name: 'look-at-preview', text: read(look) }

const bodyForms: Record<BodyForm, (blocks: StoredBlock[]) => StoredBlock[] | string> = {
  html: toHtml,
  blocks: (blocks) => blocks,
  markdown: toMarkdown,
  text: toText
}

/**
 * The version the link shows, as readers would get it; counts the use, if `counts`. Throws the same NotFound for every
 * reason a link does not work.
 */
export async function readPreview(
  db: Database,
  publicUrl: string,
  token: string,
  forms: BodyForm[],
  counts: boolean
): Promise<Static<typeof ContentPreview>> {
  const [row] = await db.query<Row>(counts ? readAndCount : readOnly, [hashOfToken(token)])
  if (!row) throw NotFound('preview')
  const { content, articleUrl, translations, version, expiresAt, usesLeft, ...article } = row
  const { body: blocks, slug, ...fields } = content
  const addressOf = ({ articleUrl, locale, slug }: Address) =>
    articleAddress(articleUrl, publicUrl, locale, slug)
  return {
    ...fields,
    ...article,
    slug,
    url: addressOf({ ...article, slug, articleUrl }),
    wordCount: countWords(blocks),
    body: Object.fromEntries(forms.map((form) => [form, bodyForms[form](blocks)])),
    translations: translations.map((other) => ({
      locale: other.locale,
      slug: other.slug,
      url: addressOf(other)
    })),
    preview: { version, expiresAt, usesLeft }
  }
}
