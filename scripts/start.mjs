/** `npm start`: prepares what is missing, then runs the server in this very process, so that signals reach it. */
import { compiled } from './compile.mjs'
import { prepare } from './prepare.mjs'

prepare()
followNpm()
await import(await compiled('src/server.ts'))

/** npm passes SIGTERM on to its shell only, which ends without telling anyone: when that parent is gone, so are we. */
function followNpm() {
  if (process.env.npm_lifecycle_event !== 'start') return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 500).unref()
}
