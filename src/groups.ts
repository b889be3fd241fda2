/**
 * Asking in groups: what came in while statements ran goes into the next one, one statement for all. Whoever counts is
 * answered when that statement is committed, so what is acknowledged is stored, and a busy counter costs the database one
 * commit where it would cost thousands; whoever reads what many read at once shares the price of a statement.
 */
import { againWhileUndone } from './database/database.ts'
import { Problem } from './http/errors.ts'

type Waiting<Ask, Told> = { ask: Ask; resolve: (told: Told) => void; reject: (error: unknown) => void }

export class Group<Ask, Told> {
  readonly #send: (asked: Ask[]) => Promise<Told[]>
  readonly #lanes: number
  readonly #most: number
  readonly #room: number
  #waiting: Waiting<Ask, Told>[] = []
  #running = 0

  /**
   * `send` does all that is asked in one statement, and tells in the same order what became of each. At most `most` go
   * into one statement, `lanes` of which run at once, and at most `room` wait.
   */
  constructor(
    send: (asked: Ask[]) => Promise<Told[]>,
    { lanes = 1, most = 1_000, room = 20_000 }: { lanes?: number; most?: number; room?: number } = {}
  ) {
    this.#send = send
    this.#lanes = lanes
    this.#most = most
    this.#room = room
  }

  /**
   * Resolves when it is done and committed. Rejects when it was not, or when nobody can know (the connection broke
   * before the answer came): that is never tried again, so that nothing is counted twice. Throws `unavailable` when
   * too many wait already.
   */
  ask(ask: Ask): Promise<Told> {
    if (this.#waiting.length >= this.#room)
      throw new Problem('unavailable', 'Too much is asked at this moment.', {
        headers: { 'retry-after': '1' }
      })
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ask, resolve, reject })
      if (this.#running < this.#lanes) {
        this.#running++
        // What arrives in the same turn of the event loop goes along.
        setImmediate(() => void this.#run())
      }
    })
  }

  async #run() {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#most)
      try {
        const asked = group.map(({ ask }) => ask)
        const told = await againWhileUndone(() => this.#send(asked))
        group.forEach(({ resolve }, index) => {
          resolve(told[index] as Told)
        })
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#running--
  }
}
