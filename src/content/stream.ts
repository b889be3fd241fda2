/**
 * The changes as server-sent events. One look at the database serves all who are up to date; who is behind reads pages of
 * its own, one when it has taken the one before. Nobody has more than a page waiting, however slow.
 */
import { Readable } from 'node:stream'
import type { Reader } from '../database/database.ts'
import { type ChangeRow, readChanges } from './changes.ts'

export type StreamLimits = {
  /** How often to look for changes. */
  lookMs: number
  /** How often those who hear nothing else are told that we are there. */
  heartbeatMs: number
  /** Who has not read for so long is let go, and may resume. */
  stalledMs: number
  /** Clients of this instance. */
  clients: number
}

const usual: StreamLimits = { lookMs: 250, heartbeatMs: 15_000, stalledMs: 30_000, clients: 1000 }
const PAGE = 100
/** Changes held for all: who is no further behind than that needs no query of its own. */
const HELD = 1000

type Client = {
  stream: Readable
  /** Asks for more when the last page was taken. */
  feed: () => Promise<void>
  takenAt: number
  toldAt: number
}

export function openStreams(db: Reader, told: (error: Error) => void, limits: Partial<StreamLimits> = {}) {
  const { lookMs, heartbeatMs, stalledMs, clients: most } = { ...usual, ...limits }
  const clients = new Set<Client>()
  /** All changes after `from` up to `head`, of every locale. */
  let held: ChangeRow[] = []
  let from = Infinity
  let head = 0
  let timer: NodeJS.Timeout | undefined
  let looking = false
  let closed = false

  async function look() {
    if (looking) return
    looking = true
    try {
      const found = await readChanges(db, from === Infinity ? Number.MAX_SAFE_INTEGER : head, undefined, HELD)
      if (from === Infinity) from = found.head
      held.push(...found.rows)
      head = found.rows.length === HELD ? (found.rows.at(-1) as ChangeRow).position : found.head
      const dropped = held.splice(0, Math.max(0, held.length - HELD)).at(-1)
      if (dropped) from = dropped.position
    } catch (error) {
      told(error as Error)
    } finally {
      looking = false
    }
    attend()
  }

  /** Feeds who waits, greets who hears nothing, lets go who does not read. */
  function attend() {
    const now = Date.now()
    for (const client of clients) {
      const { stream } = client
      if (stream.readableLength === 0) client.takenAt = now
      if (now - client.takenAt > stalledMs) stream.destroy()
      else if (stream.readableLength === 0 && now - client.toldAt > heartbeatMs) {
        client.toldAt = now
        stream.push(': here\n\n')
      } else void client.feed()
    }
  }

  /** The next changes after a position, and where the client is then. */
  async function next(position: number, locale: string | undefined) {
    const known = position >= from
    const { rows, end } = known
      ? {
          // Most clients are up to date most of the time: there is nothing to look through for them.
          rows:
            position >= head
              ? []
              : held.filter((row) => row.position > position && row.locale === (locale ?? row.locale)),
          end: head
        }
      : await readChanges(db, position, locale, PAGE).then(({ rows, head }) => ({ rows, end: head }))
    const page = rows.slice(0, PAGE)
    return {
      page,
      position: page.length === PAGE ? (page.at(-1) as ChangeRow).position : Math.max(position, end)
    }
  }

  return {
    get full() {
      return closed || clients.size >= most
    },

    /** All changes after `position`, each written by `tell`, until the reader or we close it. */
    open(after: number, locale: string | undefined, tell: (row: ChangeRow) => string): Readable {
      let position = after
      let wanted = false
      let busy = false
      const stream = new Readable({
        // Asked for more only when nothing is left.
        highWaterMark: 1,
        read() {
          wanted = true
          void client.feed()
        },
        destroy(error, done) {
          clients.delete(client)
          if (clients.size === 0) rest()
          done(error)
        }
      })
      const client: Client = {
        stream,
        takenAt: Date.now(),
        toldAt: Date.now(),
        async feed() {
          if (!wanted || busy || stream.destroyed) return
          busy = true
          try {
            const found = await next(position, locale)
            if (!clients.has(client)) return
            position = found.position
            if (found.page.length === 0) return
            wanted = false
            client.toldAt = Date.now()
            stream.push(found.page.map(tell).join(''))
          } catch (error) {
            told(error as Error)
          } finally {
            busy = false
          }
        }
      }
      clients.add(client)
      timer ??= setInterval(look, lookMs)
      // Sends the headers, and says how soon to come back.
      stream.push('retry: 1000\n\n')
      return stream
    },

    /** Ends them all: they come back to another instance. */
    close() {
      closed = true
      for (const client of clients) {
        const { stream } = client
        clients.delete(client)
        if (stream.readableLength > 0) stream.destroy()
        else stream.push(null)
      }
      rest()
    }
  }

  function rest() {
    clearInterval(timer)
    timer = undefined
    held = []
    from = Infinity
  }
}
