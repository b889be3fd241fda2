/** One comparison: Dateline beside the yardsticks, on one loaded database. */
import type { Measured } from './client.ts'
import { type CountRow, countRows, openCounting } from './counting.ts'
import type { Places } from './cpus.ts'
import { type CreateRow, createRow, openCreating } from './creating.ts'
import { loadNewsroom } from './load/load.ts'
import { inRounds, type Loader, median, perSecond, type Ratio, type Run, ratioOf } from './measure.ts'
import type { Options } from './options.ts'
import type { Postgres } from './postgres.ts'
import { compare, type Learned, learn, ownHeaders, questionsOf, type Subject } from './questions.ts'
import { type Row, rows } from './rows.ts'
import { type Samples, samplesOf } from './samples.ts'
import { type Server, startBare, startDateline, startEmbedded, startHandSql } from './servers.ts'

export type Told = (line: string) => void

export type Figure = {
  name: string
  work: string
  target: number
  beside: string
  /** Of Dateline's rate and that of what it stands beside, round by round. */
  ratio: Ratio
  perSecond: number
  besidePerSecond: number
  /** Dateline's, in ms. */
  p50: number
  p99: number
  /** Of what it stands beside, where that is a bound; else null. */
  besideP99: number | null
}

export type Comparison = {
  figures: Figure[]
  /** Bare beside bare, and how far from 1 the middle half of its rounds reaches. */
  noise: { ratio: Ratio; spread: number }
  /** Peaks in bytes; null where the system does not say. */
  memory: { cached: number | null; uncached: number | null; handSql: number | null }
  /** Median of three starts on the server, and a start on an embedded database that is there, in ms; null: not measured. */
  ready: { server: number; embedded: number } | null
}

type Servers = { cached: Server; uncached: Server; handSql: Server; bare: Server; bareAgain: Server }

export async function compareAll(
  options: Options,
  { postgres, places, loader, told }: { postgres: Postgres; places: Places; loader: Loader; told: Told }
): Promise<Comparison> {
  const all = [...rows, ...countRows, createRow]
  const wanted = all.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  if (wanted.length === 0) throw new Error(`--only takes some of: ${all.map(({ name }) => name).join(', ')}.`)
  told(`loading ${options.articles} articles`)
  const url = await postgres.database(`bench_${options.articles}`)
  await loadNewsroom(url, options.articles, told)
  const samples = await samplesOf(url)
  const dateline = (cache: boolean) =>
    startDateline({ url, cache, place: places?.server, logLevel: options.logLevel, profile: options.profile })
  const servers: Servers = {
    cached: await dateline(true),
    uncached: await dateline(false),
    handSql: await startHandSql(url, places?.server),
    bare: await startBare(places?.server),
    bareAgain: await startBare(places?.server)
  }
  try {
    const prepared = []
    const counting = await openCounting(url)
    const creating = await openCreating(url)
    const ports = {
      Dateline: servers.cached.port,
      'hand SQL': servers.handSql.port,
      bare: servers.bare.port
    }
    const runsOf = (row: Row | CountRow | CreateRow) => {
      if ('counts' in row) return counting.prepare(row, ports, loader)
      if ('creates' in row) return creating.prepare(row, ports, loader)
      return prepareRow(row, servers, samples, loader)
    }
    for (const row of wanted) prepared.push(await runsOf(row))
    const noise = await prepareNoise(servers, samples, loader)
    told(`measuring ${wanted.length} rows in ${options.rounds} rounds`)
    const results = await inRounds(loader, [...prepared.flat(), ...noise], options, told)
    await counting.check()
    await creating.check()
    const ofNoise = results.get('noise')
    const ratio = ratioOf(ofNoise?.get('bare') ?? [], ofNoise?.get('bare again') ?? [])
    const figures = wanted.map((row) => figureOf(row, results.get(row.name) ?? new Map()))
    const memory = {
      cached: servers.cached.peakMemory(),
      uncached: servers.uncached.peakMemory(),
      handSql: servers.handSql.peakMemory()
    }
    const spread = Math.max(Math.abs(1 - ratio.low), Math.abs(ratio.high - 1))
    const ready = options.only.length > 0 ? null : await readiness(() => dateline(true), places)
    return { figures, noise: { ratio, spread }, memory, ready }
  } finally {
    for (const server of Object.values(servers)) await server.stop()
  }
}

