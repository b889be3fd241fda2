/** Commands about people and what they sign in with. */
import { type Command, Option } from 'commander'
import { system } from '../audit/audit.ts'
import { Role } from '../database/generated/enums.ts'
import { rotateKeys } from '../people/keys.ts'
import { makePasswordLinkFor } from '../people/password-links.ts'
import { createUser } from '../people/users.ts'
import { withDatabase } from './context.ts'
import { type Answering, answer, answersJson } from './output.ts'

type Person = { email: string; name: string; role: Role; password?: string }

export function peopleCommands(program: Command) {
  const user = program.command('user').description('the people of the newsroom')

  answersJson(user.command('create'))
    .description('add a person; the password is read from standard input, or from --password')
    .requiredOption('--email <address>', 'what they sign in with')
    .requiredOption('--name <name>', 'what colleagues see')
    .addOption(
      new Option('--role <role>', 'what they may do').choices(Object.values(Role)).makeOptionMandatory()
    )
    .option('--password <password>', 'better not: it stays in the history of the shell')
    .action(({ email, name, role, ...options }: Answering & Person) =>
      withDatabase(async (db) => {
        const password = options.password ?? (await readPassword())
        const made = await createUser(db, system, { email, name, role, password })
        answer(options, made, `${made.name} <${made.email}> can sign in as ${made.role}.`)
      })
    )

  answersJson(user.command('reset'))
    .description('make a one-time token with which the person sets a password')
    .argument('<email>', 'whose')
    .action((email: string, options: Answering) =>
      withDatabase(async (db, { config }) => {
        const link = await makePasswordLinkFor(db, system, email)
        answer(options, link, howToUse(config.publicUrl, link))
      })
    )

  const keys = program.command('keys').description('what access tokens are signed with')
  answersJson(keys.command('rotate'))
    .description('sign access tokens with a new key; tokens signed before stay good')
    .action((options: Answering) =>
      withDatabase(async (db, { config }) => {
        const { made, retired } = await rotateKeys(db, config.secret)
        answer(
          options,
          { made, retired },
          `Access tokens are signed with ${made} within seconds. Keys retired: ${retired.length}.`
        )
      })
    )
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
