/**
 * `npm run openapi:lint`: the committed document under the strictest rules of Redocly and of Spectral with OWASP's. Both
 * stand in a folder of their own, which is installed here when it is not there yet.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../openapi/lint/', import.meta.url))
const file = process.argv[2] ?? fileURLToPath(new URL('../openapi/openapi.json', import.meta.url))
/** Redocly asks its makers for news, and tells them of itself, unless it is told not to. */
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
const SHOWN = 50

const print = (line) => process.stdout.write(`${line}\n`)

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    maxBuffer: 2 ** 28,
    ...options
  })
  if (error) throw error
  return { status, stdout, stderr }
}

function fail(reason, { stdout = '', stderr = '' } = {}) {
  console.error(`${reason}\n${stderr}${stdout}`.slice(0, 4_000))
  process.exit(1)
}

/** What npm wrote down of its last install is newer than the lock file it was made from, or it is made again. */
function install() {
  const marker = join(folder, 'node_modules', '.package-lock.json')
  const versions = (path, under) => JSON.parse(readFileSync(path, 'utf8')).packages[under]?.version
  const wanted = ['@redocly/cli', '@stoplight/spectral-cli', '@stoplight/spectral-owasp-ruleset']
  const isThere =
    existsSync(marker) &&
    wanted.every((name) => {
      const under = `node_modules/${name}`
      return versions(marker, under) === versions(join(folder, 'package-lock.json'), under)
    })
  if (isThere) return
  print('Installing the linters (once)…')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    shell: process.platform === 'win32'
  })
  if (done.status !== 0) fail('The linters could not be installed.', done)
}

const bin = (path) => join(folder, 'node_modules', path)

function redocly() {
  const done = run(process.execPath, [
    bin('@redocly/cli/bin/cli.js'),
    ...['lint', file, '--config', join(folder, 'redocly.yaml')],
    ...['--format=json', '--max-problems=10000']
  ])
  try {
    return JSON.parse(done.stdout).problems.map(({ severity, ruleId, message, location }) => ({
      isError: severity === 'error',
      words: `${ruleId}: ${message} (${location[0]?.pointer})`
    }))
  } catch {
    return fail('Redocly gave no result.', done)
  }
}

function spectral() {
  const folderOfResult = mkdtempSync(join(tmpdir(), 'dateline-lint-'))
  const result = join(folderOfResult, 'result.json')
  const done = run(process.execPath, [
    bin('@stoplight/spectral-cli/dist/index.js'),
    ...['lint', file, '--ruleset', join(folder, 'spectral.yaml')],
    ...['--format', 'json', '--output', result, '--quiet']
  ])
  try {
    return JSON.parse(readFileSync(result, 'utf8'))
      .filter(({ severity }) => severity <= 1)
      .map(({ severity, code, message, path }) => ({
        isError: severity === 0,
        words: `${code}: ${message} (#/${path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')})`
      }))
  } catch {
    return fail('Spectral gave no result.', done)
  } finally {
    rmSync(folderOfResult, { recursive: true, force: true })
  }
}

install()
let found = 0
for (const [name, lint] of [
  ['Redocly, recommended-strict', redocly],
  ['Spectral, spectral:oas and OWASP', spectral]
]) {
  const problems = lint()
  found += problems.length
  const errors = problems.filter(({ isError }) => isError).length
  for (const { isError, words } of problems.slice(0, SHOWN))
    print(`  ${isError ? 'error' : 'warning'} ${words}`)
  if (problems.length > SHOWN) print(`  … and ${problems.length - SHOWN} more`)
  print(`${name}: ${errors} errors, ${problems.length - errors} warnings`)
}
process.exit(found === 0 ? 0 : 1)
