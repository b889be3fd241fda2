/**
 * Installs and generates what is missing, so that a fresh clone needs one command. Plain JavaScript over Node's own
 * modules: nothing else is there yet.
 */
import { spawnSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const at = (path) => join(root, path)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Dateline needs Node.js 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org.`
  )
  process.exit(1)
}

/** Everything the source needs to run; with `tests`, what the tests need too. */
export function prepare({ tests = false } = {}) {
  if (!isFresh('node_modules/.package-lock.json', ['package-lock.json'])) {
    console.error('Installing dependencies (once)…')
    run('npm', ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'])
  }
  // Stamps are written last, so that work cut short is done again.
  stamped(
    'node_modules/.dateline-generated',
    ['prisma/schema.prisma', 'node_modules/.package-lock.json'],
    generate
  )
  if (tests)
    stamped('node_modules/.dateline-tap', ['package.json', 'node_modules/.package-lock.json'], () =>
      run('npx', ['tap', 'build'])
    )
}

/**
 * The database client. Prisma's CLI wants a binary of its migration engine, which it would fetch from elsewhere and
 * never runs here: it is shown this Node instead, which would fail loudly if it were run as one.
 */
function generate() {
  run(
    process.execPath,
    [at('node_modules/prisma/build/index.js'), 'generate', '--config', 'prisma/prisma.config.ts'],
    {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1'
    }
  )
}

/** What only one tool needs, in a folder with a lock file of its own. No install scripts run. */
export function installIn(folder) {
  if (isFresh(`${folder}/node_modules/.package-lock.json`, [`${folder}/package-lock.json`])) return
  console.error(`Installing ${folder} (once)…`)
  run('npm', ['ci', '--prefix', at(folder), '--ignore-scripts', '--no-audit', '--no-fund'])
}

function stamped(stamp, sources, work) {
  if (isFresh(stamp, sources)) return
  work()
  writeFileSync(at(stamp), '')
}

/** Whether `made` is there and none of its sources has changed since. */
export function isFresh(made, sources) {
  const changedAt = (path) => statSync(at(path), { throwIfNoEntry: false })?.mtimeMs
  const when = changedAt(made) ?? -1
  return sources.every((source) => when >= (changedAt(source) ?? 0))
}

export function run(command, args, env = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32'
  })
  if (status === 0) return
  console.error(
    `${[command, ...args].join(' ')} failed.\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`
  )
  process.exit(1)
}
