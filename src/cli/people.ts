/** Commands about people and how they sign in. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { type Command, Option } from 'commander'
import { system } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import { Role } from '../database/generated/enums.ts'
import { rotateKeys } from '../people/keys.ts'
import { makePasswordLinkFor } from '../people/password-links.ts'
import { everybody, personWith } from '../people/roster.ts'
import { changeUser, createUser, refuseWrongPerson } from '../people/users.ts'
import { checkSettings, withDatabase } from './context.ts'
import { harmless } from './harmless.ts'
import { type Answering, answer, answersJson, examples } from './output.ts'
import { moment, table } from './table.ts'

type Person = { email: string; name: string; role: Role; password?: string }

const roleOption = (text: string) => new Option('--role <role>', text).choices(Object.values(Role))

export function peopleCommands(program: Command) {
  const user = program.command('user').description('the people of the newsroom')

  examples(answersJson(user.command('create')), [
    "user create --email vera@example.org --name 'Vera Holm' --role editor",
    "printf '%s' \"$PASSWORD\" | npx dateline user create --email vera@example.org --name 'Vera Holm' --role editor --json"
  ])
    .description('add a person; the password is read from standard input, or from --password')
    .requiredOption('--email <address>', 'what they sign in with')
    .requiredOption('--name <name>', 'what colleagues see')
    .addOption(roleOption('what they may do').makeOptionMandatory())
    .option('--password <password>', 'better not: it stays in the history of the shell')
    .action(async ({ email, name, role, ...options }: Answering & Person) => {
      // Nobody types a password in vain, and nobody's start waits for somebody who types: embedded, it would.
      checkSettings()
      refuseWrongPerson({ email, name })
      const password = options.password ?? (await readPassword())
      await withDatabase(async (db) => {
        const made = await createUser(db, system, { email, name, role, password })
        answer(options, made, `${shown(made)} can sign in as ${made.role}.`)
      })
    })

  examples(answersJson(user.command('list')), [
    'user list',
    'user list --role admin',
    'user list --disabled --json'
  ])
    .description('who is there, by address')
    .addOption(roleOption('only those of this role'))
    .option('--disabled', 'only those who are disabled')
    .option('--enabled', 'only those who are not')
    .action((options: Answering & { role?: Role; disabled?: true; enabled?: true }) =>
      withDatabase(async (db) => {
        const disabled = options.disabled === options.enabled ? undefined : options.disabled === true
        const people = await everybody(db, {
          ...(options.role && { role: options.role }),
          ...(disabled !== undefined && { disabled })
        })
        const rows = people.map((one) => [
          one.email,
          one.name,
          one.role,
          one.disabled ? 'yes' : 'no',
          moment(one.lastSignInAt)
        ])
        answer(options, people, table(['email', 'name', 'role', 'disabled', 'last sign-in'], rows))
      })
    )

  examples(answersJson(user.command('disable')), [
    'user disable noor@example.org',
    'user enable noor@example.org'
  ])
    .description('let somebody in no more: their sessions end and their keys are refused, now')
    .argument('<email>', 'whom')
    .action((email: string, options: Answering) =>
      withDatabase(async (db) => {
        const { id } = await personWith(db, email)
        const changed = await changeUser(db, system, id, { disabled: true })
        answer(options, changed, `${shown(changed)} is disabled, and all their sessions have ended.`)
      })
    )

  examples(answersJson(user.command('enable')), ['user enable noor@example.org'])
    .description('let somebody in again who was disabled; they sign in anew')
    .argument('<email>', 'whom')
    .action((email: string, options: Answering) =>
      withDatabase(async (db) => {
        const { id } = await personWith(db, email)
        const changed = await changeUser(db, system, id, { disabled: false })
        answer(options, changed, `${shown(changed)} can sign in as ${changed.role}.`)
      })
    )

  examples(answersJson(user.command('reset')), [
    'user reset noor@example.org',
    'user reset noor@example.org --json'
  ])
    .description('make a one-time token with which the person sets a password')
    .argument('<email>', 'whose')
    .action((email: string, options: Answering) =>
      withDatabase(async (db, { config }) => {
        const link = await makePasswordLinkFor(db, system, email)
        answer(options, link, howToUse(config.publicUrl, link))
      })
    )

  const keys = program.command('keys').description('what access tokens are signed with')
  examples(answersJson(keys.command('rotate')), ['keys rotate'])
    .description('sign access tokens with a new key; tokens signed before stay good')
    .action((options: Answering) => withDatabase((db, { config }) => rotate(db, config.secret, options)))
}

const shown = ({ name, email }: { name: string; email: string }) => `${harmless(name)} <${harmless(email)}>`

async function rotate(db: Database, secret: string, options: Answering) {
  const { made, retired } = await rotateKeys(db, secret)
  answer(
    options,
    { made, retired },
    `Access tokens are signed with ${made} within seconds. Keys retired: ${retired.length}.`
  )
}

/** There is no mailer: whoever typed the command hands this over. */
const howToUse = (publicUrl: string, { token, expiresAt }: { token: string; expiresAt: Date }) => `\
One-time token, good until ${expiresAt.toISOString()}: ${token}
Hand it over on a way you trust. It is not shown again. With it a password is set once:

  curl -X POST ${publicUrl}/v1/password-links/use -H 'content-type: application/json' \\
    -d '{"token":"${token}","password":"…"}'`

async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) return askFor('Password (15 characters or more): ')
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.includes('\n')) break
  }
  return text.split(/\r?\n/)[0] ?? ''
}

/** On a terminal. What is typed does not show. */
async function askFor(what: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 })
  process.stderr.write(what)
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  return new Promise((answered) => {
    terminal.once('line', (line) => {
      answered(line)
      terminal.close()
    })
    terminal.once('close', () => {
      process.stderr.write('\n')
      answered('')
    })
  })
}
