/** `npm test`: prepares what is missing, then runs the suite. Arguments go to tap: `npm test -- test/tags`. */
import { spawn } from 'node:child_process'
import { prepare } from './prepare.mjs'

prepare({ tests: true })
const tap = spawn('npx', ['tap', 'run', ...process.argv.slice(2)], { stdio: 'inherit', shell: process.platform === 'win32' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tap.kill(signal))
tap.on('exit', (code) => process.exit(code ?? 1))
