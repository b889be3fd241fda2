/** What editors do with working copies. Each change is one transaction with its revision, event and audit row. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import { Picture } from '../authors/schema.ts'
import { countWords } from '../body/render.ts'
import type { Database, Transaction } from '../database/database.ts'
import { Prisma } from '../database/generated/client.ts'
import type { Stage } from '../database/generated/enums.ts'
import { tell } from '../events/outbox.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Conflict, Forbidden, Invalid } from '../http/errors.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { Check } from '../http/validation.ts'
import { slugFrom } from '../slugs.ts'
import { freeSlug, keptSlug, queueForSlug, whileSlugsMove } from './article-slugs.ts'
import { type Content, changedContent, contentFrom, contentOf, hashOf, inOrder, patched } from './content.ts'
import { type ArticleView, getArticle, isOwn } from './reading.ts'
import { type ArticlePatch, type NewArticle, Source } from './schema.ts'

/** An article, locked for the rest of the transaction, with what decides over its changes. */
export type Locked = ArticleView & {
  slugGenerated: boolean
  onTimelineEver: boolean
  contentHash: string
  own: boolean
}

/**
 * Locks an article's row and reads it. Everything that changes an article begins here, so its changes come one after
 * another. Throws NotFound also for what a contributor may not know of.
 */
export async function lockArticle(tx: Transaction, user: Caller, id: string): Promise<Locked> {
  const [lock] = await tx.prisma.$queryRaw<{ slug_generated: boolean; content_hash: string }[]>`
    SELECT slug_generated, content_hash FROM articles WHERE id = ${id}::uuid FOR UPDATE`
  const article = await getArticle(tx, user, id)
  const ever = await tx.prisma.publication.findFirst({ where: { articleId: id }, select: { id: true } })
  const own = isOwn(user, article)
  return {
    ...article,
    slugGenerated: lock?.slug_generated ?? false,
    contentHash: lock?.content_hash ?? '',
    onTimelineEver: ever !== null,
    own
  }
}

/** Throws Forbidden unless the article is theirs to change: editors change all, authors and contributors their own. */
export function refuseOthers(user: Caller, article: Locked, doing: string) {
  if (!atLeast(user.role, 'editor') && !article.own)
    throw Forbidden(`You may ${doing} only articles of your own.`)
}

function refuseUneditable(user: Caller, article: Locked) {
  refuseOthers(user, article, 'change')
  if (article.trashedAt) throw Conflict('article_trashed', 'The article is in the trash.')
  refuseHandedIn(user, article)
}

/** What a contributor wrote is theirs to change until it is handed in or published. */
function refuseHandedIn(user: Caller, article: Locked) {
  if (user.role !== 'contributor') return
  if (article.stage !== ('draft' satisfies Stage)) throw Forbidden('It was handed in: an editor has it now.')
  if (article.onTimelineEver) throw Forbidden('It has been published: an author or editor changes it now.')
}

/**
 * Writes a new article, version 1. Without a slug one is made from the headline. `storyId` is for translations.
 * Throws slug_taken when a chosen slug is another's; Invalid for unknown tags and authors.
 */
export async function createArticle(
  db: Database,
  actor: Actor,
  user: Caller,
  input: Static<typeof NewArticle>,
  storyId = uuid()
): Promise<ArticleView> {
  const content = contentOf(input)
  return whileSlugsMove(input.slug === undefined, () =>
    db.transaction(async (tx) => {
      const id = uuid()
      if (input.slug) await queueForSlug(tx, input.locale, input.slug)
      const slug =
        input.slug ?? (await freeSlug(tx, input.locale, slugFrom(content.headline, 'article'), null))
      const whole = inOrder({ ...content, slug })
      await refuseUnknownIds(tx, whole)
      await tx.prisma.article.create({
        data: {
          id,
          storyId,
          locale: input.locale,
          slugGenerated: input.slug === undefined,
          createdBy: user.id,
          ...columnsOf(whole)
        }
      })
      await setTagsAndAuthors(tx, id, whole)
      await writeRevision(tx, id, 1, whole, user.id, input.message)
      await tell(tx, {
        type: 'article.created',
        subjectId: id,
        payload: { id, storyId, locale: input.locale, slug, version: 1 },
        surrogateKeys: [`article:${id}`]
      })
      await note(tx, actor, {
        action: 'article.created',
        resource: 'article',
        resourceId: id,
        fields: Object.keys(input)
      })
      return getArticle(tx, user, id)
    })
  )
}

