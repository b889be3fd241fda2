/**
 * The rows that count. Each request is another visitor's, nothing is answered before its count is committed, and all
 * of them are found in the totals afterwards.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Question } from './client.ts'
import type { Loader, Run } from './measure.ts'
import type { Row } from './rows.ts'
import { addressOf, COUNTS } from './servers/hand-sql-counts.ts'

export type CountRow = Pick<Row, 'name' | 'work' | 'target' | 'beside'> & { counts: 'views' | 'clicks' }

export const countRows: CountRow[] = [
  {
    name: 'views',
    work: 'count views of one hot article, every 204 after its commit',
    target: 8,
    beside: 'hand SQL',
    counts: 'views'
  },
  {
    name: 'views-bare',
    work: 'the same beside an empty 204',
    target: 0.35,
    beside: 'bare',
    counts: 'views'
  },
  {
    name: 'clicks',
    work: 'follow one hot share link, every 302 after its commit',
    target: 6,
    beside: 'hand SQL',
    counts: 'clicks'
  }
]

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
/** As wide as every address that is put in its place. */
const ADDRESS = '100.100.100.100'
const CODE = 'hot-link'

/** What is in a total, and what must be. */
type Ledger = { query: string; values: string[]; acknowledged: number }

export type Counting = {
  prepare: (row: CountRow, ports: Record<string, number>, loader: Loader) => Promise<Run[]>
  /** Throws when a total is not what was acknowledged. */
  check: () => Promise<void>
}

/** Makes an article and a link hot, on a freshly loaded database. */
export async function openCounting(url: string): Promise<Counting> {
  const { articleId, linkId, location } = await onServer(url, heatUp)
  const total = (query: string, id: string): Ledger => ({ query, values: [id], acknowledged: 0 })
  const byHand = 'SELECT count FROM hand_counts WHERE id = $1'
  const ledgers: Record<string, Ledger> = {
    'views Dateline': total(
      'SELECT views AS count FROM article_view_totals WHERE article_id = $1',
      articleId
    ),
    'views hand SQL': total(byHand, articleId),
    'clicks Dateline': total('SELECT human AS count FROM share_link_totals WHERE share_link_id = $1', linkId),
    'clicks hand SQL': total(byHand, linkId)
  }
  const [method, path, status] = [
    { views: 'POST', clicks: 'GET' },
    { views: `/v1/content/articles/${articleId}/views`, clicks: `/s/${CODE}` },
    { views: 204, clicks: 302 }
  ]

  return {
    async prepare({ name, counts, beside }, ports, loader) {
      const runs: Run[] = []
      for (const subject of ['Dateline', beside]) {
        const port = ports[subject] as number
        const ledger = ledgers[`${counts} ${subject}`]
        if (counts === 'clicks') {
          await leadsTo(location, `http://127.0.0.1:${port}${path.clicks}`)
          if (ledger) ledger.acknowledged++
        }
        await loader.learn(`${name} ${subject}`, [
          visitorsQuestion(method[counts], path[counts], status[counts])
        ])
        const after = ({ asked }: { asked: number }) => {
          if (ledger) ledger.acknowledged += asked
        }
        runs.push({ row: name, subject, port, after })
      }
      return runs
    },
    check: () =>
      onServer(url, async (client) => {
        for (const [what, { query, values, acknowledged }] of Object.entries(ledgers)) {
          const { rows } = await client.query<{ count: string }>(query, values)
          const count = Number(rows[0]?.count ?? 0)
          if (count !== acknowledged)
            throw new Error(`${what}: ${acknowledged} were acknowledged, and ${count} are in the total.`)
        }
      })
  }
}

async function heatUp(client: pg.Client) {
  const { rows } = await client.query<{ articleId: string; url: string }>(`
    SELECT p.article_id AS "articleId", replace(replace(s.article_url, '{locale}', p.locale), '{slug}', p.slug) AS url
    FROM publications p JOIN sites s ON s.locale = p.locale ORDER BY p.published_at DESC, p.article_id LIMIT 1`)
  const { articleId, url } = rows[0] as { articleId: string; url: string }
  const linkId = randomUUID()
  const utm = { source: 'x', medium: 'social', campaign: null, term: null, content: null }
  await client.query(
    `INSERT INTO share_links (id, article_id, code, channel, campaign, utm, created_by)
     SELECT $1, $2, $3, 'x', 'bench', $4, id FROM users LIMIT 1`,
    [linkId, articleId, CODE, utm]
  )
  await client.query(COUNTS)
  await client.query('INSERT INTO hand_counts (id) VALUES ($1), ($2)', [articleId, linkId])
  return { articleId, linkId, location: addressOf({ url, utm }) }
}

/** Runs `work` on a connection of its own. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function leadsTo(location: string, address: string) {
  const headers = { 'user-agent': AGENT, 'x-forwarded-for': ADDRESS }
  const answer = await fetch(address, { redirect: 'manual', headers })
  const there = answer.headers.get('location')
  if (there !== location) throw new Error(`${address} leads to ${there} instead of ${location}.`)
}

function visitorsQuestion(method: string, path: string, status: number): Question {
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: ${AGENT}\r\nx-forwarded-for: `
  const length = method === 'POST' ? 'content-length: 0\r\n' : ''
  return {
    request: Buffer.from(`${head}${ADDRESS}\r\n${length}\r\n`),
    visitorAt: head.length,
    expected: { status, body: Buffer.alloc(0) }
  }
}
