/**
 * Commands take little memory: Node lets garbage lie until it is a multiple of what is in use, and translates Prisma's
 * WebAssembly a second time for speed that a command has no use for. (`--optimize-for-size` makes all else twice as slow.)
 * Said in the running process, so that it holds however the command was started. Imported first.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--heap-growing-percent=30')
setFlagsFromString('--liftoff-only')
