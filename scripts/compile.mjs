/**
 * All TypeScript as JavaScript in `.build/`, in folders of the same names, so that Node runs it without a loader: on Node 20
 * one passes every module, also those of packages, through a second thread. Types are looked at by `npm run typecheck`.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { at, isFresh } from './prepare.mjs'

const root = at('.')
const OUT = '.build'
const STAMP = join(OUT, '.made')
/** What is compiled, as far as it is there. */
const FOLDERS = ['src', 'test', 'bench', 'examples', join('openapi', 'client', 'src')]
/** What the outcome depends on besides. */
const MAKERS = ['scripts/compile.mjs', 'tsconfig.json', 'node_modules/.package-lock.json']

/** What another process is writing this moment. */
const UNDER_WAY = /\.\d+$/

/** Compiles what has changed, and answers with the address of what `source` ('src/server.ts') has become. */
export async function compiled(source) {
  await compile()
  // Traces name the TypeScript.
  process.setSourceMapsEnabled(true)
  return pathToFileURL(at(builtFrom(source))).href
}

/** `test/tags/tags.test.ts` → `.build/test/tags/tags.test.js` */
export const builtFrom = (source) => join(OUT, source.replace(/\.ts$/, '.js'))

export async function compile() {
  const begun = new Date()
  const entries = FOLDERS.filter((folder) => existsSync(at(folder))).flatMap(entriesOf)
  // Folders as well: they change when a file of theirs goes.
  if (isFresh(STAMP, [...MAKERS, ...entries.map(({ path }) => path)])) return
  const files = entries.filter(({ isFile }) => isFile).map(({ path }) => path)
  const isSource = (path) => path.endsWith('.ts') && !path.endsWith('.d.ts')
  const outputs = new Map(await transpile(files.filter(isSource)))
  for (const path of files) if (!isSource(path)) outputs.set(join(OUT, path), readFileSync(at(path)))
  for (const [path, content] of outputs) put(path, content)
  for (const { path, isFile } of entriesOf(OUT))
    if (isFile && !outputs.has(path) && !UNDER_WAY.test(path)) rmSync(at(path), { force: true })
  writeFileSync(at(STAMP), '')
  // What was saved meanwhile is newer than what was read.
  utimesSync(at(STAMP), begun, begun)
}

/** Each file for itself: what it imports stays an import, of the JavaScript. */
async function transpile(files) {
  const { build, stop } = await import('esbuild')
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: files,
    outbase: '.',
    outdir: OUT,
    write: false,
    bundle: true,
    treeShaking: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [
      {
        name: 'imports stay imports',
        setup({ onResolve }) {
          onResolve({ filter: /^/ }, ({ kind, path, resolveDir }) => {
            if (kind === 'entry-point') return
            if (!path.startsWith('.')) return { path, external: true }
            const target = relative(root, join(resolveDir, path))
            const isCompiled = FOLDERS.some((folder) => target.startsWith(folder + sep))
            // What is not compiled lies where it lay, which is one folder further up.
            return {
              path: isCompiled ? path.replace(/\.ts$/, '.js') : `../${path}`,
              external: true
            }
          })
        }
      }
    ]
  })
  stop()
  return outputFiles.map(({ path, contents }) => [relative(root, path), contents])
}

/** In one step, and only if it is something else: another process may be running it. */
function put(path, content) {
  const place = at(path)
  if (existsSync(place) && readFileSync(place).equals(content)) return
  mkdirSync(dirname(place), { recursive: true })
  writeFileSync(`${place}.${process.pid}`, content)
  renameSync(`${place}.${process.pid}`, place)
}

/** The folder and all in it, by paths from the root. */
function entriesOf(folder) {
  const within = readdirSync(at(folder), { recursive: true, withFileTypes: true })
  return [
    { path: folder, isFile: false },
    ...within.map((entry) => ({
      path: join(relative(root, entry.parentPath), entry.name),
      isFile: entry.isFile()
    }))
  ]
}
