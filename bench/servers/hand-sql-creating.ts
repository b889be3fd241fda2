/**
 * The hand-written statement that writes a new article: the same rows as Dateline, in one statement. It knows who writes,
 * finds no slug, checks no tag, and refuses nothing.
 */
import { createHash, randomUUID } from 'node:crypto'

export type Given = {
  locale: string
  headline: string
  standfirst: string
  body: { blocks: { children: { text: string }[] }[] }
  tags: string[]
}

/** $1 id, $2 story, $3 the content, $4 locale, $5 hash, $6 words, $7 by whom, $8 event, $9 its payload, $10 audit row, $11 its fields. */
const write = {
  name: 'create-article',
  text: `
    WITH article AS (
      INSERT INTO articles (id, story_id, locale, slug, slug_generated, headline, standfirst, body, seo, word_count, content_hash, created_by)
      SELECT $1, $2, $4, $3::json ->> 'slug', true, $3::json ->> 'headline', $3::json ->> 'standfirst', $3::json -> 'body',
        $3::json -> 'seo', $6, $5, $7
      RETURNING created_at, updated_at
    ), tags AS (
      INSERT INTO article_tags (article_id, tag_id, position)
      SELECT $1, t.id::uuid, t.place - 1 FROM json_array_elements_text($3::json -> 'tags') WITH ORDINALITY AS t (id, place)
    ), revision AS (
      INSERT INTO revisions (article_id, version, content, content_hash, created_by) VALUES ($1, 1, $3, $5, $7)
    ), event AS (
      INSERT INTO events (id, type, subject_id, payload, surrogate_keys) VALUES ($8, 'article.created', $1, $9, '{}')
    ), deed AS (
      INSERT INTO audit (id, user_id, action, resource, resource_id, fields, network, request_id)
      VALUES ($10::uuid, $7, 'article.created', 'article', $1, $11, '127.0.0.0/24', $10::uuid::text)
    )
    SELECT created_at AS "createdAt", updated_at AS "updatedAt" FROM article`
}

const seo = { title: null, description: null, canonicalUrl: null }
const publication = {
  state: 'none',
  liveFrom: null,
  liveUntil: null,
  version: null,
  hasUnpublishedChanges: false
}

/** What to run for it, and what to answer with the moments that come back. */
export function creating(given: Given, createdBy: string) {
  const { locale, headline, standfirst, tags } = given
  const id = randomUUID()
  const storyId = randomUUID()
  const slug = headline
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const plain = {
    headline,
    slug,
    kicker: '',
    standfirst,
    authors: [],
    tags,
    source: null,
    image: null,
    dateline: '',
    breaking: false,
    accessibleForFree: true,
    sensitive: false,
    seo,
    rights: null
  }
  const { blocks } = given.body
  const content = JSON.stringify({ ...plain, body: blocks })
  const text = blocks.map(({ children }) => children.map((span) => span.text).join('')).join(' ')
  const wordCount = text.split(/\s+/).length
  const hash = createHash('sha256').update(content).digest('base64url')
  const payload = { id, storyId, locale, slug, version: 1 }
  return {
    statement: {
      ...write,
      values: [
        ...[id, storyId, content, locale, hash, wordCount, createdBy],
        ...[randomUUID(), payload, randomUUID(), Object.keys(given)]
      ]
    },
    shown: (moments: object) => ({
      ...plain,
      ...{ id, storyId, locale, wordCount, stage: 'draft', version: 1, ...moments },
      ...{ body: { blocks }, createdBy, trashedAt: null, withdrawal: null, publication }
    })
  }
}
