/** The commands an operator types: `npm run cli -- <command>`. They reach a running embedded Dateline through its socket. */
import { parseArgs } from 'node:util'
import { system } from './audit/audit.ts'
import { inWords, readHead, verifyAudit } from './audit/verifying.ts'
import { ConfigError, readConfig } from './config.ts'
import { LEAST_DAYS, rollUp } from './counting/rollup.ts'
import { openDatabase, prepareSchema } from './database/database.ts'
import { Role } from './database/generated/enums.ts'
import { grantsFor } from './database/readers.ts'
import { seedDemo } from './demo/seed.ts'
import { problemOf } from './http/problems.ts'
import { ensureSigningKey, rotateKeys } from './people/keys.ts'
import { makePasswordLinkFor } from './people/password-links.ts'
import { createUser } from './people/users.ts'

const COMMANDS = [
  'migrate',
  'seed',
  'user create',
  'user reset',
  'keys rotate',
  'counts rollup',
  'audit verify'
]

const HELP = `Usage: npm run cli -- <command>

  migrate                                   bring the database up to date
  seed                                      put the demo newsroom into an empty database
  user create --email <address> --name <name> --role <${Object.values(Role).join('|')}>
                                            add a person; the password is read from standard input,
                                            or from --password
  user reset <address>                      make a one-time token with which the person sets a password
  keys rotate                               sign access tokens with a new key; tokens signed before stay good
  counts rollup [--older-than <days>d]      make counts by the hour older than 90 days counts by the day, and forget
                                            the visitors of days that are over
  grants <role>                             print what the role of DATABASE_READER_URL must be granted, for psql
  audit verify [--head <position>:<hash>] [--json]
                                            walk the chain of the audit and name the first entry that is not what was
                                            sealed; --head is an end that was written down before

Settings come from the environment, as for the server; see the table in README.md.
`

const print = (text: string) => process.stdout.write(`${text}\n`)

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      email: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string' },
      password: { type: 'string' },
      'older-than': { type: 'string', default: '90d' },
      head: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  // What follows the two words of a command is whom it is about.
  const resets = positionals[0] === 'user' && positionals[1] === 'reset'
  const command = (resets ? positionals.slice(0, 2) : positionals).join(' ')
  if (values.help || command === '' || command === 'help') {
    print(HELP)
    return values.help || command === 'help' ? 0 : 2
  }
  if (positionals[0] === 'grants' && positionals.length === 2) {
    print(grantsFor(positionals[1] as string))
    return 0
  }
  if (!COMMANDS.includes(command)) {
    process.stderr.write(`There is no command “${command}”.\n\n${HELP}`)
    return 2
  }
  const days = Number(/^(\d{1,5})d$/.exec(values['older-than'])?.[1])
  if (!(days >= LEAST_DAYS)) {
    process.stderr.write(`--older-than takes a number of days, ${LEAST_DAYS} at least, such as 90d.\n`)
    return 2
  }
  const head = values.head === undefined ? null : readHead(values.head)
  if (values.head !== undefined && !head) {
    process.stderr.write('--head takes a position and a hash, as audit verify prints them: 1234:9f86d0….\n')
    return 2
  }
  const config = readConfig()
  const db = await openDatabase(config.database, { join: true })
  try {
    const migrated = await db.alone(async (client) => {
      const names = await prepareSchema(client)
      await ensureSigningKey(client, config.secret)
      return names
    })
    if (command === 'migrate')
      print(
        migrated.length > 0 ? `Applied: ${migrated.join(', ')}` : 'Nothing to do: the database is up to date.'
      )
    if (command === 'seed')
      print(
        (await seedDemo(db, config.publicUrl))
          ? 'The demo newsroom was made.'
          : 'Nothing to do: the database holds articles or sites already.'
      )
    if (command === 'user create') {
      const { email, name, role } = values
      if (!email || !name || !role || !Object.hasOwn(Role, role)) {
        process.stderr.write(
          `user create needs --email, --name and --role (${Object.values(Role).join(', ')}).\n`
        )
        return 2
      }
      const password = values.password ?? (await readPassword())
      const user = await createUser(db, system, { email, name, role: role as Role, password })
      print(`${user.name} <${user.email}> can sign in as ${user.role}.`)
    }
    if (command === 'user reset') {
      const [, , email, ...more] = positionals
      if (!email || more.length > 0) {
        process.stderr.write('user reset needs one e-mail address.\n')
        return 2
      }
      print(howToUse(config.publicUrl, await makePasswordLinkFor(db, system, email)))
    }
    if (command === 'keys rotate') {
      const { made, retired } = await rotateKeys(db, config.secret)
      print(`Access tokens are signed with ${made} within seconds. Keys retired: ${retired.length}.`)
    }
    if (command === 'counts rollup') {
      const { clicks, views, visits } = await rollUp(db, days)
      print(`Rolled up: ${clicks} hours of clicks, ${views} hours of views. Forgotten: ${visits} visits.`)
    }
    if (command === 'audit verify') {
      const verdict = await verifyAudit(db, head)
      print(values.json ? JSON.stringify(verdict) : inWords(verdict))
      if (verdict.broken) return 1
    }
    return 0
  } finally {
    await db.close()
  }
}

/** There is no mailer: whoever typed the command hands this over. */
const howToUse = (publicUrl: string, { token, expiresAt }: { token: string; expiresAt: Date }) => `\
One-time token, good until ${expiresAt.toISOString()}: ${token}
Hand it over on a way you trust. It is not shown again. With it a password is set once:

  curl -X POST ${publicUrl}/v1/password-links/use -H 'content-type: application/json' \\
    -d '{"token":"${token}","password":"…"}'`

async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password (15 characters or more): ')
  let text = ''
  for await (const chunk of process.stdin) {
    text += chunk
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] ?? ''
}

try {
  process.exitCode = await main()
} catch (error) {
  const { message, stack, code } = error as Error & { code?: string }
  const problem = problemOf(error as Error)
  const plain = error instanceof ConfigError || code?.startsWith('ERR_PARSE_ARGS') ? message : stack
  process.stderr.write(`${problem.code === 'internal_error' ? plain : problem.message}\n`)
  process.exitCode = 1
}
