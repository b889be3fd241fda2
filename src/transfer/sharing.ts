/** Share links, every code that was ever given, and what was counted. */
import type { Session } from '../database/database.ts'
import { refuseReserved } from '../share-links/codes.ts'
import { refuseForeignTo } from '../share-links/limits.ts'
import { insertRows } from './columns.ts'
import { byId, type Item, type Kind, type Need, rowsOf } from './kind.ts'
import { tellOfShareBars } from './news.ts'
import {
  ClicksRecord,
  ClickTotalRecord,
  FormerCodeRecord,
  ShareLinkRecord,
  ViewsRecord,
  ViewTotalRecord
} from './record-schema.ts'

const linkColumns = {
  ...{ id: 'id uuid', articleId: 'article_id uuid', code: 'code text', channel: 'channel channel' },
  ...{ campaign: 'campaign text', utm: 'utm jsonb', validFrom: 'valid_from timestamptz' },
  ...{ expiresAt: 'expires_at timestamptz', expiredUrl: 'expired_url text', maxClicks: 'max_clicks int' },
  ...{ redirectStatus: 'redirect_status int', card: 'card jsonb', indexable: 'indexable boolean' },
  ...{ note: 'note text', version: 'version int', createdBy: 'created_by uuid' },
  ...{ createdAt: 'created_at timestamptz', updatedAt: 'updated_at timestamptz' },
  archivedAt: 'archived_at timestamptz'
}

export const shareLink: Kind = {
  type: 'share_link',
  schema: ShareLinkRecord,
  table: 'share_links',
  alias: 'l',
  columns: linkColumns,
  key: byId('l'),
  title: ({ code }) => code,
  // What else its limits must fit with, constraints know.
  async settle(item, { articleUrls, publicUrl }) {
    refuseReserved(item.code)
    if (item.expiredUrl !== null) refuseForeignTo(await articleUrls(), publicUrl, item.expiredUrl)
    return item
  },
  link: (item, linked) => ({ ...item, createdBy: linked(item.createdBy) }),
  needs: ({ articleId, createdBy }) => [
    { pointer: '/articleId', table: 'articles', id: articleId },
    { pointer: '/createdBy', table: 'users', id: createdBy }
  ],
  partOf: ({ articleId }) => articleId,
  hasParts: true,
  async write(session, items) {
    await insertRows(session, 'share_links', linkColumns, items)
    await tellOfShareBars(session, [...new Set(items.map(({ articleId }) => articleId))])
  }
}

/** Those that no link has any more: they lead to the link that had them, and are never given again. */
export const formerCode: Kind = rowsOf({
  type: 'former_code',
  schema: FormerCodeRecord,
  table: 'share_codes',
  alias: 'c',
  columns: { code: 'code text', shareLinkId: 'share_link_id uuid', createdAt: 'created_at timestamptz' },
  where: 'NOT EXISTS (SELECT FROM share_links l WHERE l.code = c.code)',
  key: [{ member: 'code', sql: 'c.code COLLATE "C"', type: 'text' }]
})

const ofLink = ({ shareLinkId }: Item): Need[] => [
  { pointer: '/shareLinkId', table: 'share_links', id: shareLinkId }
]
const ofArticle = ({ articleId }: Item): Need[] => [
  { pointer: '/articleId', table: 'articles', id: articleId }
]

export const clicks: Kind = rowsOf({
  type: 'clicks',
  schema: ClicksRecord,
  table: 'share_link_clicks',
  alias: 'c',
  columns: {
    ...{ shareLinkId: 'share_link_id uuid', hour: 'hour timestamptz', referrer: 'referrer text' },
    ...{ country: 'country text', device: 'device text', robot: 'robot boolean', clicks: 'clicks bigint' }
  },
  key: [
    { member: 'shareLinkId', sql: 'c.share_link_id', type: 'uuid' },
    { member: 'hour', sql: 'c.hour', type: 'timestamptz' },
    { member: 'referrer', sql: 'c.referrer COLLATE "C"', type: 'text' },
    { member: 'country', sql: 'c.country COLLATE "C"', type: 'text' },
    { member: 'device', sql: 'c.device COLLATE "C"', type: 'text' },
    { member: 'robot', sql: 'c.robot', type: 'boolean' }
  ],
  needs: ofLink,
  partOf: ({ shareLinkId }) => shareLinkId
})

/** A link has its totals from the beginning: they are all nothing until they are written here. */
const NONE = '(c.human, c.bots) <> (0, 0)'

export const clickTotal: Kind = {
  type: 'click_total',
  schema: ClickTotalRecord,
  table: 'share_link_totals',
  alias: 'c',
  columns: {
    ...{ shareLinkId: 'share_link_id uuid', human: 'human bigint', bots: 'bots bigint' },
    lastClickedAt: 'last_clicked_at timestamptz'
  },
  where: NONE,
  key: [{ member: 'shareLinkId', sql: 'c.share_link_id', type: 'uuid' }],
  needs: ofLink,
  partOf: ({ shareLinkId }) => shareLinkId,
  async write(session: Session, items: Item[]) {
    await session.query(
      `UPDATE share_link_totals c SET human = x.human, bots = x.bots, last_clicked_at = x."lastClickedAt"
       FROM json_to_recordset($1::json) AS x ("shareLinkId" uuid, human bigint, bots bigint, "lastClickedAt" timestamptz)
       WHERE c.share_link_id = x."shareLinkId" AND NOT (${NONE})`,
      [JSON.stringify(items)]
    )
  }
}

const viewColumns = { articleId: 'article_id uuid', hour: 'hour timestamptz', views: 'views bigint' }

export const views: Kind = {
  type: 'views',
  schema: ViewsRecord,
  table: 'article_views',
  alias: 'v',
  columns: viewColumns,
  key: [
    { member: 'articleId', sql: 'v.article_id', type: 'uuid' },
    { member: 'hour', sql: 'v.hour', type: 'timestamptz' }
  ],
  needs: ofArticle,
  partOf: ({ articleId }) => articleId,
  async write(session, items) {
    const rows = await session.query<{ id: string; locale: string }>(
      'SELECT id, locale FROM articles WHERE id = ANY ($1::uuid[])',
      [[...new Set(items.map(({ articleId }) => articleId))]]
    )
    const locales = new Map(rows.map(({ id, locale }) => [id, locale]))
    await insertRows(
      session,
      'article_views',
      { ...viewColumns, locale: 'locale text' },
      items.map((item) => ({ ...item, locale: locales.get(item.articleId) }))
    )
  }
}

export const viewTotal: Kind = rowsOf({
  type: 'view_total',
  schema: ViewTotalRecord,
  table: 'article_view_totals',
  alias: 'v',
  columns: { articleId: 'article_id uuid', views: 'views bigint' },
  key: [{ member: 'articleId', sql: 'v.article_id', type: 'uuid' }],
  needs: ofArticle,
  partOf: ({ articleId }) => articleId
})
