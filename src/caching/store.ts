/** Finished answers, bounded in bytes, found by address and dropped by surrogate key. */

export type Encoding = 'gzip' | 'br'

export type Form = {
  content: Buffer
  bytes: number
  etag: string
  /** Headers that never change, by name and value, one after the other: those a 304 has too, and those of the content. */
  shared: string[]
  own: string[]
  /** All headers of an answer and of a 304, once one was sent from the store; what changes is put in anew each time. */
  heads: { whole?: string[]; unchanged?: string[] }
}

export type Kept = {
  /** Surrogate keys. */
  keys: string[]
  status: 200 | 301
  plain: Form
  /** Made when somebody first asked for them. */
  encoded: Partial<Record<Encoding, Form>>
  /** Until when it may be served, on the clock of `performance.now()`; Infinity when only changes end it. */
  until: number
}

type Place = { answer: Kept; addresses: string[]; bytes: number; used: boolean }

/** What an answer costs beside its bytes: maps, sets, the object itself, its headers. */
const OVERHEAD = 900
/** Ways of writing one address (order of parameters, encodings) that lead to it directly. */
const MOST_ADDRESSES = 8

export class Store {
  readonly #bound: number
  readonly #byAddress = new Map<string, Place>()
  readonly #byKey = new Map<string, Set<Place>>()
  /** In the order in which they are looked at when room is needed. */
  readonly #places = new Map<Kept, Place>()
  #bytes = 0

  /** @param bound in bytes; 0 keeps nothing */
  constructor(bound: number) {
    this.#bound = bound
  }

  get bytes() {
    return this.#bytes
  }

  get size() {
    return this.#places.size
  }

  get(address: string): Kept | undefined {
    const place = this.#byAddress.get(address)
    if (!place) return undefined
    place.used = true
    return place.answer
  }

  /** Keeps an answer in the place of the one that had its address. One that is a large part of the room is not kept. */
  put(address: string, answer: Kept) {
    const before = this.#byAddress.get(address)
    if (before) this.#remove(before)
    const bytes =
      OVERHEAD +
      answer.plain.bytes +
      2 * address.length +
      answer.keys.reduce((sum, key) => sum + 2 * key.length + 80, 0)
    if (bytes > this.#bound / 8) return
    const place: Place = { answer, addresses: [address], bytes, used: false }
    this.#byAddress.set(address, place)
    this.#places.set(answer, place)
    for (const key of answer.keys) {
      const places = this.#byKey.get(key) ?? new Set()
      places.add(place)
      this.#byKey.set(key, places)
    }
    this.#grow(place, bytes)
  }

  /** Another way to write the address of what is kept. */
  alias(address: string, answer: Kept) {
    const place = this.#places.get(answer)
    if (!place || this.#byAddress.has(address) || place.addresses.length >= MOST_ADDRESSES) return
    place.addresses.push(address)
    this.#byAddress.set(address, place)
    const bytes = 2 * address.length + 80
    place.bytes += bytes
    this.#grow(place, bytes)
  }

  /** The same in an encoding. */
  addEncoding(answer: Kept, encoding: Encoding, form: Form) {
    if (answer.encoded[encoding]) return
    answer.encoded[encoding] = form
    const place = this.#places.get(answer)
    if (!place) return
    const bytes = form.bytes + OVERHEAD
    place.bytes += bytes
    this.#grow(place, bytes)
  }

  /** Drops every answer that has one of these keys. */
  drop(keys: string[]) {
    for (const key of keys) for (const place of this.#byKey.get(key) ?? []) this.#remove(place)
  }

  clear() {
    this.#byAddress.clear()
    this.#byKey.clear()
    this.#places.clear()
    this.#bytes = 0
  }

  #remove(place: Place) {
    for (const address of place.addresses)
      if (this.#byAddress.get(address) === place) this.#byAddress.delete(address)
    for (const key of place.answer.keys) {
      const places = this.#byKey.get(key)
      places?.delete(place)
      if (places?.size === 0) this.#byKey.delete(key)
    }
    if (this.#places.delete(place.answer)) this.#bytes -= place.bytes
  }

  /** Makes room by a second chance: what was asked for since the last look stays, once. */
  #grow(newest: Place, bytes: number) {
    this.#bytes += bytes
    for (const [answer, place] of this.#places) {
      if (this.#bytes <= this.#bound || this.#places.size === 1) return
      if (place.used || place === newest) {
        place.used = false
        this.#places.delete(answer)
        this.#places.set(answer, place)
      } else this.#remove(place)
    }
  }
}
