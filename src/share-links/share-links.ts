/** Share links: short public addresses of articles. A code, once given, is never given again. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { lockArticle, refuseOthers, refuseTrashed } from '../articles/locking.ts'
import { getArticle, isOwn } from '../articles/reading.ts'
import { type Actor, note } from '../audit/audit.ts'
import { shareKey } from '../content/keys.ts'
import { type Connection, type Database, refusalOf } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Conflict, Forbidden } from '../http/errors.ts'
import { changedFields } from '../http/merge.ts'
import { refuseStale } from '../http/preconditions.ts'
import { newCode, refuseReserved } from './codes.ts'
import { refuseMisfits } from './limits.ts'
import { getShareLink, type ShareLinkView } from './reading.ts'
import type { NewArticleShareLink, ShareLinkPatch } from './schema.ts'

type Wishes = Static<typeof NewArticleShareLink>

/** What somebody may choose of a link, and change later. */
type Chosen = Pick<
  ShareLinkView,
  | 'code'
  | 'utm'
  | 'redirectStatus'
  | 'validFrom'
  | 'expiresAt'
  | 'expiredUrl'
  | 'maxClicks'
  | 'card'
  | 'indexable'
  | 'note'
>

/** What a link is when nobody says otherwise. */
const plain = (code: string, channel: string, campaign: string): Chosen => ({
  code,
  utm: { source: channel, medium: 'social', campaign: campaign || null, term: null, content: null },
  redirectStatus: 302,
  validFrom: null,
  expiresAt: null,
  expiredUrl: null,
  maxClicks: null,
  card: { title: null, description: null, image: null },
  indexable: false,
  note: ''
})

const momentOf = (asked: string | null | undefined, present: Date | null) =>
  asked === undefined ? present : asked === null ? null : new Date(asked)

/** A merge patch over what is there. */
const changed = (present: Chosen, wishes: Static<typeof ShareLinkPatch>): Chosen => ({
  code: wishes.code?.toLowerCase() ?? present.code,
  utm: { ...present.utm, ...wishes.utm },
  redirectStatus: wishes.redirectStatus ?? present.redirectStatus,
  validFrom: momentOf(wishes.validFrom, present.validFrom),
  expiresAt: momentOf(wishes.expiresAt, present.expiresAt),
  expiredUrl: wishes.expiredUrl === undefined ? present.expiredUrl : wishes.expiredUrl,
  maxClicks: wishes.maxClicks === undefined ? present.maxClicks : wishes.maxClicks,
  card: { ...present.card, ...wishes.card },
  indexable: wishes.indexable ?? present.indexable,
  note: wishes.note ?? present.note
})

/**
 * Finds the link of this article, channel and campaign, or makes it. Throws share_link_exists when the one that is
 * there differs in what was asked for, code_taken when the chosen code is another's.
 */
export async function findOrCreateShareLink(
  db: Database,
  actor: Actor,
  user: Caller,
  publicUrl: string,
  articleId: string,
  { channel, campaign = '', ...wishes }: Wishes
): Promise<{ made: boolean; link: ShareLinkView }> {
  if (wishes.code) refuseReserved(wishes.code.toLowerCase())
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(async (tx) => {
        // The article's row is locked: twins made at the same moment find one another.
        const article = await lockArticle(tx, user, articleId)
        refuseOthers(user, article, 'make links for')
        refuseTrashed(article)
        const twin = await tx.prisma.shareLink.findFirst({
          where: { articleId, channel, campaign, archivedAt: null },
          select: { id: true }
        })
        if (twin)
          return { made: false, link: sameOrRefuse(await getShareLink(tx, publicUrl, twin.id), wishes) }
        const id = uuid()
        const chosen = changed(plain(newCode(), channel, campaign), wishes)
        await refuseMisfits(tx, publicUrl, chosen, wishes)
        await tx.prisma.shareLink.create({
          data: { id, articleId, channel, campaign, ...chosen, createdBy: user.id }
        })
        await tell(tx, {
          type: 'share_link.created',
          subjectId: id,
          payload: { id, articleId, channel, campaign },
          surrogateKeys: [shareKey(articleId)]
        })
        await note(tx, actor, {
          action: 'share_link.created',
          resource: 'share_link',
          resourceId: id,
          fields: ['channel', ...(campaign ? ['campaign'] : []), ...Object.keys(wishes)]
        })
        return { made: true, link: await getShareLink(tx, publicUrl, id) }
      })
    } catch (error) {
      const { constraint = '' } = refusalOf(error)
      // A twin came from where no article is locked: a site that adds a channel. The next look finds it.
      const again =
        constraint === 'share_links_twin' ||
        (wishes.code === undefined && ['share_links_code', 'share_codes_code'].includes(constraint))
      if (!again || attempt >= 5) throw error
    }
  }
}

