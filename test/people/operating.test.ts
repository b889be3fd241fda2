/** What an operator types about people and their API keys, while Dateline runs. */
import { Command, CommanderError } from 'commander'
import t from 'tap'
import { apiKeyCommands } from '../../src/cli/api-keys.ts'
import { peopleCommands } from '../../src/cli/people.ts'
import { newsroom, unique } from '../helper.ts'
import { cli, settingsFor } from '../start/process.ts'
import { person } from './person.ts'

const room = await newsroom(t)
const { api, db, config } = room
const { database } = config
const settings = settingsFor(database, { PUBLIC_URL: config.publicUrl })
const run = (...args: string[]) => cli(args, settings)
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
/** What the system itself did to one thing, oldest first. */
const deeds = (resourceId: string) =>
  db.query(
    {
      text: `SELECT action, fields, user_id FROM audit
        WHERE resource_id = $1::uuid AND user_id IS NULL AND action <> 'session.refused' ORDER BY at`
    },
    [resourceId]
  )
const told = async (id: string) =>
  (
    await db.query<{ type: string }>(
      { text: 'SELECT type FROM events WHERE subject_id = $1::uuid ORDER BY number' },
      [id]
    )
  ).map(({ type }) => type)

t.test('user list tells who is there, and leaves out who was not asked for', async (t) => {
  const maya = await person(room)
  const { code, stdout, stderr } = await run('user', 'list')
  t.match({ code, stderr }, { code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  t.match(lines[0], /^EMAIL +NAME +ROLE +DISABLED +LAST SIGN-IN$/)
  t.equal(lines.length, 1 + (await json('user', 'list')).length)
  t.match(
    lines.find((line) => line.startsWith(maya.email)),
    / {2}Maya Lindqvist +author +no +\d{4}-\d\d-\d\dT\d\d:\d\dZ$/
  )
  const admins = await json('user', 'list', '--role', 'admin')
  t.ok(admins.every(({ role }: { role: string }) => role === 'admin'))
  const { lastSignInAt } = admins.find(({ email }: { email: string }) => email === 'admin@example.org')
  t.ok(Date.now() - Date.parse(lastSignInAt) < 120_000)
  t.same(await json('user', 'list', '--disabled'), [])
  t.equal((await json('user', 'list', '--enabled')).length, lines.length - 1)
})

t.test('user disable ends what somebody has open, and user enable lets them in again', async (t) => {
  const noor = await person(room)
  const signIn = (expect: number) =>
    api('POST /v1/sessions', { body: { email: noor.email, password: noor.password }, expect })
  t.match(await run('user', 'disable', noor.email.toUpperCase()), { code: 0, stdout: /is disabled/ })
  await api('GET /v1/me', { token: noor.accessToken, expect: 401 })
  await signIn(401)
  t.match(await json('user', 'list', '--disabled'), [{ email: noor.email, disabled: true }])
  t.match(await run('user', 'enable', noor.email), { code: 0, stdout: /can sign in as author/ })
  await api('GET /v1/me', { token: noor.accessToken, expect: 401 })
  await signIn(201)
  t.match(await deeds(noor.id), [
    { action: 'user.changed', fields: ['disabled'] },
    { action: 'user.changed', fields: ['disabled'] }
  ])
  t.same(await told(noor.id), ['user.created', 'user.changed', 'user.changed'])
})

t.test('the last enabled admin is not disabled', async (t) => {
  // An embedded start makes one of its own.
  if (database.kind === 'embedded') await run('user', 'disable', 'admin@dateline.local')
  t.match(await run('user', 'disable', 'admin@example.org'), {
    code: 1,
    stdout: '',
    stderr: 'This is the last enabled admin.\n'
  })
  await api('GET /v1/me', { as: 'admin', expect: 200 })
})

t.test('key create prints the key alone, key list never, and key revoke ends it', async (t) => {
  const name = unique('Importer')
  const made = await run(
    'key',
    'create',
    '--user',
    'editor@example.org',
    '--name',
    name,
    '--scopes',
    'articles:write,tags:read',
    '--expires',
    '30d'
  )
  t.match(made, { code: 0, stdout: /^dl_\w+\n$/, stderr: /shown this once/ })
  const key = made.stdout.trim()
  await api('GET /v1/me', { token: key, expect: 200 })
  await api('POST /v1/articles', { token: key, body: { locale: 'en', headline: 'By key' }, expect: 201 })
  await api('POST /v1/tags', { token: key, body: {}, expect: [403] })

  const listed = await run('key', 'list', '--user', 'editor@example.org')
  t.notMatch(listed.stdout, key.slice(-20))
  t.match(listed.stdout, new RegExp(`editor@example\\.org  ${name}  yes +20.*articles:write,tags:read`))
  const [one] = await json('key', 'list', '--user', 'editor@example.org')
  t.ok(Math.abs(Date.parse(one.expiresAt) - Date.now() - 30 * 86_400_000) < 120_000, 'in thirty days')
  t.notOk('key' in one)

  t.match(await run('key', 'revoke', one.id), { code: 0, stdout: `The key ${one.id} is revoked.\n` })
  await api('GET /v1/me', { token: key, expect: 401 })
  t.same(await json('key', 'list', '--user', 'editor@example.org'), [])
  t.match(await json('key', 'list', '--all'), [{ id: one.id, works: false }])
  t.match(await deeds(one.id), [{ action: 'api_key.created' }, { action: 'api_key.revoked' }])
  t.same(await told(one.id), ['api_key.created', 'api_key.revoked'])
})

t.test('a key that was found somewhere is revoked as it stands there', async (t) => {
  const made = await json(
    'key',
    'create',
    '--user',
    'author@example.org',
    '--name',
    'Lost',
    '--scopes',
    'articles:read'
  )
  t.match(made, { name: 'Lost', expiresAt: null, key: /^dl_/ })
  t.match(await json('key', 'revoke', made.key), { revoked: made.id })
  await api('GET /v1/me', { token: made.key, expect: 401 })
})

/** What `run` answers of words that are no command, without a process of its own. */
async function notUnderstood(args: string[]) {
  const program = new Command('dateline').exitOverride()
  let stderr = ''
  let stdout = ''
  const output = {
    writeErr: (text: string) => (stderr += text),
    writeOut: (text: string) => (stdout += text)
  }
  for (const add of [peopleCommands, apiKeyCommands]) add(program.configureOutput(output))
  const error = await program.parseAsync(args, { from: 'user' }).then(
    () => null,
    (error) => error
  )
  return { code: error instanceof CommanderError ? 2 : 0, stdout, stderr }
}

const key = (...more: string[]) => ['key', 'create', '--name', 'x', ...more]
const refusals: [string[], number, RegExp][] = [
  [['user', 'list', '--role', 'chief'], 2, /Allowed choices are contributor, author, editor, admin/],
  [['user', 'disable', 'nobody@example.org'], 1, /^There is no such user\.\n$/],
  [['user', 'lst'], 2, /unknown command 'lst'\n\(Did you mean list\?\)/],
  [['usr', 'list'], 2, /unknown command 'usr'\n\(Did you mean user\?\)/],
  [
    [
      'user',
      'create',
      '--email',
      'v',
      '--name',
      'V',
      '--role',
      'editor',
      '--password',
      'nine slow herons over the weir'
    ],
    1,
    /^email is not an e-mail address\.\n$/
  ],
  [
    key('--user', 'author@example.org', '--scopes', 'articles:eat'),
    2,
    /no such scope: articles:eat\. There are: articles:read/
  ],
  [
    key('--user', 'author@example.org', '--scopes', 'tags:write'),
    1,
    /^scopes\/0 takes the role editor or higher\.\n$/
  ],
  [
    key('--user', 'author@example.org', '--scopes', 'tags:read', '--expires', '2020-01-01'),
    1,
    /^expiresAt is not in the future\.\n$/
  ],
  [
    key('--user', 'author@example.org', '--scopes', 'tags:read', '--expires', 'soon'),
    2,
    /It takes 12h, 30d, or a moment/
  ],
  [['key', 'revoke', 'dl_x'], 2, /It takes the id of a key/],
  [['key', 'revoke', '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'], 1, /^There is no such API key\.\n$/]
]
let misused = 0
for (const [args, code, stderr] of refusals) {
  t.test(`${args.join(' ')}: ${code}`, async (t) => {
    // Two as a process show that all of them are told in one way; the others are not understood by the same program here.
    const answer = code === 2 && ++misused > 2 ? await notUnderstood(args) : await run(...args)
    t.match(answer, { code, stdout: '', stderr })
    t.notMatch(answer.stderr, /\n +at /, 'no stack')
  })
}

t.test('with --json a refusal is a line of JSON on standard error', async (t) => {
  for (const [args, code, problem] of [
    [
      ['user', 'disable', 'admin@example.org'],
      1,
      { code: 'last_admin', detail: 'This is the last enabled admin.' }
    ],
    [
      key('--user', 'author@example.org', '--scopes', 'tags:write'),
      1,
      { code: 'invalid_request', errors: [{ pointer: '/scopes/0', code: 'above_role' }] }
    ],
    [
      ['key', 'create'],
      2,
      { code: 'not_understood', detail: /required option '--user <email>' not specified/ }
    ]
  ] as const) {
    const answer = await run(...args, '--json')
    t.match(answer, { code, stdout: '' })
    t.equal(answer.stderr.trimEnd().split('\n').length, 1)
    t.match(JSON.parse(answer.stderr), problem)
  }
})

t.test('somebody disabled gets no key', async (t) => {
  const gone = await person(room)
  await run('user', 'disable', gone.email)
  t.match(await run(...key('--user', gone.email, '--scopes', 'tags:read')), {
    code: 1,
    stderr: 'Enable the person first.\n'
  })
})
