/** Every command beside a running embedded Dateline, as an operator types it. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import t from 'tap'
import { apiKeyCommands } from '../../src/cli/api-keys.ts'
import { auditCommands } from '../../src/cli/audit.ts'
import { databaseCommands } from '../../src/cli/database.ts'
import { doctorCommand } from '../../src/cli/doctor/command.ts'
import { peopleCommands } from '../../src/cli/people.ts'
import { begin, cli, environment, freePort, root, start } from '../start/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-beside-'))
const settings = { DATELINE_DATA: folder, PORT: String(await freePort()) }
const dateline = await start(settings)
t.teardown(async () => {
  await dateline.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** In this order. All answer with JSON, and with nothing else, on standard output. */
const commands: [string, object | object[]][] = [
  ['doctor', { ok: true, findings: [{ check: 'version', status: 'ok' }] }],
  ['migrate', { applied: [] }],
  ['seed', { made: false }],
  ['grants reader', { role: 'reader', sql: /GRANT SELECT ON/ }],
  ['counts rollup --older-than 90d', { clicks: 0, views: 0 }],
  [
    'user create --email vera@example.org --name Vera --role editor',
    { email: 'vera@example.org', role: 'editor' }
  ],
  ['user list --role editor', { email: 'vera@example.org', lastSignInAt: null }],
  ['user reset vera@example.org', { token: /^dlo_/ }],
  [
    'key create --user vera@example.org --name Importer --scopes articles:write --expires 12h',
    { key: /^dl_/ }
  ],
  ['key list --user vera@example.org', { name: 'Importer', works: true }],
  ['user disable vera@example.org', { disabled: true }],
  ['user enable vera@example.org', { disabled: false }],
  ['key revoke KEY', { revoked: /^[0-9a-f-]{36}$/ }],
  ['keys rotate', { made: /\S/, retired: [] }],
  ['audit verify', { broken: null }]
]

let key = ''
for (const [line, answer] of commands) {
  t.test(line, async (t) => {
    const args = line.replace('KEY', key).split(' ')
    const { code, stdout, stderr } = await cli(
      [...args, '--json'],
      settings,
      'nine slow herons over the weir\n'
    )
    t.match({ code, stderr }, { code: 0, stderr: '' })
    t.equal(stdout.trimEnd().split('\n').length, 1)
    const value = JSON.parse(stdout)
    const one = Array.isArray(value) ? value.find((item) => item.email === 'vera@example.org') : value
    t.match(one, answer)
    key = one.key ?? key
  })
}

t.test('those above are all there are, each with a line of help, an example and --json', async (t) => {
  const program = new Command('dateline')
  for (const add of [databaseCommands, peopleCommands, apiKeyCommands, auditCommands, doctorCommand])
    add(program)
  const { stdout } = await cli(['--help'], settings)
  const listed = [...(stdout.split('Commands:\n')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(
    ([, name]) => name
  )
  // Those of others are run by their own tests.
  const others = ['import', 'export', 'help']
  t.same(
    new Set(program.commands.map((one) => one.name())),
    new Set(listed.filter((name) => !others.includes(name as string)))
  )

  const typed = new Set(commands.map(([line]) => line))
  for (const group of program.commands)
    for (const one of group.commands.length > 0 ? group.commands : [group]) {
      const name = one === group ? one.name() : `${group.name()} ${one.name()}`
      let help = ''
      one.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
      t.match(help, /Examples:\n {2}\$ .*npx dateline /, name)
      t.match(help, '--json', name)
      t.match(one.description(), /\S/, name)
      t.ok(
        [...typed].some((line) => line === name || line.startsWith(`${name} `)),
        `${name} was tried`
      )
    }
})

t.test('help goes down to a command of a group', async (t) => {
  const { code, stdout } = await cli(['help', 'key', 'create'], settings)
  t.match({ code, stdout }, { code: 0, stdout: /^Usage: dateline key create .*--scopes <list>/s })
  t.match((await cli(['help'], settings)).stdout, /^Usage: dateline \[options\]/)
  t.match(await cli(['help', 'key', 'forge'], settings), { code: 2, stderr: /unknown command 'key forge'/ })
})

t.test(
  'a password typed on a terminal does not show',
  { skip: existsSync('/usr/bin/script') ? false : 'there is no program that makes a terminal' },
  async (t) => {
    const line = `${process.execPath} scripts/cli.mjs user create --email typed@example.org --name Typed --role author`
    const child = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], {
      cwd: root,
      env: environment(settings)
    })
    let shown = ''
    let typed = false
    child.stdout.on('data', (chunk) => {
      shown += chunk
      if (!typed && shown.includes('Password'))
        typed = child.stdin.write('nine slow herons over the weir\r') || true
    })
    const code = await new Promise((done) => child.on('close', done))
    t.match({ code, shown }, { code: 0, shown: /can sign in as author/ })
    t.notMatch(shown, 'herons')
  }
)

