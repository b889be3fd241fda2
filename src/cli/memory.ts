/**
 * Commands take little memory. Node lets garbage lie until it is a multiple of what is in use, gives what is new sixteen
 * times the room that a command needs, and translates Prisma's WebAssembly a second time, for a speed that it has no use
 * for. (`--optimize-for-size` saves as much, and makes all else twice as slow.) Said in the running process, so that it
 * holds however the command was started. Imported first.
 */
import { setFlagsFromString } from 'node:v8'

for (const flag of ['--heap-growing-percent=50', '--semi-space-growth-factor=1', '--liftoff-only'])
  setFlagsFromString(flag)
