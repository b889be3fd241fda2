/** Rounds in which everything is measured in turn, in another order each time, and what they say together. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Measured, Question } from './client.ts'
import type { FromLoad, ToLoad } from './load-process.ts'

/** One server asked the questions of one row. */
export type Run = {
  row: string
  subject: string
  port: number
  before?: () => Promise<void>
  after?: (measured: Measured) => void
}

export type Loader = {
  learn: (name: string, questions: Question[]) => Promise<void>
  ask: (name: string, port: number, seconds: number) => Promise<Measured>
  stop: () => void
}

const CONNECTIONS = 50
/** Seconds at the beginning of each measurement that do not count. */
const WARM_UP = 0.3

/** The process that makes the load, on a processor of its own. */
export function startLoader(pin: (pid: number) => void): Loader {
  const file = fileURLToPath(new URL('load-process.js', import.meta.url))
  const child = fork(file, [], { serialization: 'advanced' })
  if (child.pid !== undefined) pin(child.pid)
  const send = async (message: ToLoad) => {
    child.send(message)
    const [answer] = (await once(child, 'message')) as [FromLoad]
    if (answer.error !== null) throw new Error(answer.error)
    return answer.measured
  }
  return {
    async learn(name, questions) {
      await send({ kind: 'learn', name, questions })
    },
    async ask(name, port, seconds) {
      const load = { port, connections: CONNECTIONS, seconds, warmUp: WARM_UP }
      const measured = await send({ kind: 'ask', name, load })
      if (!measured || measured.answers === 0) throw new Error(`${name}: no answers`)
      if (measured.faults > 0)
        throw new Error(
          `${name}: ${measured.faults} answers were not as expected, the first: ${measured.firstFault}`
        )
      return measured
    },
    stop: () => child.disconnect()
  }
}

/**
 * Measures each run once a round. Answers by row and subject, a measurement a round. A round before the first does not
 * count: servers that were asked less until then have compiled less of themselves.
 */
export async function inRounds(
  loader: Loader,
  runs: Run[],
  { rounds, seconds }: { rounds: number; seconds: number },
  told: (line: string) => void
) {
  const results = new Map<string, Map<string, Measured[]>>()
  const byRow = new Map<string, Run[]>()
  for (const run of runs) byRow.set(run.row, [...(byRow.get(run.row) ?? []), run])
  for (let round = 0; round <= rounds; round++) {
    for (const [row, subjects] of byRow) {
      for (const { subject, port, before, after } of shuffled(subjects)) {
        await before?.()
        const measured = await loader.ask(`${row} ${subject}`, port, seconds)
        after?.(measured)
        if (round === 0) continue
        const ofRow = results.get(row) ?? new Map<string, Measured[]>()
        ofRow.set(subject, [...(ofRow.get(subject) ?? []), measured])
        results.set(row, ofRow)
      }
    }
    told(`round ${round} of ${rounds}`)
  }
  return results
}

function shuffled<T>(list: T[]): T[] {
  return list
    .map((one) => ({ one, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
}

export const perSecond = (measured: Measured[]) => measured.map((one) => one.perSecond)

/** The value below which so much of the list lies, between two of them where it falls between. */
export function quantile(list: number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  return low + (high - low) * (at - Math.floor(at))
}
export const median = (list: number[]) => quantile(list, 0.5)

export type Ratio = { median: number; low: number; high: number }

/** Of the rates of two subjects, round by round: the median and the quartiles. */
export function ratioOf(ours: Measured[], theirs: Measured[]): Ratio {
  const ratios = ours.map((one, round) => one.perSecond / (theirs[round] as Measured).perSecond)
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) }
}
