/**
 * `npm test`: prepares what is missing, then runs the suite. Files and folders can be named: `npm test -- test/tags`.
 * `npm run test:browser` names the folder of those that want a Chromium.
 */
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { prepare } from './prepare.mjs'

/** tap takes files only. */
const filesIn = (argument) =>
  statSync(argument, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(argument, { recursive: true })
        .filter((name) => /\.(test|browser)\.ts$/.test(name))
        .map((name) => join(argument, name))
    : [argument]

prepare({ tests: true })
const tap = spawn('npx', ['tap', 'run', ...process.argv.slice(2).flatMap(filesIn)], {
  stdio: 'inherit',
  shell: process.platform === 'win32'
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tap.kill(signal))
tap.on('exit', (code) => process.exit(code ?? 1))
