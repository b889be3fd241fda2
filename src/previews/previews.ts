/** Preview links: a secret for each, that shows a working copy to whoever has it, for a while. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { lockArticle, refuseOthers, refuseTrashed, refuseWithdrawn } from '../articles/locking.ts'
import { getArticle, isOwn, own } from '../articles/reading.ts'
import { type Actor, note } from '../audit/audit.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Forbidden, Invalid, NotFound } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import { hashOfToken, newToken } from '../secrets.ts'
import type { MadePreviewLink, NewPreviewLink, PreviewLink } from './schema.ts'

type PreviewLinkView = Static<typeof PreviewLink>
type MadeView = Static<typeof MadePreviewLink>

const DAYS = 7
const MOST_DAYS = 30

/**
 * Whether a link `l` can be read: neither used up, expired nor revoked, its article there for readers to come, and its
 * maker still somebody who could make it.
 */
export const works = `
  (l.revoked_at IS NULL AND l.expires_at > clock_timestamp() AND (l.max_uses IS NULL OR l.uses < l.max_uses)
   AND EXISTS (SELECT FROM articles a JOIN users u ON u.id = l.created_by LEFT JOIN authors s ON s.user_id = u.id
     WHERE a.id = l.article_id AND a.trashed_at IS NULL AND a.withdrawn_at IS NULL AND u.disabled_at IS NULL
       AND (u.role IN ('editor', 'admin') OR u.role = 'author' AND ${own('u.id', 's.id')})))`

const view = `
  l.id, l.article_id AS "articleId", l.version, l.expires_at AS "expiresAt", l.max_uses AS "maxUses", l.uses,
  l.last_used_at AS "lastUsedAt", ${works} AS works, l.created_by AS "createdBy", l.created_at AS "createdAt",
  l.revoked_at AS "revokedAt"`

const readOne = { name: 'get-preview', text: `SELECT ${view} FROM preview_links l WHERE l.id = $1::uuid` }

async function getPreview(db: Connection, id: string): Promise<PreviewLinkView> {
  const [link] = await db.query<PreviewLinkView>(readOne, [id])
  if (!link) throw NotFound('preview')
  return link
}

/** The preview links of an article, newest first, also those that work no more. Throws Forbidden as making one does. */
export async function listPreviews(db: Database, user: Caller, articleId: string, walk: Walk) {
  const article = await getArticle(db, user, articleId)
  refuseOthers(user, { own: isOwn(user, article) }, 'preview')
  const values: unknown[] = [walk.take, articleId]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'l.created_at', type: 'timestamptz' },
      { sql: 'l.id', type: 'uuid' }
    ],
    true,
    values
  )
  const text = `SELECT ${view} FROM preview_links l WHERE l.article_id = $2::uuid AND ${where} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<PreviewLinkView>({ text }, values), (link) => [link.createdAt, link.id])
}

/**
 * Makes a link. Its token is in this answer and nowhere else. Throws Forbidden, article_trashed, article_withdrawn;
 * Invalid for an end that is past or too far, and for a version that is not there.
 */
export async function createPreview(
  db: Database,
  actor: Actor,
  user: Caller,
  publicUrl: string,
  articleId: string,
  input: Static<typeof NewPreviewLink>
): Promise<MadeView> {
  const { version = null, maxUses = null } = input
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, articleId)
    refuseOthers(user, article, 'preview')
    refuseTrashed(article)
    refuseWithdrawn(article)
    if (version !== null) await refuseUnknownVersion(tx, articleId, version, article.version)
    const expiresAt = await endOf(tx, input.expiresAt)
    const id = uuid()
    const token = newToken('dlp_')
    await tx.prisma.previewLink.create({
      data: { id, articleId, tokenHash: hashOfToken(token), version, expiresAt, maxUses, createdBy: user.id }
    })
    await tell(tx, {
      type: 'preview.created',
      subjectId: id,
      payload: { id, articleId, version, expiresAt: expiresAt.toISOString() },
      surrogateKeys: []
    })
    await note(tx, actor, {
      action: 'preview.created',
      resource: 'preview',
      resourceId: id,
      fields: Object.keys(input)
    })
    return { ...(await getPreview(tx, id)), token, url: `${publicUrl}/v1/content/previews/${token}` }
  })
}

/** By the database's clock, in whole milliseconds. */
async function endOf(tx: Transaction, asked: string | undefined): Promise<Date> {
  const [row] = await tx.query<{ ends: Date; ahead: boolean; near: boolean }>(
    {
      text: `SELECT e.ends, e.ends > now AS ahead, e.ends <= now + make_interval(days => $3::int) AS near
        FROM (SELECT clock_timestamp() AS now) c
        CROSS JOIN LATERAL (SELECT coalesce($1::timestamptz(3), (now + make_interval(days => $2::int))::timestamptz(3)) AS ends) e`
    },
    [asked ?? null, DAYS, MOST_DAYS]
  )
  const { ends, ahead, near } = row as { ends: Date; ahead: boolean; near: boolean }
  if (!ahead) throw Invalid('/expiresAt', 'is not in the future', 'in_the_past')
  if (!near) throw Invalid('/expiresAt', `is more than ${MOST_DAYS} days ahead`, 'too_far')
  return ends
}

async function refuseUnknownVersion(tx: Transaction, articleId: string, version: number, latest: number) {
  const revision = await tx.prisma.revision.findUnique({
    where: { articleId_version: { articleId, version } },
    select: { version: true }
  })
  if (!revision)
    throw Invalid('/version', `is not a version of this article (1 to ${latest})`, 'unknown_version')
}

/** Ends a link at once; of one that has been, nothing changes. Authors end those they made and those of their articles. */
export async function revokePreview(db: Database, actor: Actor, user: Caller, id: string) {
  await db.transaction(async (tx) => {
    const link = await getPreview(tx, id)
    if (!atLeast(user.role, 'editor') && link.createdBy !== user.id) {
      const article = await getArticle(tx, user, link.articleId)
      if (!isOwn(user, article))
        throw Forbidden('You may end only previews you made or of your own articles.')
    }
    const ended = await tx.prisma.$executeRaw`
      UPDATE preview_links SET revoked_at = clock_timestamp() WHERE id = ${id}::uuid AND revoked_at IS NULL`
    if (ended === 0) return
    const { articleId } = link
    await tell(tx, {
      type: 'preview.revoked',
      subjectId: id,
      payload: { id, articleId },
      surrogateKeys: []
    })
    await note(tx, actor, { action: 'preview.revoked', resource: 'preview', resourceId: id })
  })
}

/** Ends all links of an article for good. What it is withdrawn with is told there. Answers with how many there were. */
export async function revokePreviewsOf(tx: Transaction, articleId: string): Promise<number> {
  return tx.prisma.$executeRaw`
    UPDATE preview_links SET revoked_at = clock_timestamp()
    WHERE article_id = ${articleId}::uuid AND revoked_at IS NULL`
}
