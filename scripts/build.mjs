/** `npm run build`: JavaScript in dist/, for production. */
import { rmSync } from 'node:fs'
import { prepare, run } from './prepare.mjs'

prepare()
rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true })
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
