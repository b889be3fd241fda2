/** Taking an article away for legal reasons, at once and at every moment, and giving it back. */
import { lockArticle, refuseOthers, refuseTrashed, refuseWithdrawn } from '../articles/locking.ts'
import type { Actor } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { Conflict } from '../http/errors.ts'
import { revokePreviewsOf } from '../previews/previews.ts'
import { moveRows, readTimeline } from './moving.ts'
import { getPublication, keysOf, type PublicationView } from './publications.ts'
import { announce, noteOn } from './publishing.ts'
import { covers, endedAt } from './timeline.ts'

/**
 * What is live ends now, what is scheduled goes, previews die, and readers get 410 at every moment. Answers with the
 * publication that was live, else the last that was, else the first that would have been. Throws not_on_timeline when
 * there never was one, article_withdrawn.
 */
export async function withdraw(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string,
  reason: string
): Promise<PublicationView> {
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, articleId)
    refuseOthers(user, article, 'withdraw')
    refuseTrashed(article)
    refuseWithdrawn(article)
    const line = await readTimeline(tx, articleId)
    const rows = endedAt(line.rows, line.now)
    const gone = line.rows.filter((row) => !rows.some(({ id }) => id === row.id))
    const live = line.rows.find((row) => covers(row, line.now))
    const chosen = live ?? rows.at(-1) ?? gone[0]
    if (!chosen) throw Conflict('not_on_timeline', 'Nothing of the article was ever live or scheduled.')
    const cancelled = await Promise.all(gone.map(({ id }) => getPublication(tx, articleId, id)))
    for (const publication of cancelled)
      await announce(tx, article, 'article.unscheduled', { ...publication, state: 'cancelled' })
    const surrogateKeys = await keysOf(tx, articleId)
    await moveRows(tx, articleId, line, rows)
    await tx.prisma.publication.updateMany({ where: { articleId }, data: { withdrawn: true } })
    await tx.prisma.$executeRaw`
      UPDATE articles SET withdrawn_at = clock_timestamp(), withdrawn_reason = ${reason} WHERE id = ${articleId}::uuid`
    await revokePreviewsOf(tx, articleId)
    const { storyId, locale, slug } = article
    await tell(tx, {
      type: 'article.withdrawn',
      subjectId: articleId,
      payload: {
        ...{ id: articleId, storyId, locale, slug, at: line.now.toISOString() },
        // What was live until then.
        publicationId: live?.id ?? null
      },
      surrogateKeys
    })
    await noteOn(tx, actor, 'article.withdrawn', articleId, ['reason'])
    const first = cancelled.find(({ id }) => id === chosen.id)
    return first ? { ...first, state: 'cancelled' } : getPublication(tx, articleId, chosen.id)
  })
}

/**
 * Lifts a withdrawal. Nothing is live again by that: publish it. Answers with the last publication that was live, null
 * when none ever was. Throws article_not_withdrawn.
 */
export async function reinstate(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string
): Promise<PublicationView | null> {
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, articleId)
    if (article.publication.state !== 'withdrawn')
      throw Conflict('article_not_withdrawn', 'The article is not withdrawn.')
    await tx.prisma.publication.updateMany({ where: { articleId }, data: { withdrawn: false } })
    await tx.prisma.article.update({
      where: { id: articleId },
      data: { withdrawnAt: null, withdrawnReason: null }
    })
    const { storyId, locale, slug } = article
    await tell(tx, {
      type: 'article.reinstated',
      subjectId: articleId,
      payload: { id: articleId, storyId, locale, slug },
      surrogateKeys: await keysOf(tx, articleId)
    })
    await noteOn(tx, actor, 'article.reinstated', articleId)
    const { rows } = await readTimeline(tx, articleId)
    const last = rows.at(-1)
    return last ? getPublication(tx, articleId, last.id) : null
  })
}
