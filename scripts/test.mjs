/**
 * `npm test`: prepares what is missing, then runs the suite. Files and folders can be named: `npm test -- test/tags`.
 * `npm run test:browser` names the folder of those that want a Chromium.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { builtFrom, compile } from './compile.mjs'
import { prepare } from './prepare.mjs'

/** tap takes files only. */
const filesIn = (argument) =>
  statSync(argument, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(argument, { recursive: true })
        .filter((name) => /\.(test|browser)\.ts$/.test(name))
        .map((name) => builtFrom(join(argument, name)))
    : [argument.endsWith('.ts') ? builtFrom(argument) : argument]

/**
 * Databases are made in memory where there is room: on a disk, copying a thousand small files takes longer than many a
 * test. Whoever sets TMPDIR has it their way.
 */
function inMemory() {
  const folder = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(folder)
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
    const [, , , options = 'noexec'] = mounts.find((line) => line.split(' ')[1] === folder)?.split(' ') ?? []
    const usable = !options.split(',').includes('noexec') && bavail * bsize > 4 * 1024 ** 3
    return usable ? { TMPDIR: folder } : {}
  } catch {
    return {} // Not Linux.
  }
}

prepare({ tests: true })
await compile()
const tap = spawn('npx', ['tap', 'run', ...process.argv.slice(2).flatMap(filesIn)], {
  stdio: 'inherit',
  env: { ...inMemory(), ...process.env },
  shell: process.platform === 'win32'
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tap.kill(signal))
tap.on('exit', (code) => process.exit(code ?? 1))
