/** Share links: short public addresses of articles. A code, once given, is never given again. */
import { randomInt } from 'node:crypto'
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { lockArticle, refuseOthers, refuseTrashed } from '../articles/locking.ts'
import { getArticle, isOwn } from '../articles/reading.ts'
import { type Actor, note } from '../audit/audit.ts'
import { type Connection, type Database, refusalOf } from '../database/database.ts'
import type { Channel } from '../database/generated/enums.ts'
import { tell } from '../events/outbox.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Conflict, Forbidden, Invalid, NotFound } from '../http/errors.ts'
import { changedFields } from '../http/merge.ts'
import type { Walk } from '../http/pagination.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { NewArticleShareLink, ShareLinkPatch, ShareLinkQuery, Utm } from './schema.ts'

export type ShareLinkView = {
  id: string
  articleId: string
  code: string
  url: string
  channel: Channel
  campaign: string
  utm: Static<typeof Utm>
  expiresAt: Date | null
  note: string
  clicks: { total: number }
  lastClickedAt: Date | null
  createdBy: string
  createdAt: Date
  archivedAt: Date | null
  version: number
}

/** No 0/o, 1/i/l: read aloud or typed from paper, a code comes out as it was. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz'
const LENGTH = 8
const newCode = () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** Words an address of ours could need, or that would mislead. */
const RESERVED = new Set([
  'admin',
  'api',
  'app',
  'assets',
  'auth',
  'bulk',
  'docs',
  'favicon',
  'health',
  'help',
  'index',
  'login',
  'logout',
  'metrics',
  'new',
  'openapi',
  'preview',
  'problems',
  'public',
  'qr',
  'robots',
  'root',
  'share',
  'sitemap',
  'static',
  'stats',
  'status',
  'undefined',
  'null',
  'well-known',
  'www'
])

const view = `
  l.id, l.article_id AS "articleId", l.code, l.channel, l.campaign, l.utm, l.expires_at AS "expiresAt", l.note,
  (c.human + c.bots)::int AS total, c.last_clicked_at AS "lastClickedAt",
  l.created_by AS "createdBy", l.created_at AS "createdAt", l.archived_at AS "archivedAt", l.version`

const from = `
  FROM share_links l
  JOIN share_link_totals c ON c.share_link_id = l.id`

type Row = Omit<ShareLinkView, 'url' | 'clicks'> & { total: number }

const shown = ({ total, utm, ...link }: Row, publicUrl: string): ShareLinkView => ({
  ...link,
  utm: {
    source: utm.source,
    medium: utm.medium,
    campaign: utm.campaign,
    term: utm.term,
    content: utm.content
  },
  url: `${publicUrl}/s/${link.code}`,
  clicks: { total }
})

const readOne = { name: 'get-share-link', text: `SELECT ${view} ${from} WHERE l.id = $1::uuid` }

export async function getShareLink(db: Connection, publicUrl: string, id: string): Promise<ShareLinkView> {
  const [row] = await db.query<Row>(readOne, [id])
  if (!row) throw NotFound('share link')
  return shown(row, publicUrl)
}

