/** `npm run bench`: Dateline beside its yardsticks, or beside itself at another size. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { compareAll } from './comparison.ts'
import { placesHere } from './cpus.ts'
import { loadNewsroom } from './load/load.ts'
import { startLoader } from './measure.ts'
import { help, type Options, readOptions } from './options.ts'
import { startPostgres } from './postgres.ts'
import { growthReportOf, reportOf } from './report.ts'
import { compareSizes } from './scale.ts'

const told = (line: string) => process.stderr.write(`${line}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
try {
  const args = process.argv.slice(2)
  const options = readOptions(args)
  if (!options) process.stdout.write(help)
  else if (options.loadOnly) await loadNewsroom(options.loadOnly, options.articles, told)
  else await measure(options, ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '))
} catch (error) {
  told(
    error instanceof Error
      ? process.env.DEBUG
        ? (error.stack ?? error.message)
        : error.message
      : String(error)
  )
  process.exitCode = 1
}

async function measure(options: Options, command: string) {
  const places = placesHere()
  const postgres = await startPostgres(places?.postgres)
  const pin = (pid: number) => {
    if (places) execFileSync('taskset', ['-a', '-p', '-c', places.load, String(pid)], { stdio: 'ignore' })
  }
  const loader = startLoader(pin)
  try {
    const around = { options, postgres, places, command }
    const tools = { postgres, places, loader, told }
    const result = options.scale ? await compareSizes(options, tools) : await compareAll(options, tools)
    const { markdown, missed } = 'noise' in result ? reportOf(result, around) : growthReportOf(result, around)
    process.stdout.write(`\n${markdown}\n`)
    writeFileSync(options.output, `${JSON.stringify({ command, missed, ...result }, null, 2)}\n`)
    if (missed.length > 0) told(`Missed: ${missed.join(', ')}`)
    process.exitCode = missed.length > 0 ? 1 : 0
  } finally {
    loader.stop()
    await postgres.stop()
  }
}
