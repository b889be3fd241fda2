/** Writing a new article: its row, tags, authors, first revision, event and audit row, in one statement. */
import { v7 as uuid } from 'uuid'
import { type Actor, noted } from '../audit/audit.ts'
import { countWords } from '../body/render.ts'
import type { Connection } from '../database/database.ts'
import { told } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { Conflict } from '../http/errors.ts'
import { slugLock } from './article-slugs.ts'
import { type Content, contentHashOf } from './content.ts'
import type { ArticleView } from './reading.ts'
import { refuseTwice, refuseUnknownIds } from './versions.ts'

export type First = {
  storyId: string
  /** The article it was translated from. */
  translationOf?: string
  locale: string
  content: Content
  slugGenerated: boolean
  message: string | undefined
  /** For the audit. */
  fields: string[]
}

/**
 * $1 id, $2 story, $3 locale, $4 the content as a revision keeps it, $5 its hash, $6 words, $7 whether the slug was made,
 * $8 message, $9 by whom, $10 the event, $11 the audit row. Nothing is written, and no row comes back, when a tag or an
 * author is unknown. Who wants the same slug waits at the lock: at the exclusion constraint two would deadlock.
 */
const write = {
  name: 'write-article',
  text: `
    WITH queued AS MATERIALIZED (SELECT ${slugLock('$3', "($4::json ->> 'slug')")}),
    given AS MATERIALIZED (
      SELECT c.* FROM queued CROSS JOIN json_to_record($4::json) AS c (slug text, headline text, kicker text, standfirst text,
        body json, tags json, authors json, source json, image json, dateline text, breaking boolean,
        "accessibleForFree" boolean, sensitive boolean, seo json, rights json)
    ), tagged AS MATERIALIZED (
      SELECT x.id::uuid AS id, x.place - 1 AS position FROM given, json_array_elements_text(tags) WITH ORDINALITY AS x (id, place)
    ), signed AS MATERIALIZED (
      SELECT x.id::uuid AS id, x.place - 1 AS position FROM given, json_array_elements_text(authors) WITH ORDINALITY AS x (id, place)
    ), article AS (
      INSERT INTO articles (id, story_id, locale, slug, slug_generated, headline, kicker, standfirst, body, source, image, dateline,
        breaking, accessible_for_free, sensitive, seo, rights, word_count, content_hash, created_by)
      SELECT $1::uuid, $2::uuid, $3::text, slug, $7::boolean, headline, kicker, standfirst, body, source, image, dateline,
        breaking, "accessibleForFree", sensitive, seo, rights, $6::int, $5::text, $9::uuid
      FROM given
      WHERE (SELECT count(*) FROM tags t WHERE t.id IN (SELECT id FROM tagged)) = (SELECT count(*) FROM tagged)
        AND (SELECT count(*) FROM authors w WHERE w.id IN (SELECT id FROM signed)) = (SELECT count(*) FROM signed)
      RETURNING id, created_at, updated_at
    ), tags_written AS (
      INSERT INTO article_tags (article_id, tag_id, position) SELECT article.id, tagged.id, tagged.position FROM article, tagged
    ), authors_written AS (
      INSERT INTO article_authors (article_id, author_id, position) SELECT article.id, signed.id, signed.position FROM article, signed
    ), revision AS (
      INSERT INTO revisions (article_id, version, content, content_hash, message, created_by)
      SELECT id, 1, $4::json, $5::text, $8::text, $9::uuid FROM article
    ), event AS (${told('$10', 'article')}), deed AS (${noted('$11', 'article')})
    SELECT created_at AS "createdAt", updated_at AS "updatedAt" FROM article`
}

/**
 * Version 1 of a new article. Throws slug_taken for a slug that another has, Invalid for unknown tags and authors. `run`
 * runs the statement: in a transaction of its own, or as a part of one.
 */
export async function writeArticle(
  db: Connection,
  run: Connection['query'],
  actor: Actor,
  user: Caller,
  { storyId, translationOf, locale, content, slugGenerated, message, fields }: First
): Promise<ArticleView> {
  refuseTwice(content)
  const id = uuid()
  const { slug } = content
  const event = {
    type: 'article.created',
    subjectId: id,
    payload: { id, storyId, locale, slug, version: 1, ...(translationOf && { translationOf }) },
    // Readers are shown nothing of it.
    surrogateKeys: []
  }
  const deed = { action: 'article.created', resource: 'article', resourceId: id, fields }
  const wordCount = countWords(content.body)
  const [written] = await run<{ createdAt: Date; updatedAt: Date }>(write, [
    id,
    storyId,
    locale,
    JSON.stringify(content),
    contentHashOf(content),
    wordCount,
    slugGenerated,
    message ?? null,
    user.id,
    told.values(event),
    noted.values(actor, deed)
  ])
  if (!written) {
    await refuseUnknownIds(db, content)
    throw Conflict('unknown_reference', 'A tag or author named in the request came or went just now.')
  }
  const { body, ...shown } = content
  return {
    ...{ ...shown, id, storyId, locale, wordCount, stage: 'draft', version: 1, ...written },
    ...{ body: { blocks: body }, createdBy: user.id, trashedAt: null, withdrawal: null },
    publication: {
      state: 'none',
      liveFrom: null,
      liveUntil: null,
      version: null,
      hasUnpublishedChanges: false
    }
  }
}
