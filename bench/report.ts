/** What is printed: Markdown that can stand in the README as it is. */
import { cpus, totalmem } from 'node:os'
import type { Comparison } from './comparison.ts'
import type { Places } from './cpus.ts'
import type { Ratio } from './measure.ts'
import type { Options } from './options.ts'
import type { Postgres } from './postgres.ts'
import type { Growth } from './scale.ts'

/** Memory: so many times hand SQL's, and the cache's bound besides. */
const MEMORY = 1.5
export const CACHE_BOUND = 64 * 1024 * 1024
const READY = { server: 2_000, embedded: 5_000 }
const GROWTH = 2
/** Beyond this the machine was too busy with other things, and what is missed is missed. */
const MOST_NOISE = 0.1

export type Report = { markdown: string; missed: string[] }
type Around = { options: Options; postgres: Postgres; places: Places; command: string }

const times = (value: number) => `${value.toFixed(2)} ×`
const between = ({ low, high }: Ratio) => `${low.toFixed(2)} to ${high.toFixed(2)}`
const megabytes = (bytes: number | null) =>
  bytes === null ? 'unknown' : `${Math.round(bytes / 1024 / 1024)} MB`
const verdict = (met: boolean) => (met ? 'yes' : 'no')

export function reportOf(comparison: Comparison, around: Around): Report {
  const { figures, noise, memory, ready } = comparison
  const missed: string[] = []
  const allowance = Math.min(noise.spread, MOST_NOISE)
  const judge = (name: string, met: boolean) => {
    if (!met) missed.push(name)
    return verdict(met)
  }
  const lines = figures.map(({ name, work, target, beside, ratio, p50, p99, besideP99 }) => {
    const isPrompt = besideP99 === null || p99 <= besideP99
    const met = judge(name, ratio.median >= target - allowance && isPrompt)
    const bound = besideP99 === null ? '' : `, p99 at most ${besideP99.toFixed(1)} ms`
    return `| ${work} | ${times(target)} ${beside} | ${times(ratio.median)} | ${between(ratio)} | ${p50.toFixed(1)} / ${p99.toFixed(1)} ms${bound} | ${met} |`
  })
  const markdown = [
    '| work | at least | measured | middle half of the rounds | p50 / p99 | met |',
    '|---|---|---|---|---|---|',
    ...lines,
    `| bare beside bare (the noise) | | ${times(noise.ratio.median)} | ${between(noise.ratio)} | | |`,
    '',
    ...memoryLines(memory, judge),
    ...(ready ? readyLines(ready, judge) : []),
    '',
    ...notes(around),
    `- A target is met at the target minus ${allowance.toFixed(2)}: the noise reaches ${noise.spread.toFixed(2)} from 1${noise.spread > MOST_NOISE ? `, and no more than ${MOST_NOISE} is allowed for. This machine was too busy to measure on` : ''}.`
  ].join('\n')
  return { markdown, missed }
}

type Judge = (name: string, met: boolean) => string

function memoryLines({ cached, uncached, handSql }: Comparison['memory'], judge: Judge) {
  if (cached === null || uncached === null || handSql === null) return []
  const without = judge('memory, cache off', uncached <= MEMORY * handSql)
  const whole = judge('memory', cached <= MEMORY * handSql + CACHE_BOUND)
  return [
    `- Peak memory: ${megabytes(cached)} with the cache, ${megabytes(uncached)} without, hand SQL ${megabytes(handSql)}. At most ${MEMORY} × hand SQL, and the cache's bound of ${megabytes(CACHE_BOUND)} besides. Met: ${whole}; without the cache: ${without}.`
  ]
}

function readyLines({ server, embedded }: NonNullable<Comparison['ready']>, judge: Judge) {
  const met = [
    judge('ready on a server', server <= READY.server),
    judge('ready embedded', embedded <= READY.embedded)
  ]
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
  return [
    `- Ready after ${seconds(server)} on a migrated server database (at most ${seconds(READY.server)}: ${met[0]}), after ${seconds(embedded)} on an existing embedded one (at most ${seconds(READY.embedded)}: ${met[1]}).`
  ]
}

export function growthReportOf({ articles, loaded, figures }: Growth, around: Around): Report {
  const missed = figures.filter(({ ratio }) => ratio.median > GROWTH).map(({ name }) => name)
  const markdown = [
    `| work, cache off | time at ${articles.toLocaleString('en')} by that at 10,000 | middle half of the rounds | at most ${GROWTH} × |`,
    '|---|---|---|---|',
    ...figures.map(
      ({ work, ratio }) =>
        `| ${work} | ${times(ratio.median)} | ${between(ratio)} | ${verdict(ratio.median <= GROWTH)} |`
    ),
    '',
    `- Loaded and analysed within ${Math.round(loaded)} s. At 10,000 articles the last full page of a tag stands for page 500.`,
    ...notes(around)
  ].join('\n')
  return { markdown, missed }
}

function notes({ options, postgres, places, command }: Around): string[] {
  const { rounds, seconds } = options
  const shared = places && places.postgres === places.load
  const where = places
    ? `servers on processor ${places.server}, load on ${places.load}, Postgres on ${postgres.settings === null ? 'a server of its own' : places.postgres}${shared && postgres.settings !== null ? ', shared with the load' : ''}`
    : 'no process was bound to a processor'
  return [
    `- \`${command}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, Postgres ${postgres.version}${postgres.settings ? ` (${postgres.settings.join(', ')})` : ''}.`,
    `- ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GB; ${where}.`,
    `- 50 connections, keep-alive, ${rounds} rounds of ${seconds} s for each server and row in shuffled order; the ratio is the median of those of the rounds. Every answer was compared byte by byte with what was expected; each view and click was another visitor’s, and all were found in the totals.`
  ]
}
