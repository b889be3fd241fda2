/** Share links as the API shows them. */
import type { Static } from 'typebox'
import { getArticle } from '../articles/reading.ts'
import type { Connection, Database } from '../database/database.ts'
import type { Channel } from '../database/generated/enums.ts'
import type { Caller } from '../http/access.ts'
import { NotFound } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import type { Card, LinkState, ShareLinkQuery, Utm } from './schema.ts'

export type ShareLinkView = {
  id: string
  articleId: string
  code: string
  url: string
  channel: Channel
  campaign: string
  utm: Static<typeof Utm>
  redirectStatus: 301 | 302
  validFrom: Date | null
  expiresAt: Date | null
  expiredUrl: string | null
  maxClicks: number | null
  card: Static<typeof Card>
  indexable: boolean
  note: string
  clicks: { total: number; human: number; bots: number }
  lastClickedAt: Date | null
  createdBy: string
  createdAt: Date
  archivedAt: Date | null
  version: number
}

const view = `
  l.id, l.article_id AS "articleId", l.code, l.channel, l.campaign, l.utm, l.redirect_status AS "redirectStatus",
  l.valid_from AS "validFrom", l.expires_at AS "expiresAt", l.expired_url AS "expiredUrl", l.max_clicks AS "maxClicks",
  l.card, l.indexable, l.note, c.human::float8 AS human, c.bots::float8 AS bots, c.last_clicked_at AS "lastClickedAt",
  l.created_by AS "createdBy", l.created_at AS "createdAt", l.archived_at AS "archivedAt", l.version`

const from = `
  FROM share_links l
  JOIN share_link_totals c ON c.share_link_id = l.id`

type Row = Omit<ShareLinkView, 'url' | 'clicks'> & { human: number; bots: number }

const shown = ({ human, bots, utm, card, ...link }: Row, publicUrl: string): ShareLinkView => ({
  ...link,
  utm: {
    source: utm.source,
    medium: utm.medium,
    campaign: utm.campaign,
    term: utm.term,
    content: utm.content
  },
  card: { title: card.title, description: card.description, image: card.image },
  url: `${publicUrl}/s/${link.code}`,
  clicks: { total: human + bots, human, bots }
})

const readOne = { name: 'get-share-link', text: `SELECT ${view} ${from} WHERE l.id = $1::uuid` }

export async function getShareLink(db: Connection, publicUrl: string, id: string): Promise<ShareLinkView> {
  const [row] = await db.query<Row>(readOne, [id])
  if (!row) throw NotFound('share link')
  return shown(row, publicUrl)
}

const expired = 'l.expires_at <= now()'
const usedUp = 'l.max_clicks <= c.human'
const upcoming = 'l.valid_from > now()'
const not = (condition: string) => `(${condition}) IS NOT TRUE`

/** Each link is in exactly one of them; the schema says what they mean. Written so that partial indexes are used. */
const states: Record<Static<typeof LinkState>, string> = {
  archived: 'l.archived_at IS NOT NULL',
  expired: `l.archived_at IS NULL AND ${expired}`,
  used_up: `l.archived_at IS NULL AND ${usedUp} AND ${not(expired)}`,
  upcoming: `l.archived_at IS NULL AND ${upcoming} AND ${not(usedUp)} AND ${not(expired)}`,
  active: `l.archived_at IS NULL AND ${not(upcoming)} AND ${not(usedUp)} AND ${not(expired)}`
}

/** As their indexes have them; ids are taken from the same table. What was never followed comes after all that was. */
const sorts = {
  createdAt: {
    columns: [
      { sql: 'l.created_at', type: 'timestamptz' },
      { sql: 'l.id', type: 'uuid' }
    ],
    keyOf: ({ createdAt, id }: ShareLinkView) => [createdAt, id]
  },
  clicks: {
    columns: [
      { sql: '(c.human + c.bots)', type: 'bigint' },
      { sql: 'c.share_link_id', type: 'uuid' }
    ],
    keyOf: ({ clicks, id }: ShareLinkView) => [clicks.total, id]
  },
  lastClickedAt: {
    columns: [
      { sql: `coalesce(c.last_clicked_at, '-infinity')`, type: 'timestamptz' },
      { sql: 'c.share_link_id', type: 'uuid' }
    ],
    keyOf: ({ lastClickedAt, id }: ShareLinkView) => [lastClickedAt ?? '-infinity', id]
  }
}

/** Share links by their filters; newest first, unless another order is asked for. */
export async function listShareLinks(
  db: Database,
  publicUrl: string,
  query: Static<typeof ShareLinkQuery>,
  walk: Walk
) {
  const values: unknown[] = [walk.take]
  const sort = query.sort ?? '-createdAt'
  const { columns, keyOf } = sorts[sort.replace('-', '') as keyof typeof sorts]
  const { where, orderBy } = walk.keyset(columns, sort.startsWith('-'), values)
  const conditions = [where, query.state ? states[query.state] : 'l.archived_at IS NULL']
  if (query.articleId) conditions.push(`l.article_id = $${values.push(query.articleId)}::uuid`)
  if (query.channel) conditions.push(`l.channel = $${values.push(query.channel)}::channel`)
  if (query.campaign !== undefined) {
    conditions.push(`l.campaign = $${values.push(query.campaign)}::text`)
    if (query.campaign !== '') conditions.push(`l.campaign <> ''`)
  }
  if (query.createdBy) conditions.push(`l.created_by = $${values.push(query.createdBy)}::uuid`)
  const text = `SELECT ${view} ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<Row>({ text }, values)
  return walk.page(
    rows.map((row) => shown(row, publicUrl)),
    keyOf
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