/** A merge patch over the working copy; readers see it when it is published. Throws Stale, slug_taken, article_trashed. */
export async function changeArticle(
  db: Database,
  actor: Actor,
  check: Check,
  user: Caller,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof ArticlePatch>
): Promise<ArticleView> {
  return whileSlugsMove(typeof patch.slug !== 'string', () =>
    db.transaction(async (tx) => {
      const article = await lockArticle(tx, user, id)
      refuseUneditable(user, article)
      refuseStale(expected, article.version)
      const before = contentFrom(article)
      const after = patched(before, patch)
      if (after.source) check(Source, after.source, '/source')
      if (after.image) check(Picture, after.image, '/image')

      const slugGenerated = patch.slug === null || (patch.slug === undefined && article.slugGenerated)
      const follows =
        patch.slug === null ||
        (slugGenerated && !article.onTimelineEver && after.headline !== before.headline)
      if (patch.slug) await queueForSlug(tx, article.locale, patch.slug)
      if (follows) after.slug = await freeSlug(tx, article.locale, slugFrom(after.headline, 'article'), id)

      const staysOwn = isOwn(user, { createdBy: article.createdBy, authors: after.authors })
      if (user.role === 'contributor' && !staysOwn) {
        throw Forbidden(
          'Without your byline the article would no longer be yours: ask an editor to take it off.'
        )
      }

      const fields = changedContent(before, after)
      if (fields.length === 0 && slugGenerated === article.slugGenerated) return getArticle(tx, user, id)
      await refuseUnknownIds(tx, after)
      const version = article.version + 1
      await tx.prisma.article.update({ where: { id }, data: { ...columnsOf(after), slugGenerated, version } })
      await setTagsAndAuthors(tx, id, after)
      await writeRevision(tx, id, version, after, user.id, patch.message)
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
          data: { trashedAt: null, slug, version, contentHash: hashOf(after) }
        })
        await writeRevision(tx, id, version, after, user.id, undefined)
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
    await tx.prisma.article.delete({ where: { id } })
    await tell(tx, {
      type: 'article.purged',
      subjectId: id,
      payload: { id },
      surrogateKeys: [`article:${id}`]
    })
    await note(tx, actor, { action: 'article.purged', resource: 'article', resourceId: id })
  })
}

function columnsOf(whole: Content) {
  const { authors: _, tags: __, source, image, rights, ...content } = whole
  return {
    ...content,
    source: source ?? Prisma.DbNull,
    image: image ?? Prisma.DbNull,
    rights: rights ?? Prisma.DbNull,
    wordCount: countWords(content.body),
    contentHash: hashOf(whole)
  }
}

async function setTagsAndAuthors(tx: Transaction, articleId: string, { tags, authors }: Content) {
  await tx.prisma.articleTag.deleteMany({ where: { articleId } })
  await tx.prisma.articleAuthor.deleteMany({ where: { articleId } })
  await tx.prisma.articleTag.createMany({
    data: tags.map((tagId, position) => ({ articleId, tagId, position }))
  })
  await tx.prisma.articleAuthor.createMany({
    data: authors.map((authorId, position) => ({ articleId, authorId, position }))
  })
}

async function writeRevision(
  tx: Transaction,
  articleId: string,
  version: number,
  content: Content,
  createdBy: string,
  message: string | undefined
) {
  await tx.prisma.revision.createMany({
    data: { articleId, version, content, contentHash: hashOf(content), message, createdBy }
  })
}

/** Says which id is not there; the foreign keys would only say that one is not. */
async function refuseUnknownIds(tx: Transaction, { tags, authors }: Content) {
  const knownTags =
    tags.length > 0 ? await tx.prisma.tag.findMany({ where: { id: { in: tags } }, select: { id: true } }) : []
  const knownAuthors =
    authors.length > 0
      ? await tx.prisma.author.findMany({ where: { id: { in: authors } }, select: { id: true } })
      : []
  for (const [name, ids, known] of [
    ['tags', tags, knownTags],
    ['authors', authors, knownAuthors]
  ] as const) {
    const twice = ids.findIndex((id, index) => ids.indexOf(id) < index)
    if (twice >= 0) throw Invalid(`/${name}/${twice}`, 'is there twice', 'unique_items')
    const there = new Set(known.map((row) => row.id))
    const missing = ids.findIndex((id) => !there.has(id))
    if (missing >= 0) throw Invalid(`/${name}/${missing}`, 'is not the id of one', 'unknown_id')
  }
}
