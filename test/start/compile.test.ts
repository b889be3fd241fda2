/** What the commands run: `.build/`, made from the sources by `scripts/compile.mjs`. In a small project of its own. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { root } from './process.ts'

const project = mkdtempSync(join(tmpdir(), 'dateline-compile-'))
t.teardown(() => rmSync(project, { recursive: true, force: true }))
const at = (path: string) => join(project, path)
for (const folder of ['scripts', 'src/deep']) mkdirSync(at(folder), { recursive: true })
symlinkSync(join(root, 'node_modules'), at('node_modules'))
for (const file of ['package.json', 'tsconfig.json', 'scripts/compile.mjs', 'scripts/prepare.mjs'])
  cpSync(join(root, file), at(file))

const save = (path: string, text: string) => writeFileSync(at(path), text)

const program = `
  const { compiled } = await import('./scripts/compile.mjs')
  const { said } = await import(await compiled('src/main.ts'))
  console.log(said())`
const run = () =>
  execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  })

save('scripts/beside.mjs', "export const beside = 'beside'\n")
save('src/deep/plain.js', "export const plain = 'plain'\n")
save('src/deep/part.ts', "export const part: string = 'part'\n")
save(
  'src/main.ts',
  `
import { beside } from '../scripts/beside.mjs'
import { part } from './deep/part.ts'
import { plain } from './deep/plain.js'
import type { Nowhere } from './nowhere.ts'
export const said = (none?: Nowhere): string => [none, part, plain, beside, import.meta.url.slice(-12)].join()
`
)

t.test('sources, plain JavaScript among them, and what lies beside them', async (t) => {
  t.equal(run(), ',part,plain,beside,/src/main.js\n')
})

t.test('what has not changed is not compiled again', async (t) => {
  const made = () => statSync(at('.build/.made')).ctimeMs
  const before = made()
  run()
  t.equal(made(), before)
})

t.test('what has changed is, and the rest stays as it lies', async (t) => {
  const { mtimeMs } = statSync(at('.build/src/main.js'))
  save('src/deep/part.ts', "export const part: string = 'another part'\n")
  t.equal(run(), ',another part,plain,beside,/src/main.js\n')
  t.equal(statSync(at('.build/src/main.js')).mtimeMs, mtimeMs)
})

t.test('what is gone is gone, so that nothing can be run that is no source any more', async (t) => {
  rmSync(at('src/deep/part.ts'))
  save('src/deep/other.ts', "export const part = 'moved'\n")
  save('src/main.ts', readFileSync(at('src/main.ts'), 'utf8').replace('deep/part.ts', 'deep/other.ts'))
  t.equal(run(), ',moved,plain,beside,/src/main.js\n')
  t.notOk(existsSync(at('.build/src/deep/part.js')))
})

t.test('traces name the TypeScript', async (t) => {
  save('src/main.ts', '\n\nexport const said = (): string => String(new Error().stack)\n')
  t.match(run(), /\/src\/main\.ts:3:/)
})

t.test('a fault of a source is told, and nothing stands for done', async (t) => {
  save('src/main.ts', 'export const said = (: string =>\n')
  t.throws(run, { message: /src\/main\.ts:1:\d+: ERROR/ })
  save('src/main.ts', "export const said = (): string => 'mended'\n")
  t.equal(run(), 'mended\n')
})
