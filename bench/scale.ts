/** The same questions at two sizes of a newsroom: nothing may take more than twice as long in the large one. */
import type { Places } from './cpus.ts'
import { loadNewsroom } from './load/load.ts'
import { inRounds, type Loader, type Ratio, type Run, ratioOf } from './measure.ts'
import type { Options } from './options.ts'
import type { Postgres } from './postgres.ts'
import { learn, questionsOf } from './questions.ts'
import { scaleRows } from './rows.ts'
import { samplesOf } from './samples.ts'
import { type Server, startDateline } from './servers.ts'

const SMALL = 10_000

export type Growth = {
  articles: number
  /** Seconds it took to load them. */
  loaded: number
  /** Time of the large newsroom by that of the small one. */
  figures: { name: string; work: string; ratio: Ratio }[]
}

export async function compareSizes(
  options: Options,
  {
    postgres,
    places,
    loader,
    told
  }: { postgres: Postgres; places: Places; loader: Loader; told: (line: string) => void }
): Promise<Growth> {
  const wanted = scaleRows.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  if (wanted.length === 0)
    throw new Error(`--only takes some of: ${scaleRows.map(({ name }) => name).join(', ')}.`)
  const servers: Server[] = []
  const runs: Run[] = []
  let loaded = 0
  try {
    for (const [subject, articles] of [
      ['small', SMALL],
      ['large', options.articles]
    ] as const) {
      told(`loading ${articles} articles`)
      const begun = performance.now()
      const url = await postgres.database(`bench_${subject}`)
      await loadNewsroom(url, articles, told)
      loaded = (performance.now() - begun) / 1_000
      const samples = await samplesOf(url)
      const server = await startDateline({
        url,
        cache: false,
        place: places?.server,
        logLevel: options.logLevel
      })
      servers.push(server)
      for (const { name, asked } of wanted) {
        told(`asking ${name}`)
        const learned = await learn({ name: 'Dateline', port: server.port, prefix: '' }, asked(samples))
        await loader.learn(`${name} ${subject}`, questionsOf(learned))
        runs.push({ row: name, subject, port: server.port })
      }
    }
    const results = await inRounds(loader, runs, options, told)
    const figures = wanted.map(({ name, work }) => {
      const measured = results.get(name)
      return { name, work, ratio: ratioOf(measured?.get('small') ?? [], measured?.get('large') ?? []) }
    })
    return { articles: options.articles, loaded, figures }
  } finally {
    for (const server of servers) await server.stop()
  }
}