/** As `user create` without its password, which is never typed here. */
const asking = ['user', 'create', '--name', 'X', '--role', 'editor', '--email']

t.test('who is asked for a password keeps nobody from starting', async (t) => {
  const own = join(folder, 'own')
  const { child, ended } = begin([...asking, 'x@example.org'], { DATELINE_DATA: own })
  // More than a pipe holds: once it is taken, the command is waiting for the rest.
  await new Promise((taken) => child.stdin.write('a'.repeat(4 * 1024 * 1024), taken))
  t.notOk(existsSync(join(own, 'lock')), 'the folder is nobody’s')
  t.notOk(existsSync(join(own, 'postgres')), 'and no database was made')
  child.kill('SIGTERM')
  t.match(await ended, { code: 143, said: '' })
})

t.test('nobody types a password for what is refused anyway', async (t) => {
  for (const [args, more, code, said] of [
    // Who could not be made by a request cannot be made by a command.
    [[...asking, `${'a'.repeat(300)}@example.org`], {}, 1, /^email is not an e-mail address\.\n$/],
    [[...asking, 'x@localhost'], {}, 1, /^email is not an e-mail address\.\n$/],
    [
      [...asking, 'x@example.org', '--name', 'n'.repeat(201)],
      {},
      1,
      /^name must have 1 to 200 characters\.\n$/
    ],
    [[...asking, 'x@example.org', '--name', ' '], {}, 1, /^name must have 1 to 200 characters\.\n$/],
    [[...asking, 'x@example.org', '--role', 'chief'], {}, 2, /Allowed choices/],
    [[...asking, 'x@example.org'], { DATELINE_SECRET: 'short' }, 1, /DATELINE_SECRET/]
  ] as const) {
    // Its standard input stays open.
    const { child, ended } = begin([...args], { ...settings, ...more })
    t.match(await ended, { code, said })
    child.stdin.destroy()
  }
})

t.test('who reads no further ends nothing with a stack', async (t) => {
  const { stdout, stderr } = await promisify(execFile)(
    'bash',
    [
      '-c',
      `set -o pipefail; ${process.execPath} scripts/cli.mjs user list | head -n 1; echo "\${PIPESTATUS[0]}"`
    ],
    { cwd: root, env: environment(settings) }
  )
  t.match({ stdout, stderr }, { stdout: /^EMAIL .*\n0\n$/, stderr: '' })
  const closed = await promisify(execFile)(
    'bash',
    ['-c', `${process.execPath} scripts/cli.mjs user list > >(exec 0<&-; exit 0); echo "ended with $?"`],
    { cwd: root, env: environment(settings) }
  )
  t.match(closed, { stdout: 'ended with 0\n', stderr: '' })
})

t.test('Ctrl-C ends a command that waits: 130, and no word', async (t) => {
  const { child, ended } = begin([...asking, 'x@example.org'], settings)
  // More than a pipe holds, without a line's end: once it is taken, the command is waiting for the rest of the password.
  await new Promise((taken) => child.stdin.write('a'.repeat(4 * 1024 * 1024), taken))
  child.kill('SIGINT')
  t.match(await ended, { code: 130, said: '' })
  const people = await cli(['user', 'list'], settings)
  t.match(people, { code: 0, stdout: 'admin@dateline.local' }, 'the newsroom is as before')
  t.notMatch(people.stdout, 'x@example.org')
})
