/** `npm run bench`: prepares what is missing, builds what production runs, and measures it. */
import { compiled } from './compile.mjs'
import { prepare, run } from './prepare.mjs'

prepare()
const args = process.argv.slice(2)
if (!args.includes('--help') && !args.some((argument) => argument.startsWith('--load-only')))
  run(process.execPath, ['scripts/build.mjs'])
await import(await compiled('bench/main.ts'))
