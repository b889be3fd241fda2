/** What editors do with working copies. Each change is one transaction with its revision, event and audit row. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import { shownBy } from '../content/keys.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { Conflict } from '../http/errors.ts'
import { Picture } from '../http/picture.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { Check } from '../http/validation.ts'
import { slugFrom } from '../slugs.ts'
import { freeSlug, isSlugTaken, keptSlug, queuedSlug, queueForSlug, whileSlugsMove } from './article-slugs.ts'
import {
  type Content,
  changedContent,
  contentFrom,
  contentHashOf,
  contentOf,
  inOrder,
  patched
} from './content.ts'
import { lockArticle, refuseHandedIn, refuseOthers, refuseUneditable } from './locking.ts'
import { type ArticleView, getArticle } from './reading.ts'
import { type ArticlePatch, type NewArticle, Source } from './schema.ts'
import { writeRevision, writeVersion } from './versions.ts'
import { writeArticle } from './writing.ts'

/**
 * Writes a new article, version 1. Without a slug one is made from the headline. Throws slug_taken when a chosen slug is
 * another's; Invalid for unknown tags and authors.
 */
export async function createArticle(
  db: Database,
  actor: Actor,
  user: Caller,
  input: Static<typeof NewArticle>,
  storyId = uuid()
): Promise<ArticleView> {
  const { locale, slug: chosen } = input
  const content = contentOf(input)
  const write = (on: Connection, run: Connection['query'], slug: string) =>
    writeArticle(on, run, actor, user, firstOf(input, content, slug, storyId))
  if (chosen !== undefined) return write(db, db.change, chosen)
  const base = slugFrom(content.headline, 'article')
  try {
    return await write(db, db.change, await freeSlug(db, locale, base, null))
  } catch (error) {
    if (!isSlugTaken(error)) throw error
  }
  // Others have the same headline at the same time: one after another.
  return whileSlugsMove(true, () =>
    db.transaction(async (tx) => write(tx, tx.query, await queuedSlug(tx, locale, base, null)))
  )
}

/** The same as a part of a transaction. `slug`: the chosen one, or one that was found free in it. */
export const createWithin = (
  tx: Transaction,
  actor: Actor,
  user: Caller,
  input: Static<typeof NewArticle>,
  slug: string
): Promise<ArticleView> =>
  writeArticle(tx, tx.query, actor, user, firstOf(input, contentOf(input), slug, uuid()))

function firstOf(
  input: Static<typeof NewArticle>,
  content: Omit<Content, 'slug'>,
  slug: string,
  storyId: string
) {
  const { locale, message } = input
  const fields = Object.keys(input)
  const slugGenerated = input.slug === undefined
  return { storyId, locale, slugGenerated, message, fields, content: inOrder({ ...content, slug }) }
}

type Patch = Static<typeof ArticlePatch>

/**
 * A merge patch over the working copy; readers see it when it is published. The patch may be made from the content
 * there is, which is locked meanwhile. Throws Stale, slug_taken, article_trashed.
 */
export async function changeArticle(
  db: Database,
  actor: Actor,
  check: Check,
  user: Caller,
  id: string,
  expected: ReadonlySet<number>,
  change: Patch | ((before: Content) => Patch)
): Promise<ArticleView> {
  const slugIsMade = typeof change === 'function' || typeof change.slug !== 'string'
  return whileSlugsMove(slugIsMade, () =>
    db.transaction(async (tx) => {
      const article = await lockArticle(tx, user, id)
      refuseUneditable(user, article)
      refuseStale(expected, article.version)
      const before = contentFrom(article)
      const patch = typeof change === 'function' ? change(before) : change
      const after = patched(before, patch)
      if (after.source) check(Source, after.source, '/source')
      if (after.image) check(Picture, after.image, '/image')

      const slugGenerated = patch.slug === null || (patch.slug === undefined && article.slugGenerated)
      const follows =
        patch.slug === null ||
        (slugGenerated && !article.onTimelineEver && after.headline !== before.headline)
      if (patch.slug) await queueForSlug(tx, article.locale, patch.slug)
      if (follows) after.slug = await queuedSlug(tx, article.locale, slugFrom(after.headline, 'article'), id)

      const fields = changedContent(before, after)
      if (fields.length === 0 && slugGenerated === article.slugGenerated) return getArticle(tx, user, id)
      const version = await writeVersion(tx, user, article, after, { slugGenerated, message: patch.message })
      await tell(tx, {
        type: 'article.edited',
        subjectId: id,
        payload: { id, version, fields },
        surrogateKeys: []
      })
      await note(tx, actor, { action: 'article.edited', resource: 'article', resourceId: id, fields })
      return getArticle(tx, user, id)
    })
  )
}

