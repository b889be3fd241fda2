/** Those who follow the changes: page by page, and by stream; and what they then know. */
import type { Newsroom } from '../helper.ts'

export type Change = {
  id: string
  type: 'upsert' | 'remove'
  article: { id: string; storyId: string; locale: string; slug: string }
  reason: string
  at: string
}

/** From a cursor to the end. Answers with what came, and where to go on. */
export async function readOn(
  { api }: Pick<Newsroom, 'api'>,
  cursor: string | null,
  { limit = 100, locale = '' } = {}
): Promise<{ changes: Change[]; next: string }> {
  const changes: Change[] = []
  for (let from = cursor; ; ) {
    const search = `limit=${limit}${from ? `&cursor=${from}` : ''}${locale && `&locale=${locale}`}`
    const { body } = await api(`GET /v1/content/changes?${search}`, { expect: 200 })
    changes.push(...body.data)
    from = body.page.next as string
    if (!body.page.hasMore) return { changes, next: from }
  }
}

/** When everything committed so far and all that is due has its place. */
export async function settled({ db }: Pick<Newsroom, 'db'>, longest = 5000) {
  const text = `SELECT NOT EXISTS (SELECT FROM events WHERE position IS NULL)
    AND NOT EXISTS (SELECT FROM announced WHERE next_at <= clock_timestamp()) AS done`
  for (const began = Date.now(); ; ) {
    const [row] = await db.query<{ done: boolean }>({ text }, [])
    if (row?.done) return
    if (Date.now() - began > longest) throw new Error(`Not told of everything within ${longest} ms.`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** What a client has that applies changes in their order: slug by article. */
export function replayed(changes: Change[]): Record<string, string> {
  const live = new Map<string, string>()
  for (const { type, article } of changes) {
    if (type === 'upsert') live.set(article.id, article.slug)
    else live.delete(article.id)
  }
  return Object.fromEntries([...live].sort())
}

export async function liveNow({ db }: Pick<Newsroom, 'db'>): Promise<Record<string, string>> {
  const rows = await db.query<{ id: string; slug: string }>(
    {
      text: `SELECT article_id AS id, slug FROM publications
        WHERE NOT withdrawn AND live_from <= now() AND (live_until IS NULL OR live_until > now()) ORDER BY article_id`
    },
    []
  )
  return Object.fromEntries(rows.map(({ id, slug }) => [id, slug]))
}

/** What of an article’s history cannot be true; nothing when all of it can. */
export function untruths(changes: Change[]): string[] {
  const wrong: string[] = []
  const seen = new Set<string>()
  const state = new Map<string, { live: boolean; at: string }>()
  for (const { id, type, reason, at, article } of changes) {
    const told = `${article.slug}: ${reason} at ${at}`
    if (seen.has(id)) wrong.push(`${told} twice`)
    seen.add(id)
    const before = state.get(article.id) ?? { live: false, at: '' }
    // A new name stands where it was noticed: it belongs to no moment of the timeline.
    if (reason !== 'tags' && at < before.at) wrong.push(`${told} after ${before.at}`)
    if (type === 'remove' && !before.live) wrong.push(`${told}, and was not live`)
    if (type === 'upsert' && before.live !== (reason !== 'published'))
      wrong.push(`${told}, and was ${before.live ? '' : 'not '}live`)
    state.set(article.id, { live: type === 'upsert', at: reason === 'tags' ? before.at : at })
  }
  return wrong
}

export type Message = { id?: string; event?: string; data?: string; comment?: string }

/** Reads a stream until `close`, or until it ends. `heard` holds the changes that came. */
export async function listen(
  url: string,
  { lastEventId, path = '/v1/content/stream' }: { lastEventId?: string; path?: string } = {}
) {
  const abort = new AbortController()
  const response = await fetch(url + path, {
    signal: abort.signal,
    headers: lastEventId ? { 'last-event-id': lastEventId } : {}
  })
  if (response.status !== 200)
    throw new Error(`The stream answers ${response.status}: ${await response.text()}`)
  const messages: Message[] = []
  const ended = (async () => {
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() as string
        messages.push(...blocks.map(parsed))
      }
    } catch {
      // Cut off: what came whole was heard.
    }
  })()
  return {
    response,
    messages,
    ended,
    heard: (): Change[] => messages.flatMap(({ data }) => (data ? [JSON.parse(data)] : [])),
    close: async () => {
      abort.abort()
      await ended
    }
  }
}

function parsed(block: string): Message {
  const message: Message = {}
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) message.comment = line.slice(1).trim()
    const [, name, value] = /^(id|event|data): (.*)$/.exec(line) ?? []
    if (name) message[name as 'id'] = value
  }
  return message
}

export async function until(what: string, isSo: () => boolean | Promise<boolean>, longest = 5000) {
  for (const began = Date.now(); !(await isSo()); ) {
    if (Date.now() - began > longest) throw new Error(`Not within ${longest} ms: ${what}`)
    await new Promise((done) => setTimeout(done, 10))
  }
}
