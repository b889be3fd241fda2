/** Share links and their counts, for the tests of counting. */
import { buildApp } from '../../src/app.ts'
import { type Database, openDatabase } from '../../src/database/database.ts'
import { BROWSER, type Newsroom, type Options, story } from '../helper.ts'

export type Link = { id: string; code: string; version: number; articleId: string }

export const ROBOT = 'Twitterbot/1.0'
export const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

export type Row = { referrer: string; country: string; device: string; robot: boolean; clicks: number }

export function linksOf(room: Newsroom) {
  const { api, db } = room
  const made = async (
    article: { id: string },
    columns: Record<string, unknown> = {},
    body: object = {}
  ): Promise<Link> => {
    const { channel = 'telegram', campaign = '' } = body as { channel?: string; campaign?: string }
    await db.query(
      {
        // The one that each article has from its first publication on makes room.
        text: `DELETE FROM share_links WHERE article_id = $1::uuid AND channel = $2::channel AND campaign = $3::text AND archived_at IS NULL`
      },
      [article.id, channel, campaign]
    )
    const { body: link } = await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: article.id, channel: 'telegram', ...body },
      expect: 201
    })
    for (const [column, value] of Object.entries(columns)) {
      const isJson = typeof value === 'object' && value !== null
      await db.query(
        {
          text: `UPDATE share_links SET ${column} = ($1::text)::${typeOf[column] ?? 'text'} WHERE id = $2::uuid`
        },
        [isJson ? JSON.stringify(value) : value, link.id]
      )
    }
    return link
  }
  const follow = ({ code }: { code: string }, options: Options = {}) => api(`GET /s/${code}`, options)
  const head = ({ code }: { code: string }, options: Options = {}) => api(`HEAD /s/${code}`, options)
  /** As those in another network do. Needs a newsroom that trusts one proxy. */
  const from = (address: string, agent = BROWSER) => ({
    headers: { 'x-forwarded-for': address, 'user-agent': agent }
  })
  const totals = async ({ id }: Link) => {
    const [row] = await db.query<{ human: number; bots: number; clicked: boolean }>(
      {
        text: `SELECT human::int, bots::int, last_clicked_at IS NOT NULL AS clicked FROM share_link_totals WHERE share_link_id = $1::uuid`
      },
      [id]
    )
    return row
  }
  const rows = ({ id }: Link) =>
    db.query<Row>(
      {
        text: `SELECT referrer, country, device, robot, sum(clicks)::int AS clicks FROM share_link_clicks WHERE share_link_id = $1::uuid
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`
      },
      [id]
    )
  /** Clicks written into an hour, as if they had been counted then. */
  const clicked = (link: Link, hour: string, fields: Partial<Row> = {}) =>
    db.query(
      {
        text: `INSERT INTO share_link_clicks (share_link_id, hour, referrer, country, device, robot, clicks)
        VALUES ($1::uuid, $2::timestamptz, $3::text, $4::text, $5::text, $6::boolean, $7::bigint)
        ON CONFLICT (share_link_id, hour, referrer, country, device, robot) DO UPDATE SET clicks = share_link_clicks.clicks + excluded.clicks`
      },
      [
        link.id,
        hour,
        fields.referrer ?? '',
        fields.country ?? '',
        fields.device ?? 'desktop',
        fields.robot ?? false,
        fields.clicks ?? 1
      ]
    )
  const viewed = (article: { id: string }, hour: string, views: number) =>
    db.query(
      {
        text: `INSERT INTO article_views (article_id, hour, locale, views) VALUES ($1::uuid, $2::timestamptz, 'en', $3::bigint)
        ON CONFLICT (article_id, hour) DO UPDATE SET views = article_views.views + excluded.views`
      },
      [article.id, hour, views]
    )
  return { made, follow, head, from, totals, rows, clicked, viewed, story: () => story(room) }
}

const typeOf: Record<string, string> = {
  valid_from: 'timestamptz',
  expires_at: 'timestamptz',
  archived_at: 'timestamptz',
  max_clicks: 'int',
  redirect_status: 'int',
  card: 'jsonb',
  indexable: 'boolean'
}

type Test = { teardown: (work: () => Promise<void>) => void }

/** Another instance over the same database; on the embedded one, which has one process, another app in this one. */
export async function another(t: Test, room: Newsroom): Promise<{ url: string }> {
  const onServer = room.config.database.kind === 'server'
  const db: Database = onServer ? await openDatabase(room.config.database) : room.db
  const app = await buildApp(room.config, db)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    if (onServer) await db.close()
  })
  return { url }
}