/** Into the trash. Throws article_on_timeline while it is live or scheduled. */
export async function trashArticle(
  db: Database,
  actor: Actor,
  user: Caller,
  id: string,
  expected: ReadonlySet<number>
) {
  await db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, id)
    refuseUneditable(user, article)
    refuseStale(expected, article.version)
    const { state } = article.publication
    if (state === 'live' || state === 'scheduled')
      throw Conflict('article_on_timeline', `The article is ${state}.`)
    await tx.prisma.$executeRaw`UPDATE articles SET trashed_at = clock_timestamp() WHERE id = ${id}::uuid`
    await tell(tx, { type: 'article.trashed', subjectId: id, payload: { id }, surrogateKeys: [] })
    await note(tx, actor, { action: 'article.trashed', resource: 'article', resourceId: id })
  })
}

/** Out of the trash, with its slug or, when that was taken meanwhile, one beside it. Throws article_not_trashed. */
export async function restoreArticle(
  db: Database,
  actor: Actor,
  user: Caller,
  id: string
): Promise<ArticleView> {
  return whileSlugsMove(true, () =>
    db.transaction(async (tx) => {
      const article = await lockArticle(tx, user, id)
      refuseOthers(user, article, 'restore')
      refuseHandedIn(user, article)
      if (!article.trashedAt) throw Conflict('article_not_trashed', 'The article is not in the trash.')
      const content = contentFrom(article)
      const slug = await keptSlug(tx, article)
      if (slug === article.slug) {
        await tx.prisma.article.update({ where: { id }, data: { trashedAt: null } })
      } else {
        const after = { ...content, slug }
        const version = article.version + 1
        await tx.prisma.article.update({
          where: { id },
          data: { trashedAt: null, slug, version, contentHash: contentHashOf(after) }
        })
        await writeRevision(tx, id, version, after, user.id, {})
      }
      await tell(tx, { type: 'article.restored', subjectId: id, payload: { id, slug }, surrogateKeys: [] })
      await note(tx, actor, {
        action: 'article.restored',
        resource: 'article',
        resourceId: id,
        fields: slug === article.slug ? [] : ['slug']
      })
      return getArticle(tx, user, id)
    })
  )
}

/** Removes an article for ever, with its revisions, past publications and share links. Only from the trash. */
export async function purgeArticle(
  db: Database,
  actor: Actor,
  user: Caller,
  id: string,
  expected: ReadonlySet<number>
) {
  await db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, id)
    refuseStale(expected, article.version)
    if (!article.trashedAt) throw Conflict('article_not_trashed', 'Only what is in the trash can be purged.')
    // It goes with the article: who tells readers of its past, perhaps later, finds it here.
    const timeline = await tx.query<{ liveFrom: Date; liveUntil: Date | null }>(
      {
        text: `SELECT id, story_id AS "storyId", locale, slug, version, live_from AS "liveFrom", live_until AS "liveUntil"
          FROM publications WHERE article_id = $1::uuid ORDER BY live_from`
      },
      [id]
    )
    // What is past is shown too: that it was withdrawn, or where a former slug leads.
    const keys = await tx.query<{ key: string }>(shownBy, [[id]])
    await tx.prisma.article.delete({ where: { id } })
    await tell(tx, {
      type: 'article.purged',
      subjectId: id,
      payload: { id, timeline: JSON.parse(JSON.stringify(timeline)) },
      surrogateKeys: keys.map(({ key }) => key)
    })
    await note(tx, actor, { action: 'article.purged', resource: 'article', resourceId: id })
  })
}
