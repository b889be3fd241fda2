/** Commands about API keys: what programs come with. */
import { type Command, InvalidArgumentError } from 'commander'
import { system } from '../audit/audit.ts'
import { type Scope, scopeNames } from '../http/scopes.ts'
import { createApiKey, revokeApiKey } from '../people/api-keys.ts'
import { idOfKey } from '../people/key-text.ts'
import { everyKey, futureOwner, personWith } from '../people/roster.ts'
import { withDatabase } from './context.ts'
import { type Answering, answer, answersJson, examples, print } from './output.ts'
import { moment, table } from './table.ts'

const LONGEST_NAME = 100
const DAY_MS = 86_400_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Of keys of everybody. */
const operator = { id: '00000000-0000-0000-0000-000000000000', role: 'admin' } as const

type NewKey = { user: string; name: string; scopes: Scope[]; expires?: string }

export function apiKeyCommands(program: Command) {
  const key = program.command('key').description('API keys: what programs come with')

  examples(answersJson(key.command('create')), [
    'key create --user vera@example.org --name Importer --scopes articles:write,tags:read --expires 30d',
    'export DATELINE_KEY=$(npx dateline key create --user vera@example.org --name Importer --scopes articles:write)'
  ])
    .description(
      'make a key in the name of a person; it is the only line on standard output, and shown this once'
    )
    .requiredOption('--user <email>', 'who it acts for: it may do what they may, and no more')
    .requiredOption('--name <name>', 'what it is for', readName)
    .requiredOption(
      '--scopes <list>',
      `what it is good for, separated by commas: ${scopeNames.join(', ')}`,
      readScopes
    )
    .option(
      '--expires <when>',
      'when it ends: 12h, 30d, or a moment such as 2027-01-31T00:00:00Z; never if left out',
      readEnd
    )
    .action(({ user, name, scopes, expires, ...options }: Answering & NewKey) =>
      withDatabase(async (db) => {
        const owner = await futureOwner(db, user)
        const made = await createApiKey(db, system, owner, {
          name,
          scopes,
          ...(expires && { expiresAt: expires })
        })
        answer(options, made, made.key)
        if (options.json) return
        const ends = made.expiresAt ? `until ${moment(made.expiresAt)}` : 'until it is revoked'
        print(`The key ${made.id} is good ${ends}. It is shown this once: keep it now.`, process.stderr)
      })
    )

  examples(answersJson(key.command('list')), ['key list', 'key list --user vera@example.org --all'])
    .description('the keys that are taken now, the newest first; never the secrets')
    .option('--user <email>', 'only those of this person')
    .option('--all', 'also those that were revoked, have expired, or belong to somebody disabled')
    .action((options: Answering & { user?: string; all?: true }) =>
      withDatabase(async (db) => {
        const owner = options.user === undefined ? null : await personWith(db, options.user)
        const found = await everyKey(db, { ...(owner && { userId: owner.id }), all: options.all === true })
        const rows = found.map((one) => [
          one.id,
          one.email,
          one.name,
          one.works ? 'yes' : 'no',
          moment(one.expiresAt),
          moment(one.lastUsedAt),
          one.scopes.join(',')
        ])
        answer(options, found, table(['id', 'user', 'name', 'works', 'expires', 'last used', 'scopes'], rows))
      })
    )

  examples(answersJson(key.command('revoke')), ['key revoke 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70'])
    .description('end a key: it is refused from the next request on')
    .argument(
      '<id>',
      'as key list tells it; the key itself is taken too, such as one found where it should not be',
      readId
    )
    .action((id: string, options: Answering) =>
      withDatabase(async (db) => {
        await revokeApiKey(db, system, operator, id)
        answer(options, { revoked: id }, `The key ${id} is revoked.`)
      })
    )
}

function readName(text: string) {
  if (text.trim() !== '' && [...text].length <= LONGEST_NAME) return text
  throw new InvalidArgumentError(`It takes 1 to ${LONGEST_NAME} characters.`)
}

function readScopes(text: string): Scope[] {
  const asked = [...new Set(text.split(',').map((part) => part.trim()))]
  const unknown = asked.filter((scope) => !scopeNames.includes(scope as Scope))
  if (unknown.length === 0) return asked as Scope[]
  throw new InvalidArgumentError(
    `There is no such scope: ${unknown.join(', ')}. There are: ${scopeNames.join(', ')}.`
  )
}

/** A time from now, or a moment. Whether it is in the future the database says, by its own clock. */
function readEnd(text: string) {
  const [, count, unit] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? []
  if (count) return new Date(Date.now() + Number(count) * (unit === 'd' ? DAY_MS : DAY_MS / 24)).toISOString()
  const isMoment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const at = new Date(text)
  if (isMoment && !Number.isNaN(at.getTime())) return at.toISOString()
  throw new InvalidArgumentError('It takes 12h, 30d, or a moment with its zone such as 2027-01-31T00:00:00Z.')
}

function readId(text: string) {
  const id = UUID.test(text) ? text.toLowerCase() : idOfKey(text)
  if (id) return id
  throw new InvalidArgumentError('It takes the id of a key, as key list tells it.')
}