/** Share links, newest first. */
export async function listShareLinks(
  db: Database,
  publicUrl: string,
  query: Static<typeof ShareLinkQuery>,
  walk: Walk
) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'l.created_at', type: 'timestamptz' },
      { sql: 'l.id', type: 'uuid' }
    ],
    true,
    values
  )
  const conditions = [where, query.archived ? 'l.archived_at IS NOT NULL' : 'l.archived_at IS NULL']
  if (query.articleId) conditions.push(`l.article_id = $${values.push(query.articleId)}::uuid`)
  if (query.channel) conditions.push(`l.channel = $${values.push(query.channel)}::channel`)
  if (query.campaign !== undefined) conditions.push(`l.campaign = $${values.push(query.campaign)}::text`)
  const text = `SELECT ${view} ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<Row>({ text }, values)
  return walk.page(
    rows.map((row) => shown(row, publicUrl)),
    (link) => [link.createdAt, link.id]
  )
}

/** An article's links; NotFound for an article one may not know of. */
export async function listLinksOf(
  db: Database,
  user: Caller,
  publicUrl: string,
  articleId: string,
  query: { limit: number; cursor?: string },
  walk: Walk
) {
  await getArticle(db, user, articleId)
  return listShareLinks(db, publicUrl, { ...query, articleId }, walk)
}

type Wishes = Static<typeof NewArticleShareLink>

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
  wishes: Wishes
): Promise<{ made: boolean; link: ShareLinkView }> {
  const code = wishes.code?.toLowerCase()
  if (code) refuseReserved(code)
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(async (tx) => {
        // The article's row is locked: twins made at the same moment find one another.
        const article = await lockArticle(tx, user, articleId)
        refuseOthers(user, article, 'make links for')
        refuseTrashed(article)
        const { channel, campaign = '' } = wishes
        const twin = await tx.prisma.shareLink.findFirst({
          where: { articleId, channel, campaign, archivedAt: null },
          select: { id: true }
        })
        if (twin)
          return { made: false, link: sameOrRefuse(await getShareLink(tx, publicUrl, twin.id), wishes) }
        const id = uuid()
        const utm = {
          source: channel,
          medium: 'social',
          campaign: campaign || null,
          term: null,
          content: null,
          ...wishes.utm
        }
        const expiresAt = wishes.expiresAt ? new Date(wishes.expiresAt) : null
        await tx.prisma.shareLink.create({
          data: {
            id,
            articleId,
            code: code ?? newCode(),
            channel,
            campaign,
            utm,
            expiresAt,
            note: wishes.note ?? '',
            createdBy: user.id
          }
        })
        await tell(tx, {
          type: 'share_link.created',
          subjectId: id,
          payload: { id, articleId, channel, campaign },
          surrogateKeys: []
        })
        await note(tx, actor, {
          action: 'share_link.created',
          resource: 'share_link',
          resourceId: id,
          fields: Object.keys(wishes)
        })
        return { made: true, link: await getShareLink(tx, publicUrl, id) }
      })
    } catch (error) {
      const clash = ['share_links_code', 'share_codes_code'].includes(refusalOf(error).constraint ?? '')
      if (code !== undefined || !clash || attempt >= 5) throw error
    }
  }
}

function sameOrRefuse(link: ShareLinkView, { code, utm, expiresAt, note: text }: Wishes) {
  const differs = [
    ...(code !== undefined && code.toLowerCase() !== link.code ? ['code'] : []),
    ...(utm !== undefined && changedFields(link.utm, utm).length > 0 ? ['utm'] : []),
    ...(expiresAt !== undefined &&
    (expiresAt === null ? null : new Date(expiresAt).getTime()) !== (link.expiresAt?.getTime() ?? null)
      ? ['expiresAt']
      : []),
    ...(text !== undefined && text !== link.note ? ['note'] : [])
  ]
  if (differs.length === 0) return link
  throw Conflict('share_link_exists', `The link that is there differs in ${differs.join(', ')}.`, {
    existingId: link.id
  })
}

function refuseReserved(code: string) {
  if (RESERVED.has(code)) throw Invalid('/code', 'is a reserved word', 'reserved')
}

/** Changes a link. Throws Stale, code_taken, link_archived. */
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
    const code = patch.code?.toLowerCase() ?? before.code
    if (code !== before.code) refuseReserved(code)
    const expiresAt =
      patch.expiresAt === undefined
        ? before.expiresAt
        : patch.expiresAt === null
          ? null
          : new Date(patch.expiresAt)
    const after = { code, utm: { ...before.utm, ...patch.utm }, expiresAt, note: patch.note ?? before.note }
    const fields = changedFields(before, after)
    if (fields.length === 0) return before
    await tx.prisma.shareLink.update({ where: { id }, data: { ...after, version: { increment: 1 } } })
    await tell(tx, {
      type: 'share_link.updated',
      subjectId: id,
      payload: { id, articleId: before.articleId, fields },
      surrogateKeys: []
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
      surrogateKeys: []
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