function sameOrRefuse(link: ShareLinkView, wishes: Static<typeof ShareLinkPatch>) {
  const differs = changedFields(link, changed(link, wishes))
  if (differs.length === 0) return link
  throw Conflict('share_link_exists', `The link that is there differs in ${differs.join(', ')}.`, {
    existingId: link.id
  })
}

/** Changes a link. Throws Stale, code_taken, link_archived, Invalid for what does not fit together. */
export async function changeShareLink(
  db: Database,
  actor: Actor,
  user: Caller,
  publicUrl: string,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof ShareLinkPatch>
): Promise<ShareLinkView> {
  return db.transaction(async (tx) => {
    const before = await lockLink(tx, user, publicUrl, id)
    refuseStale(expected, before.version)
    if (before.archivedAt) throw Conflict('link_archived', 'The link is archived: make a new one.')
    const after = changed(before, patch)
    if (after.code !== before.code) refuseReserved(after.code)
    await refuseMisfits(tx, publicUrl, after, patch)
    const fields = changedFields(before, after)
    if (fields.length === 0) return before
    await tx.prisma.shareLink.update({ where: { id }, data: { ...after, version: { increment: 1 } } })
    await tell(tx, {
      type: 'share_link.updated',
      subjectId: id,
      payload: { id, articleId: before.articleId, fields },
      surrogateKeys: [shareKey(before.articleId)]
    })
    await note(tx, actor, { action: 'share_link.updated', resource: 'share_link', resourceId: id, fields })
    return getShareLink(tx, publicUrl, id)
  })
}

/** Archives a link: who follows it is told it is gone, and its counts stay. Repeating changes nothing. */
export async function archiveShareLink(
  db: Database,
  actor: Actor,
  user: Caller,
  publicUrl: string,
  id: string,
  expected: ReadonlySet<number>
) {
  await db.transaction(async (tx) => {
    const before = await lockLink(tx, user, publicUrl, id)
    refuseStale(expected, before.version)
    if (before.archivedAt) return
    await tx.prisma
      .$executeRaw`UPDATE share_links SET archived_at = clock_timestamp(), version = version + 1 WHERE id = ${id}::uuid`
    await tell(tx, {
      type: 'share_link.archived',
      subjectId: id,
      payload: { id, articleId: before.articleId },
      surrogateKeys: [shareKey(before.articleId)]
    })
    await note(tx, actor, { action: 'share_link.archived', resource: 'share_link', resourceId: id })
  })
}

/** Authors change links they made and links of their own articles; editors all. */
async function lockLink(tx: Connection, user: Caller, publicUrl: string, id: string) {
  await tx.prisma.$queryRaw`SELECT FROM share_links WHERE id = ${id}::uuid FOR UPDATE`
  const link = await getShareLink(tx, publicUrl, id)
  if (atLeast(user.role, 'editor') || link.createdBy === user.id) return link
  const article = await getArticle(tx, user, link.articleId)
  const own = isOwn(user, article)
  if (!own) throw Forbidden('You may change only links of your own.')
  return link
}