/** Both ways of the hand-written SQL answer under a prefix of their own. */
const HAND_SQL = ['postgres', 'node']

async function prepareRow(row: Row, servers: Servers, samples: Samples, loader: Loader): Promise<Run[]> {
  const asked = row.asked(samples)
  const ours: Subject = {
    name: 'Dateline',
    port: (row.cache ? servers.cached : servers.uncached).port,
    prefix: ''
  }
  const learned = await learn(ours, asked)
  await loader.learn(`${row.name} Dateline`, questionsOf(learned, row.known))
  const runs: Run[] = [{ row: row.name, subject: 'Dateline', port: ours.port }]
  if (row.beside === 'bare')
    return [
      ...runs,
      await prepareBare(row.name, 'bare', servers.bare, learned[0] as Learned, loader, row.known)
    ]
  for (const way of HAND_SQL) {
    const theirs: Subject = { name: `hand SQL (${way})`, port: servers.handSql.port, prefix: `/${way}` }
    const answers = await learn(theirs, asked)
    compare(theirs.name, learned, answers)
    await loader.learn(`${row.name} ${way}`, questionsOf(answers))
    runs.push({ row: row.name, subject: way, port: theirs.port })
  }
  return runs
}

/** The same request, headers and body; where we answer 304, it sends the whole. */
async function prepareBare(
  row: string,
  subject: string,
  bare: Server,
  learned: Learned,
  loader: Loader,
  known = false
): Promise<Run> {
  const { status, body } = learned
  const questions = questionsOf([learned], known).map(({ request }) => ({
    request,
    expected: { status, body }
  }))
  await loader.learn(`${row} ${subject}`, questions)
  const before = () => bare.tell({ headers: ownHeaders(learned), body })
  return { row, subject, port: bare.port, before }
}

async function prepareNoise(servers: Servers, samples: Samples, loader: Loader): Promise<Run[]> {
  const asked = (rows[0] as Row).asked(samples)
  const [learned] = await learn({ name: 'Dateline', port: servers.uncached.port, prefix: '' }, asked)
  return [
    await prepareBare('noise', 'bare', servers.bare, learned as Learned, loader),
    await prepareBare('noise', 'bare again', servers.bareAgain, learned as Learned, loader)
  ]
}

function figureOf(row: Row | CountRow | CreateRow, measured: Map<string, Measured[]>): Figure {
  const ours = measured.get('Dateline') ?? []
  const [best] = [...measured]
    .filter(([subject]) => subject !== 'Dateline')
    .sort(([, a], [, b]) => median(perSecond(b)) - median(perSecond(a)))
  const [way = '', theirs = []] = best ?? []
  const { name, work, target, beside } = row
  return {
    name,
    work,
    target,
    beside: way === beside ? beside : `${beside} (JSON made by ${way === 'node' ? 'Node' : 'Postgres'})`,
    ratio: ratioOf(ours, theirs),
    perSecond: median(perSecond(ours)),
    besidePerSecond: median(perSecond(theirs)),
    p50: median(ours.map(({ p50 }) => p50)),
    p99: median(ours.map(({ p99 }) => p99)),
    besideP99: 'counts' in row && beside === 'hand SQL' ? median(theirs.map(({ p99 }) => p99)) : null
  }
}

async function readiness(start: () => Promise<Server>, places: Places) {
  const times: number[] = []
  for (let count = 0; count < 3; count++) {
    const server = await start()
    times.push(server.readyAfter)
    await server.stop()
  }
  return { server: median(times), embedded: await startEmbedded(places?.server) }
}
