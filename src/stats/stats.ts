/** What was counted, told to editors: clicks of links and views of articles by period and by where they came from. */
import type { Static } from 'typebox'
import type { Connection } from '../database/database.ts'
import { NotFound } from '../http/errors.ts'
import { refuseTimeZone } from '../site/site.ts'
import { edgesOf } from './periods.ts'
import type { ArticleStats, ShareLinkStats, StatsQuery } from './schema.ts'

type Query = Static<typeof StatsQuery>
type Count = { human: number; bots: number }

/** Of these so many are told apart, most clicks first. */
const MOST = 50

/** Whether there is such an article, the clock, and the time zone of its site. */
const about = (article: string) => `
  SELECT now() AS now, coalesce((SELECT s.document ->> 'timeZone' FROM sites s WHERE s.locale = a.locale OR s.is_default
    ORDER BY s.locale = a.locale DESC LIMIT 1), 'UTC') AS "timeZone"
  FROM articles a WHERE a.id = ${article}`
const abouts = {
  article: { name: 'stats-about-article', text: about('$1::uuid') },
  'share link': {
    name: 'stats-about-link',
    text: about('(SELECT l.article_id FROM share_links l WHERE l.id = $1::uuid)')
  }
}

/** $1 whose, $2 the edges of the periods. An hour counts for the period in which it begins. */
const clicks = (whose: 'id' | 'article_id') => `
  WITH counted AS MATERIALIZED (
    SELECT width_bucket(c.hour, $2::timestamptz[])::text AS period, l.channel::text AS channel, c.referrer, c.country, c.device,
      coalesce(sum(c.clicks) FILTER (WHERE NOT c.robot), 0) AS human, coalesce(sum(c.clicks) FILTER (WHERE c.robot), 0) AS bots
    FROM share_links l JOIN share_link_clicks c ON c.share_link_id = l.id
    WHERE l.${whose} = $1::uuid AND c.hour >= ($2::timestamptz[])[1] AND c.hour < ($2::timestamptz[])[cardinality($2::timestamptz[])]
    GROUP BY 1, 2, 3, 4, 5
  ), grouped AS (
    SELECT g.kind, g.name, sum(human) AS human, sum(bots) AS bots,
      row_number() OVER (PARTITION BY g.kind ORDER BY sum(human + bots) DESC, g.name) AS rank
    FROM counted CROSS JOIN LATERAL (VALUES ('period', period), ('channel', channel), ('referrer', referrer), ('country', country),
      ('device', device)) AS g (kind, name) GROUP BY g.kind, g.name
  )
  SELECT kind, name, sum(human)::float8 AS human, sum(bots)::float8 AS bots
  FROM (SELECT kind, human, bots, CASE WHEN rank > ${MOST} AND kind IN ('referrer', 'country') THEN 'other' ELSE name END AS name FROM grouped) g
  GROUP BY kind, name ORDER BY g.name = 'other', sum(g.human + g.bots) DESC, g.name`
const clicksOfLink = { name: 'stats-clicks-of-link', text: clicks('id') }
const clicksOfArticle = { name: 'stats-clicks-of-article', text: clicks('article_id') }

const viewsOfArticle = {
  name: 'stats-views-of-article',
  text: `
    SELECT width_bucket(v.hour, $2::timestamptz[]) AS period, sum(v.views)::float8 AS views FROM article_views v
    WHERE v.article_id = $1::uuid AND v.hour >= ($2::timestamptz[])[1] AND v.hour < ($2::timestamptz[])[cardinality($2::timestamptz[])]
    GROUP BY 1`
}

/** The range in words and its edges. Throws NotFound; Invalid for a range or time zone that is none. */
async function rangeOf(db: Connection, what: keyof typeof abouts, id: string, query: Query) {
  if (query.timeZone !== undefined) refuseTimeZone(query.timeZone, '/query/timeZone')
  const [row] = await db.query<{ now: Date; timeZone: string }>(abouts[what], [id])
  if (!row) throw NotFound(what)
  const { period, timeZone = row.timeZone } = query
  const edges = edgesOf({ ...query, timeZone }, row.now)
  return { edges, range: { from: edges[0] as Date, to: edges.at(-1) as Date, period, timeZone } }
}

type Group = Count & { kind: 'period' | 'channel' | 'referrer' | 'country' | 'device'; name: string }

async function clicksBy(db: Connection, statement: typeof clicksOfLink, id: string, edges: Date[]) {
  const groups = await db.query<Group>(statement, [id, edges])
  const by = <Name extends string>(kind: Group['kind'], as: Name) =>
    groups
      .filter((group) => group.kind === kind)
      .map(({ name, human, bots }) => ({ [as]: name, human, bots }) as Count & Record<Name, never>)
  const periods = new Map(groups.filter(({ kind }) => kind === 'period').map((group) => [group.name, group]))
  const series = edges.slice(0, -1).map((start, index) => {
    const { human = 0, bots = 0 } = periods.get(String(index + 1)) ?? {}
    return { start, human, bots }
  })
  const sum = (what: keyof Count) => series.reduce((total, count) => total + count[what], 0)
  return {
    total: { human: sum('human'), bots: sum('bots') },
    series,
    channels: by('channel', 'channel'),
    referrers: by('referrer', 'host'),
    countries: by('country', 'country'),
    devices: by('device', 'device')
  }
}

/** The clicks of a link. Throws as `rangeOf` does. */
export async function readLinkStats(
  db: Connection,
  id: string,
  query: Query
): Promise<Static<typeof ShareLinkStats>> {
  const { edges, range } = await rangeOf(db, 'share link', id, query)
  const { channels: _, ...counts } = await clicksBy(db, clicksOfLink, id, edges)
  return { ...range, ...counts }
}

/** The views of an article and the clicks of all its links. Throws as `rangeOf` does. */
export async function readArticleStats(
  db: Connection,
  id: string,
  query: Query
): Promise<Static<typeof ArticleStats>> {
  const { edges, range } = await rangeOf(db, 'article', id, query)
  const rows = await db.query<{ period: number; views: number }>(viewsOfArticle, [id, edges])
  const periods = new Map(rows.map(({ period, views }) => [period, views]))
  const series = edges.slice(0, -1).map((start, index) => ({ start, views: periods.get(index + 1) ?? 0 }))
  const total = series.reduce((sum, { views }) => sum + views, 0)
  return { ...range, views: { total, series }, clicks: await clicksBy(db, clicksOfArticle, id, edges) }
}
