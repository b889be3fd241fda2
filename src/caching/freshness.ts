/**
 * Whether what is kept may be served. It may while three things hold: every change is heard of (the connection that
 * listens hears our own tick, sent each second), no moment of the timeline has passed that was not looked at, and
 * nothing is known to have changed whose consequences for the timeline are not known yet. The only clock is the
 * database's: each tick says what it was at most, and from there on our own is counted forward, which no change of the
 * system's time can disturb.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { BY_ITSELF, lookAtMoments } from '../content/moments.ts'
import type { Database } from '../database/database.ts'

const CHANNEL = 'dateline'
const TICK_MS = 1_000
/** Without having heard a tick younger than this, nobody knows what was missed. */
const SILENCE_MS = 2_000
const RETRY_MS = 500
/** Whoever hears nothing for so long will not begin to by itself, and is slow until somebody sees to it. */
const DEAF_MS = 15_000

export type Heard = {
  /** Surrogate keys of what changed, here or on another instance, or began or ended by itself. */
  changed: (keys: string[]) => void
  /** Anything may have changed. */
  lost: () => void
  /** No change is heard of though the database answers: nothing can be kept. Told once until something is heard. */
  deaf: () => void
}

/** Our own clock, in milliseconds. It only goes forward. */
export const ticking = () => performance.now()

export class Freshness {
  readonly #db: Database
  readonly #heard: Heard
  readonly #name = randomUUID()
  /** When ticks were sent that were not heard yet, by their number. */
  readonly #sent = new Map<number, number>()
  #ticks = 0
  /** Ends this listening; null while nobody listens. */
  #unlisten: (() => Promise<void>) | null = null
  #listensSince = 0
  /** When anything was heard last, else when it all began; null once `deaf` was told. */
  #quietSince: number | null = ticking()
  /** When the youngest tick that was heard was sent. */
  #heardAt = Number.NEGATIVE_INFINITY
  /** The database's clock is at most `ticking() + #ahead`, in milliseconds since 1970. */
  #ahead = Number.POSITIVE_INFINITY
  #since = 'infinity'
  #next: number | null = null
  /** What changed may have moved the next moment: looks asked for, and done. */
  #asked = 1
  #looked = 0
  #looking = false
  /** On our own clock. */
  #freshUntil = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(db: Database, heard: Heard) {
    this.#db = db
    this.#heard = heard
    db.committed((keys) => this.#change(keys))
  }

  /** Begins to listen, and goes on trying to. */
  start() {
    void this.#tick()
  }

  async stop() {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#unlisten?.()
  }

  isFresh(now = ticking()): boolean {
    return now < this.#freshUntil
  }

  /** Whether changes are heard of: what is read from the database now may be kept. */
  get listening(): boolean {
    return this.#unlisten !== null && ticking() < this.#heardAt + SILENCE_MS
  }

  /** Whole seconds until the next moment of the timeline; 0 when it is not known. */
  secondsAhead(now = ticking()): number {
    if (!this.isFresh(now)) return 0
    if (this.#next === null) return Number.POSITIVE_INFINITY
    return Math.max(0, Math.floor((this.#next - this.#ahead - now) / 1_000))
  }

  /** Nothing that is kept may be served any more; for what changes the tables behind our back. */
  forget() {
    this.#heard.lost()
    this.#lookAgain()
  }

  /** Looks at the timeline, if a moment of it has passed. Call it when something was not fresh. */
  catchUp() {
    if (this.listening && this.#next !== null && ticking() + this.#ahead >= this.#next) this.#lookAgain()
  }

  // ---- Hearing -------------------------------------------------------------------------------------------------------

  async #tick(): Promise<void> {
    const before = ticking()
    try {
      if (this.#unlisten !== null && before > Math.max(this.#heardAt, this.#listensSince) + SILENCE_MS)
        await this.#hangUp()
      if (this.#unlisten === null) await this.#listen()
      const number = ++this.#ticks
      const sent = ticking()
      this.#sent.set(number, sent)
      const [row] = await this.#db.aside<{ at: number }>(
        {
          name: 'tick',
          text: `${BY_ITSELF} SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at, pg_notify('${CHANNEL}', $1::text)`
        },
        [`tick ${this.#name} ${number}`]
      )
      this.#ahead = (row as { at: number }).at - sent
      this.#reckon()
      if (this.#quietSince !== null && sent > this.#quietSince + DEAF_MS) {
        this.#quietSince = null
        this.#heard.deaf()
      }
    } catch {
      // The database does not answer. What was heard last grows old, and then nothing is fresh.
      if (this.#quietSince !== null) this.#quietSince = ticking()
    }
    if (this.#stopped) return
    const pause = this.#unlisten === null ? RETRY_MS : TICK_MS - (ticking() - before)
    this.#timer = setTimeout(() => void this.#tick(), Math.max(50, pause))
    this.#timer.unref()
  }

  async #listen() {
    this.#heardAt = Number.NEGATIVE_INFINITY
    this.#sent.clear()
    let lost = false
    const unlisten = await this.#db.listen(
      CHANNEL,
      (payload) => !lost && this.#hear(payload),
      () => {
        lost = true
        this.#unlisten = null
        this.#reckon()
      }
    )
    const end = async () => {
      lost = true
      await unlisten()
    }
    if (this.#stopped) return end()
    this.#unlisten = end
    this.#listensSince = ticking()
  }

  /** The connection is silently dead, or behind: another one is made. */
  async #hangUp() {
    const end = this.#unlisten
    this.#unlisten = null
    this.#reckon()
    await end?.()
  }

  #hear(payload: string) {
    const [word, name, number] = payload.split(' ', 3)
    if (word !== 'tick') return payload === '*' ? this.forget() : this.#change(payload.split(' '))
    if (name !== this.#name) return
    const sent = this.#sent.get(Number(number))
    this.#sent.delete(Number(number))
    if (sent === undefined || sent < this.#heardAt) return
    const first = this.#heardAt === Number.NEGATIVE_INFINITY
    this.#heardAt = sent
    this.#quietSince = ticking()
    // What was told of while nobody listened is unknown.
    if (first) this.forget()
    else this.#reckon()
  }

  #change(keys: string[]) {
    this.#heard.changed(keys)
    if (keys.some((key) => key === 'articles' || key.startsWith('list:'))) this.#lookAgain()
  }

  // ---- The timeline --------------------------------------------------------------------------------------------------

  #lookAgain() {
    this.#asked++
    this.#reckon()
    if (!this.#looking) void this.#look()
  }

  async #look() {
    this.#looking = true
    while (this.#looked < this.#asked && !this.#stopped) {
      const answered = this.#asked
      try {
        const sent = ticking()
        const { now, at, next, keys } = await lookAtMoments({ query: this.#db.aside }, this.#since)
        if (keys === null) this.#heard.lost()
        else if (keys.length > 0) this.#heard.changed(keys)
        this.#since = now
        this.#next = next
        this.#ahead = at - sent
        this.#looked = answered
        this.#reckon()
      } catch {
        await wait(RETRY_MS, undefined, { ref: false })
      }
    }
    this.#looking = false
  }

  #reckon() {
    if (this.#unlisten === null || this.#looked < this.#asked) {
      this.#freshUntil = Number.NEGATIVE_INFINITY
      return
    }
    const toNext = this.#next === null ? Number.POSITIVE_INFINITY : this.#next - this.#ahead
    this.#freshUntil = Math.min(this.#heardAt + SILENCE_MS, toNext)
  }
}
