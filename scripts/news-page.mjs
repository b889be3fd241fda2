/** `npm run news-page`: prepares what is missing, then runs the example front end in this very process. */
import { compiled } from './compile.mjs'
import { prepare } from './prepare.mjs'

prepare()
await import(await compiled('examples/news-page/server.ts'))
