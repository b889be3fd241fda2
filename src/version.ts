import { readFileSync } from 'node:fs'
import { root } from './root.ts'

/** The version of this Dateline, from package.json. */
export const version: string = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version
