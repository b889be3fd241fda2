/** An article locked for change, and whose it is to change. Everything that changes an article begins here. */
import type { Transaction } from '../database/database.ts'
import type { Stage } from '../database/generated/enums.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Conflict, Forbidden } from '../http/errors.ts'
import { type ArticleView, getArticle, isOwn } from './reading.ts'

/** An article, locked for the rest of the transaction, with what decides over its changes. */
export type Locked = ArticleView & { slugGenerated: boolean; onTimelineEver: boolean; own: boolean }

/**
 * Locks an article's row and reads it, so that its changes come one after another; rows that refer to it may be made
 * meanwhile. Throws NotFound also for what a contributor may not know of.
 */
export async function lockArticle(tx: Transaction, user: Caller, id: string): Promise<Locked> {
  const [lock] = await tx.prisma.$queryRaw<{ slug_generated: boolean }[]>`
    SELECT slug_generated FROM articles WHERE id = ${id}::uuid FOR NO KEY UPDATE`
  const article = await getArticle(tx, user, id)
  const ever = await tx.prisma.publication.findFirst({ where: { articleId: id }, select: { id: true } })
  return {
    ...article,
    slugGenerated: lock?.slug_generated ?? false,
    onTimelineEver: ever !== null,
    own: isOwn(user, article)
  }
}

/** Throws Forbidden unless the article is theirs to change: editors change all, authors and contributors their own. */
export function refuseOthers(user: Caller, article: Pick<Locked, 'own'>, doing: string) {
  if (!atLeast(user.role, 'editor') && !article.own)
    throw Forbidden(`You may ${doing} only articles of your own.`)
}

export function refuseTrashed(article: Locked) {
  if (article.trashedAt) throw Conflict('article_trashed', 'The article is in the trash.')
}

export function refuseWithdrawn(article: Locked) {
  if (article.publication.state === 'withdrawn')
    throw Conflict('article_withdrawn', 'The article is withdrawn: an editor has to reinstate it first.')
}

/** Throws unless the person may write a new version of it now. */
export function refuseUneditable(user: Caller, article: Locked) {
  refuseOthers(user, article, 'change')
  refuseTrashed(article)
  refuseHandedIn(user, article)
}

/** What a contributor wrote is theirs to change until it is handed in or published. */
export function refuseHandedIn(user: Caller, article: Locked) {
  if (user.role !== 'contributor') return
  if (article.stage !== ('draft' satisfies Stage)) throw Forbidden('It was handed in: an editor has it now.')
  if (article.onTimelineEver) throw Forbidden('It has been published: an author or editor changes it now.')
}
