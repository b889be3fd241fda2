/** Walking the chain of the audit from its beginning, a page at a time. */
import type { Connection } from '../database/database.ts'
import { type AuditRow, BEGINNING, columns, entryOf, hashOf } from './chain.ts'

const PAGE = 1000

export type Head = { position: number; hash: string }

/**
 * `missing`: nothing has this position. `altered`: the entry is not the one that was sealed here. `other_head`: it is
 * whole, and not what was written down. `past_head`: it was put behind the end.
 */
export type Fault = { position: number; id: string | null; reason: keyof typeof reasons }

export type Verdict = {
  /** How many entries, from the first on, are what was sealed. */
  verified: number
  /** The last of them. Written down elsewhere, it shows later whether the end was cut off. */
  head: Head
  /** The first that is not. */
  broken: Fault | null
  /** What has no place yet. */
  unsealed: { count: number; oldestSeconds: number | null }
}

/** Reads `<position>:<hash>`; null when it is none. */
export function readHead(text: string): Head | null {
  const found = /^([1-9]\d{0,14}):([0-9a-f]{64})$/i.exec(text)
  return found && { position: Number(found[1]), hash: (found[2] as string).toLowerCase() }
}

/** Compares each entry with its hash, the end with what the database holds for the end, and with `expected` if given. */
export async function verifyAudit(db: Connection, expected: Head | null = null): Promise<Verdict> {
  const [end] = await db.query<{ position: string; hash: string }>(
    { text: `SELECT position, encode(hash, 'hex') AS hash FROM audit_head` },
    []
  )
  const known = end ? { position: Number(end.position), hash: end.hash } : { position: 0, hash: BEGINNING }
  const head = { position: 0, hash: BEGINNING }
  const broken =
    (await walk(db, known, expected, head)) ??
    missing(known, head) ??
    missing(expected, head) ??
    (await pastHead(db))
  return { verified: head.position, head, broken, unsealed: await unsealed(db) }
}

/** What has no place in the chain yet. */
export async function unsealed(db: Pick<Connection, 'query'>): Promise<Verdict['unsealed']> {
  const [tail] = await db.query<{ count: number; oldest: number | null }>(
    {
      text: `SELECT count(*)::int AS count, extract(epoch FROM clock_timestamp() - min(at))::float8 AS oldest
             FROM audit WHERE position IS NULL`
    },
    []
  )
  const oldest = tail?.oldest ?? null
  return {
    count: tail?.count ?? 0,
    oldestSeconds: oldest === null ? null : Math.max(0, Math.round(oldest))
  }
}

/** Moves `head` on, up to `known`, as long as all is well. */
async function walk(
  db: Connection,
  known: Head,
  expected: Head | null,
  head: Head
): Promise<Fault | undefined> {
  while (head.position < known.position) {
    const rows = await db.query<AuditRow>(
      {
        text: `SELECT ${columns} FROM audit WHERE position > $1::bigint AND position <= $2::bigint ORDER BY position LIMIT ${PAGE}`
      },
      [head.position, known.position]
    )
    if (rows.length === 0) return undefined
    for (const row of rows) {
      const entry = entryOf(row)
      const position = head.position + 1
      if (entry.position !== position) return { position, id: null, reason: 'missing' }
      if (entry.hash !== hashOf(head.hash, entry)) return { position, id: entry.id, reason: 'altered' }
      for (const end of [known, expected])
        if (end?.position === position && end.hash !== entry.hash)
          return { position, id: entry.id, reason: 'other_head' }
      head.position = position
      head.hash = entry.hash
    }
  }
  return undefined
}

function missing(end: Head | null, { position }: Head): Fault | undefined {
  return end && end.position > position ? { position: position + 1, id: null, reason: 'missing' } : undefined
}

/** In one statement, since entries are sealed meanwhile. */
async function pastHead(db: Connection): Promise<Fault | null> {
  const [row] = await db.query<{ position: string; id: string }>(
    {
      // Two ends of one index: an OR would walk through all that lies between.
      text: `(SELECT a.position, a.id FROM audit a WHERE a.position < 1 ORDER BY a.position LIMIT 1)
             UNION ALL
             (SELECT a.position, a.id FROM audit a
              WHERE a.position > (SELECT coalesce(max(position), 0) FROM audit_head) ORDER BY a.position LIMIT 1)
             LIMIT 1`
    },
    []
  )
  return row ? { position: Number(row.position), id: row.id, reason: 'past_head' } : null
}

const reasons = {
  missing: 'there is no such entry: it was deleted, or the end of the chain was cut off',
  altered: 'this is not the entry that was sealed here',
  other_head: 'the chain up to here is not the one whose end was written down',
  past_head: 'it was put where the chain does not go'
}

/** A verdict in words. */
export function inWords({ verified, head, broken, unsealed }: Verdict): string {
  const age = unsealed.oldestSeconds === null ? '' : `, the oldest ${unsealed.oldestSeconds} s old`
  return [
    `Verified: ${verified} entries, up to ${head.position}:${head.hash}`,
    ...(broken
      ? [
          `BROKEN at position ${broken.position}${broken.id ? `, entry ${broken.id}` : ''}: ${reasons[broken.reason]}.`
        ]
      : []),
    `Without a place yet: ${unsealed.count}${age}`
  ].join('\n')
}
