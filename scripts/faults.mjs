/** `npm run test:faults`: the tests that kill, stop and drain, a tenth of their rounds; `-- --full` runs them all. */
import { spawn } from 'node:child_process'

const full = process.argv.includes('--full')
const test = spawn(process.execPath, ['scripts/test.mjs', 'test/faults', '--jobs=1', '--timeout=7200'], {
  stdio: 'inherit',
  env: { ...process.env, ...(full && { TEST_FULL: '1' }) }
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => test.kill(signal))
test.on('exit', (code) => process.exit(code ?? 1))
