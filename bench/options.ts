import { parseArgs } from 'node:util'

export type Options = {
  articles: number
  rounds: number
  seconds: number
  only: string[]
  scale: boolean
  loadOnly: string | null
  output: string
  logLevel: string | undefined
  profile: string | undefined
}

export const help = `npm run bench -- [options]

Measures Dateline beside Fastify that sends a fixed buffer and Fastify with hand-written SQL, on a throwaway Postgres,
and prints a Markdown table. Exit code 1 when a target is missed beyond the noise, or an answer is wrong.

  --articles 10000     how many articles to load
  --rounds 9           how often everything is measured
  --seconds 2          how long each measurement takes
  --only article,list  these rows only (names as in the JSON)
  --scale              instead: the same questions at 10,000 and at --articles (1,000,000 when not given)
  --load-only URL      instead: migrates the empty database at URL and loads --articles into it
  --output bench.json  where the figures go
  --log-level warn     of Dateline; without it, the default of production
  --profile FOLDER     writes CPU profiles of Dateline there
  --help

BENCH_DATABASE_URL=postgres://… uses that server instead of a throwaway one; databases bench_… are made and dropped.
`

/** Throws with what is wrong; null when help is wanted. */
export function readOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      articles: { type: 'string' },
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string' },
      scale: { type: 'boolean', default: false },
      'load-only': { type: 'string' },
      output: { type: 'string', default: 'bench.json' },
      'log-level': { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return null
  const number = (name: string, text: string, least: number) => {
    const value = Number(text)
    if (!(value >= least)) throw new Error(`--${name} must be a number, ${least} or more.`)
    return value
  }
  return {
    articles: Math.ceil(number('articles', values.articles ?? (values.scale ? '1000000' : '10000'), 1_000)),
    rounds: Math.ceil(number('rounds', values.rounds, 1)),
    seconds: number('seconds', values.seconds, 0.1),
    only: values.only?.split(',') ?? [],
    scale: values.scale,
    loadOnly: values['load-only'] ?? null,
    output: values.output,
    logLevel: values['log-level'],
    profile: values.profile
  }
}
