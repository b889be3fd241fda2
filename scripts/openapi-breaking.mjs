/**
 * `npm run openapi:breaking`: what clients of the last release would stumble over in the document as the routes make it
 * now. Names each change by its JSON pointer; exits with 1 when there is one.
 */
import { readFileSync } from 'node:fs'
import { compiled } from './compile.mjs'
import { prepare } from './prepare.mjs'

prepare()
const { documentOf } = await import(await compiled('test/openapi/document.ts'))
const { breakingChanges } = await import(await compiled('test/openapi/breaking.ts'))
const released = JSON.parse(readFileSync(new URL('../openapi/released.json', import.meta.url), 'utf8'))
const changes = breakingChanges(released, JSON.parse(await documentOf()))
const lines = [
  ...changes.map(({ pointer, words }) => `  ${pointer}: ${words}`),
  `${changes.length} breaking changes since ${released.info.version}`
]
process.stdout.write(`${lines.join('\n')}\n`)
process.exit(changes.length === 0 ? 0 : 1)
