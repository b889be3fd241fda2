/**
 * Answers of the content side, kept while they are true. What is read from the database is kept only if nothing it
 * shows was told of as changed since its reading began; who asks for the same at the same time waits for one reading.
 */
import type { Database } from '../database/database.ts'
import { Freshness, ticking } from './freshness.ts'
import { type Kept, Store } from './store.ts'

type Flight = { since: number; answer: Promise<Kept> }
type Change = { number: number; keys: Set<string> | null }

/** Somebody may be reading at every moment: what was heard of for longer than that is remembered as everything. */
const MOST_CHANGES = 1_000

export class Cache {
  readonly store: Store
  readonly freshness: Freshness
  /** Set when the service closes: connections must be told, which Fastify does. */
  closing = false
  /** Requests answered with what was kept, and answers read from the database. */
  hits = 0
  misses = 0
  readonly #flights = new Map<string, Flight>()
  /** Changes heard of while something was being read; without keys, of everything. */
  #changes: Change[] = []
  #number = 0
  /** Whether there is room for anything; without, each request is read for itself. */
  readonly keeps: boolean
  #readings = 0
  /** Told when changes are not heard of, so that nothing can be kept. */
  deaf: () => void = () => {}

  constructor(db: Database, bytes: number) {
    this.store = new Store(bytes)
    this.keeps = bytes > 0
    this.freshness = new Freshness(db, {
      changed: (keys) => {
        this.store.drop(keys)
        this.#remember(new Set(keys))
      },
      lost: () => {
        this.store.clear()
        this.#remember(null)
      },
      deaf: () => this.deaf()
    })
  }

  /** What is kept under this address, if it is still true. */
  find(address: string, now = ticking()): Kept | undefined {
    if (!this.freshness.isFresh(now)) return undefined
    const kept = this.store.get(address)
    return kept && now < kept.until ? kept : undefined
  }

  /** What is kept under this address, else what `read` makes, which is kept then. Rejects as `read` does. */
  async get(address: string, read: () => Promise<Kept>): Promise<Kept> {
    const kept = this.find(address)
    if (kept) {
      this.hits++
      return kept
    }
    this.freshness.catchUp()
    const under = this.#flights.get(address)
    // One that began before a change, or while what is true was not known, is not for those who come after.
    if (under && under.since === this.#number && this.freshness.isFresh()) return under.answer
    const flight: Flight = { since: this.#number, answer: this.#read(address, read) }
    if (this.keeps && this.freshness.isFresh()) {
      this.#flights.set(address, flight)
      const land = () => this.#flights.get(address) === flight && this.#flights.delete(address)
      flight.answer.then(land, land)
    }
    return flight.answer
  }

  async #read(address: string, read: () => Promise<Kept>): Promise<Kept> {
    const since = this.#number
    const heard = this.freshness.listening
    this.#readings++
    this.misses++
    try {
      const answer = await read()
      const isTrue = heard && this.freshness.listening && !this.#changedSince(since, answer.keys)
      // What was overtaken is an answer to this request, and to be kept by nobody.
      if (!isTrue) return { ...answer, until: Number.NEGATIVE_INFINITY }
      this.store.put(address, answer)
      return answer
    } finally {
      this.#readings--
      if (this.#readings === 0) this.#changes = []
    }
  }

  #remember(keys: Set<string> | null) {
    this.#number++
    if (this.#readings === 0) return
    const isLong = this.#changes.length >= MOST_CHANGES
    if (isLong) this.#changes = []
    this.#changes.push({ number: this.#number, keys: isLong ? null : keys })
  }

  #changedSince(since: number, keys: string[]) {
    return this.#changes.some(
      (change) => change.number > since && (change.keys === null || keys.some((key) => change.keys?.has(key)))
    )
  }
}
