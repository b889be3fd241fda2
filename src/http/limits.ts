/**
 * How often an address may do what nobody honest has to do often, such as ask for what is not there. Kept in memory, by
 * each instance for itself.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { Problem } from './errors.ts'
import { subscriberOf } from './subscribers.ts'

/** So many addresses are told apart; more share a place with others. So the room this takes has a bound. */
const PLACES = 65_536

export class Limit {
  readonly #name: string
  readonly #most: number
  readonly #seconds: number
  readonly #spent: RateLimiterMemory
  /** Nobody outside can tell who shares a place with whom. */
  readonly #key = randomBytes(16)

  /** `most` times within `seconds` from the first. `name` stands in the headers. */
  constructor(name: string, most: number, seconds: number) {
    this.#name = name
    this.#most = most
    this.#seconds = seconds
    this.#spent = new RateLimiterMemory({ points: most, duration: seconds })
  }

  /** Throws `too_many_requests` for an address that has nothing left. Takes nothing. */
  async refuseSpent(address: string) {
    const state = await this.#spent.get(this.#placeOf(address))
    if (state && state.consumedPoints >= this.#most) throw this.#refusal(state)
  }

  /** Takes one, and answers with the headers that tell how many are left. Throws `too_many_requests` when none was. */
  async spend(address: string): Promise<Record<string, string>> {
    const state = await this.#spent
      .consume(this.#placeOf(address))
      .catch((refused: RateLimiterRes) => refused)
    if (state.consumedPoints > this.#most) throw this.#refusal(state)
    return this.#headers(state)
  }

  #placeOf(address: string) {
    const hash = createHmac('sha256', this.#key).update(subscriberOf(address)).digest()
    return String(hash.readUInt32BE() % PLACES)
  }

  #headers({ remainingPoints, msBeforeNext }: RateLimiterRes): Record<string, string> {
    const [left, seconds] = [Math.max(0, remainingPoints), Math.ceil(msBeforeNext / 1000)]
    return rateLimit(this.#name, { most: this.#most, window: this.#seconds, left, seconds })
  }

  #refusal(state: RateLimiterRes) {
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000))
    return new Problem('too_many_requests', `Wait ${seconds} s before the next one.`, {
      headers: { ...this.#headers(state), 'retry-after': String(seconds) }
    })
  }
}

/** draft-ietf-httpapi-ratelimit-headers: of `most` within `window` seconds so many are left, for so many seconds more. */
export const rateLimit = (
  name: string,
  { most, window, left, seconds }: { most: number; window: number; left: number; seconds: number }
): Record<string, string> => ({
  ratelimit: `"${name}";r=${left};t=${seconds}`,
  'ratelimit-policy': `"${name}";q=${most};w=${window}`
})

/** Not found, which costs the address one of what it may try. Throws `too_many_requests` when nothing was left. */
export const missed = async (limit: Limit, address: string, what: string) =>
  new Problem('not_found', `There is no such ${what}.`, { headers: await limit.spend(address) })
