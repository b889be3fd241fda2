/** What a write leaves in the database, and that a refused one leaves nothing. */
import type { Test } from 'tap'
import type { Answer, Newsroom, Options } from './helper.ts'

/** What the sequencer writes, whenever it comes to it; and the counts of wrong passwords, which refused ones are about. */
const ASIDE = [
  ...['changes', 'announced', 'feed', 'audit_head', 'webhook_deliveries'],
  ...['sign_in_failures', 'sign_in_networks']
]
/** Rows without what the sequencer writes into them, or what is erased ten seconds later. */
const lasting = {
  events: '(SELECT id, type, subject_id, payload, surrogate_keys, at FROM events)',
  audit: `(SELECT to_jsonb(a) - 'position' - 'hash' FROM audit a)`,
  refresh_tokens: `(SELECT to_jsonb(r) - 'sealed_successor' FROM refresh_tokens r)`
}
const rowsOf = (table: string) => lasting[table as keyof typeof lasting] ?? `"${table}"`

/** Every row of every table, but for what is written or erased by itself: how many, and a digest of what is in them. */
export async function snapshot({ db }: Newsroom): Promise<Record<string, { count: number; digest: string }>> {
  const tables = await db.query<{ name: string }>(
    {
      text: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1::text[])`
    },
    [ASIDE]
  )
  const digests = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*)::int AS count, md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) AS digest FROM ${rowsOf(name)} t`
  )
  const rows = await db.query<{ name: string; count: number; digest: string }>(
    { text: digests.join(' UNION ALL ') },
    []
  )
  return Object.fromEntries(rows.map(({ name, ...row }) => [name, row]))
}

/**
 * Sends a request that must be refused and change nothing at all: `refused(t, room, 'DELETE /v1/tags/…', { as: 'editor' },
 * '428 precondition_required')`. The pointer, if given, is that of the fault.
 */
export async function refused(
  t: Test,
  room: Newsroom,
  request: string,
  options: Options,
  refusal: string,
  pointer?: string
): Promise<Answer> {
  const [status, code] = refusal.split(' ')
  const before = await snapshot(room)
  const answer = await room.api(request, { ...options, expect: Number(status) })
  t.equal(answer.body.code, code, `${request}: ${refusal}`)
  if (pointer !== undefined)
    t.equal(answer.body.errors?.[0]?.pointer, pointer, `${request}: ${refusal} at ${pointer}`)
  t.same(await snapshot(room), before, `${request}: ${refusal}: the database is as before`)
  return answer
}

export type Trace = {
  /** The status that must come: 200 if absent. */
  status?: number
  /** Of the event and of the audit row. */
  type: string
  /** Names of fields in the audit row; must be exactly these. */
  fields?: string[]
  /** What it is about: the id in the answer if absent; a function finds it there. */
  subject?: string | null | ((body: Answer['body']) => string)
  /** Who did it: the one `as` says if absent. */
  by?: string
  /** False for sessions, which leave no event. */
  event?: boolean
}

type AuditRow = {
  action: string
  user_id: string
  session_id: string
  resource_id: string | null
  fields: string[]
  network: string
  request_id: string
}

/** Sends a request that must succeed and leave exactly one event and one audit row that tell of it. */
export async function written(
  t: Test,
  room: Newsroom,
  request: string,
  options: Options,
  trace: Trace
): Promise<Answer> {
  const {
    status = 200,
    type,
    fields = [],
    by = room.userIds[options.as as keyof Newsroom['userIds']],
    event = true
  } = trace
  const known = await ids(room)
  const answer = await room.api(request, { ...options, expect: status })
  const { subject: about = (body: Answer['body']) => body.id } = trace
  const subject = typeof about === 'function' ? about(answer.body) : about
  const events = await room.db.query<{ type: string; subject_id: string | null }>(
    { text: 'SELECT type, subject_id FROM events WHERE id <> ALL ($1::uuid[])' },
    [known]
  )
  t.same(
    events,
    event ? [{ type, subject_id: subject }] : [],
    `${request}: ${event ? 'one event' : 'no event'}`
  )
  const audit = await room.db.query<AuditRow>(
    {
      text: 'SELECT action, user_id, session_id, resource_id, fields, network, request_id FROM audit WHERE id <> ALL ($1::uuid[])'
    },
    [known]
  )
  t.equal(audit.length, 1, `${request}: one audit row`)
  const [row] = audit
  t.match(
    { ...row, fields: row?.fields.toSorted() },
    {
      action: type,
      user_id: by,
      session_id: /^[0-9a-f-]{36}$/,
      resource_id: subject,
      fields: fields.toSorted(),
      network: '127.0.0.0/24',
      request_id: answer.headers.get('x-request-id')
    },
    `${request}: the audit row tells who did what`
  )
  t.equal(row?.fields.length, fields.length, `${request}: the audit row names the fields`)
  return answer
}

/** Sends a request that must succeed and leave no trace, since it changes nothing. */
export async function changesNothing(
  t: Test,
  room: Newsroom,
  request: string,
  options: Options
): Promise<Answer> {
  const before = await snapshot(room)
  const answer = await room.api(request, { ...options, expect: 200 })
  t.same(await snapshot(room), before, `${request} changes nothing`)
  return answer
}

async function ids({ db }: Newsroom) {
  const rows = await db.query<{ id: string }>(
    { text: 'SELECT id FROM events UNION ALL SELECT id FROM audit' },
    []
  )
  return rows.map(({ id }) => id)
}

/** How often each status came: `tally(answers)` → `{ 201: 1, 409: 49 }`. */
export function tally(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** As many at once as `count` says. */
export const atOnce = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

type Item = { id: string }

/**
 * Walks a list page by page to its end and back again. Answers with the ids in each direction; both must be in the order of the list.
 */
export async function walk({ api }: Newsroom, request: string, options: Options, limit: number) {
  const join = request.includes('?') ? '&' : '?'
  const fetchPage = async (cursor: string | null) =>
    (
      await api(`${request}${join}limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`, {
        ...options,
        expect: 200
      })
    ).body as {
      data: Item[]
      page: { hasMore: boolean; next: string | null; prev: string | null }
    }
  const there: Item[][] = []
  const back: Item[][] = []
  let page = await fetchPage(null)
  const firstPrev = page.page.prev
  there.push(page.data)
  while (page.page.next) {
    page = await fetchPage(page.page.next)
    there.push(page.data)
  }
  back.unshift(page.data)
  while (page.page.prev) {
    page = await fetchPage(page.page.prev)
    back.unshift(page.data)
  }
  const flat = (pages: Item[][]) => pages.flat().map(({ id }) => id)
  return { there: flat(there), back: flat(back), pages: there.length, firstPrev }
}
