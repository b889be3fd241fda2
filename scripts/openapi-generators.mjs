/**
 * `npm run openapi:generators`: our own types are made with openapi-typescript; somebody else will take another generator.
 * Makes a whole client with one, and compiles it, strictly, with a few lines that use it.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { installIn, prepare } from './prepare.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = join(root, 'openapi/other-generator')
prepare()
installIn('openapi/other-generator')

const { resolve } = createRequire(join(folder, 'package.json'))
const { generateApi } = await import(pathToFileURL(resolve('swagger-typescript-api')).href)
const work = mkdtempSync(join(tmpdir(), 'dateline-generated-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
await generateApi({
  input: join(root, 'openapi/openapi.json'),
  output: work,
  fileName: 'api.ts',
  httpClientType: 'fetch',
  silent: true
})
const made = readFileSync(join(work, 'api.ts'), 'utf8')
// It tells the compiler to look away, which would make this check one that cannot fail.
writeFileSync(join(work, 'api.ts'), made.replace(/^\/\/ @ts-nocheck$/m, ''))
copyFileSync(join(folder, 'uses.ts'), join(work, 'uses.ts'))
const compilerOptions = {
  ...{ strict: true, noUncheckedIndexedAccess: true, noEmit: true, allowImportingTsExtensions: true },
  ...{ target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] }
}
writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['uses.ts'] }))
const { status, stdout } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', work],
  { encoding: 'utf8' }
)
const paths = Object.values(JSON.parse(readFileSync(join(root, 'openapi/openapi.json'), 'utf8')).paths)
const operations = paths.flatMap((item) => Object.values(item)).map(({ operationId }) => operationId)
const missing = operations.filter((name) => !new RegExp(`^ +${name}: \\(`, 'm').test(made))
if (missing.length > 0) console.error(`Not made: ${missing.join(', ')}`)
if (status !== 0) console.error(stdout)
if (status !== 0 || missing.length > 0) process.exit(1)
console.error(`${operations.length} operations, ${made.split('\n').length} lines: they compile.`)
