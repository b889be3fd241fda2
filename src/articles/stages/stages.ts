/** Where a text stands in the newsroom. Not whether readers see it: that is the timeline's. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../../audit/audit.ts'
import type { Database, Transaction } from '../../database/database.ts'
import type { Stage } from '../../database/generated/enums.ts'
import { tell } from '../../events/outbox.ts'
import { atLeast, type Caller } from '../../http/access.ts'
import { Forbidden } from '../../http/errors.ts'
import type { Walk } from '../../http/pagination.ts'
import { refuseStale } from '../../http/preconditions.ts'
import { lockArticle, refuseOthers, refuseTrashed } from '../locking.ts'
import { type ArticleView, getArticle, seeArticle } from '../reading.ts'
import type { NewStageMove } from './schema.ts'

export type StageMoveView = {
  id: string
  from: Stage
  to: Stage
  note: string | null
  movedBy: string
  movedByName: string
  movedAt: Date
}

/** Editors move as they see fit; others hand in a draft, and an editor decides from there. */
const mayMove = (user: Caller, from: Stage, to: Stage) =>
  from === to || atLeast(user.role, 'editor') || (from === 'draft' && to === 'in_review')

/**
 * Moves an article to a stage; to the one it is in, nothing is written. The version stays: the content does. Throws
 * Forbidden, article_trashed, Stale.
 */
export async function moveStage(
  db: Database,
  actor: Actor,
  user: Caller,
  id: string,
  expected: ReadonlySet<number>,
  move: Static<typeof NewStageMove>
): Promise<ArticleView> {
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, id)
    const { stage: from } = article
    const { to } = move
    refuseOthers(user, article, 'hand in')
    refuseTrashed(article)
    if (!mayMove(user, from, to))
      throw Forbidden('You may hand in a draft (draft to in_review). Other moves are an editor’s.')
    refuseStale(expected, article.version)
    if (from === to) return article
    await tx.prisma.$executeRaw`UPDATE articles SET stage = ${to}::stage WHERE id = ${id}::uuid`
    await keepMove(tx, user, id, from, move)
    await tell(tx, {
      type: 'article.stage_moved',
      subjectId: id,
      payload: { id, from, to },
      surrogateKeys: []
    })
    await note(tx, actor, {
      action: 'article.stage_moved',
      resource: 'article',
      resourceId: id,
      fields: ['stage'],
      details: { from, to }
    })
    return getArticle(tx, user, id)
  })
}

/** The article is locked, so moves come one after another; their moments do too, also within a millisecond. */
async function keepMove(
  tx: Transaction,
  user: Caller,
  articleId: string,
  from: Stage,
  move: Static<typeof NewStageMove>
) {
  await tx.prisma.$executeRaw`
    INSERT INTO stage_moves (id, article_id, from_stage, to_stage, note, moved_by, moved_at)
    SELECT ${uuid()}::uuid, ${articleId}::uuid, ${from}::stage, ${move.to}::stage, ${move.note ?? null}::text, ${user.id}::uuid,
      greatest(date_trunc('milliseconds', clock_timestamp()), max(moved_at) + interval '1 millisecond')
    FROM stage_moves WHERE article_id = ${articleId}::uuid`
}

/** An article's moves from stage to stage, newest first. Throws NotFound for what a person may not know of. */
export async function listStageMoves(db: Database, user: Caller, articleId: string, walk: Walk) {
  await seeArticle(db, user, articleId)
  const values: unknown[] = [walk.take, articleId]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'm.moved_at', type: 'timestamptz' },
      { sql: 'm.id', type: 'uuid' }
    ],
    true,
    values
  )
  const text = `
    SELECT m.id, m.from_stage AS "from", m.to_stage AS "to", m.note, m.moved_by AS "movedBy", u.name AS "movedByName",
      m.moved_at AS "movedAt"
    FROM stage_moves m JOIN users u ON u.id = m.moved_by
    WHERE m.article_id = $2::uuid AND ${where} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<StageMoveView>({ text }, values), (move) => [move.movedAt, move.id])
}
