/**
 * WebAssembly (Prisma's, and the embedded Postgres) is compiled a second time only where it runs for long. What runs for a
 * moment, as nearly all of it does at a start, is ready sooner without; and Prisma's would take 50 MB, for writes that are
 * no faster. Said in the running process, so that it holds however the server was started. Imported first.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--wasm-tiering-budget=100000000')
