/** How much memory an import takes: in processes of their own, of a small file and of larger ones. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { freshDatabase } from '../helper.ts'
import { cli, settingsFor } from '../start/process.ts'
import { writeGhost, writeWxr } from './made-up.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-import-memory-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** The larger ones are read and converted only. */
const sizes = process.env.TEST_FULL ? [10_000, 100_000] : [1_500]
/** More than a small file takes, in MB. */
const MOST = 60
const SMALL = 100
/** In all, whatever the size: docs/importing.md says so. */
const PROMISED = 300
t.setTimeout(3_600_000)

const skip = !process.env.TEST_DATABASE_URL
  ? 'an embedded database takes memory of its own in the same process'
  : !existsSync('/proc/self/status') && 'this system does not say what a process had at its peak'
t.test('memory does not grow with the file', { skip }, async (t) => {
  const { settings, drop } = await freshDatabase()
  t.teardown(drop)
  const hook = join(folder, 'peak.mjs')
  // Not `resourceUsage().maxRSS`: a process begins with what the one that started it had.
  writeFileSync(
    hook,
    `import { readFileSync } from 'node:fs'
    const told = () => Number(/^VmHWM:\\s*(\\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    process.on('exit', () => process.stderr.write('peak ' + told() + '\\n'))`
  )
  const env = settingsFor(settings, { NODE_OPTIONS: `--import=${hook}` })
  /** Answers with what it printed, and its peak in MB. */
  const run = async (args: string[], input = '') => {
    const { code, stdout, stderr } = await cli(args, env, input)
    t.equal(code, 0, stderr.slice(-500))
    const peaks = [...stderr.matchAll(/^peak (\d+)$/gm)].map(([, kilobytes]) => Number(kilobytes) / 1024)
    return { stdout, peak: Math.round(Math.max(...peaks)) }
  }
  const person = ['user', 'create', '--email', 'desk@example.org', '--name', 'Desk', '--role', 'admin']
  await run(person, 'seven small boats at dusk\n')
  for (const [format, write] of [
    ['wxr', writeWxr],
    ['ghost', writeGhost]
  ] as const) {
    const peaks: number[] = []
    for (const posts of [SMALL, ...sizes]) {
      const path = join(folder, `${posts}.${format}`)
      await write(path, posts)
      const { stdout, peak } = await run([
        'import',
        path,
        '--json',
        '--dry-run',
        '--source',
        'https://o.example'
      ])
      t.ok(JSON.parse(stdout).kept > posts)
      peaks.push(peak)
    }
    const [small = 0, ...large] = peaks
    for (const peak of peaks) t.ok(peak < PROMISED, `${format}: ${peak} MB`)
    for (const [index, peak] of large.entries())
      t.ok(
        small > 0 && peak - small < MOST,
        `${sizes[index]} articles of ${format}: ${peak} MB, ${SMALL}: ${small} MB`
      )
  }
})
