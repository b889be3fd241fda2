/** `npm start`: prepares what is missing, then runs the server in this very process, so that signals reach it. */
import { prepare } from './prepare.mjs'

prepare()
const { register } = await import('tsx/esm/api')
register()
await import('../src/server.ts')
