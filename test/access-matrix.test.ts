/**
 * Who may what, whole: every operation of the OpenAPI document, asked by everybody, also through keys, for their own and
 * for others' things in each state. What must come stands in docs/access.md, which is for people to read; an operation
 * without a row there fails, and so does a row that is not so.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { scopes } from '../src/http/scopes.ts'
import { root } from '../src/root.ts'
import {
  type Asked,
  makeAsk,
  ofArticles,
  ofKeys,
  ofSessions,
  type Role,
  type State,
  states,
  type Whose
} from './access-things.ts'
import { type Answer, newsroom, PASSWORD, roles } from './helper.ts'

const room = await newsroom(t)
const { api } = room
const ask = await makeAsk(room)

/** Keys of each role: with all that it can use, with reading only, and two with one scope. */
const keys = {} as Record<Role, Record<'all' | 'reading' | 'tags:read' | 'articles:read', string>>
for (const role of roles) {
  const own = Object.entries(scopes)
    .filter(([, least]) => roles.indexOf(least) <= roles.indexOf(role))
    .map(([scope]) => scope)
  const make = async (wanted: string[]) =>
    (await api('POST /v1/api-keys', { as: role, body: { name: 'Matrix', scopes: wanted }, expect: 201 })).body
      .key
  keys[role] = {
    all: await make(own),
    reading: await make(own.filter((scope) => scope.endsWith(':read'))),
    'tags:read': await make(['tags:read']),
    'articles:read': await make(['articles:read'])
  }
}

// ---- What docs/access.md says ----------------------------------------------------------------------------------------

type Row = {
  operationId: string
  method: string
  /** With `?at=` or the like, where a query decides. */
  path: string
  key: string
  words: Record<Role | 'nobody', string>
}
const text = readFileSync(new URL('docs/access.md', root), 'utf8')
const rows: Row[] = text
  .split('\n')
  .filter((line) => /^\| `\w+` \| `[A-Z]+ /.test(line))
  .map((line) => {
    const [operationId = '', request = '', key = '', ...words] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''))
    const [method = '', path = ''] = request.split(' ')
    const [nobody = '', contributor = '', author = '', editor = '', admin = ''] = words
    return { operationId, method, path, key, words: { nobody, contributor, author, editor, admin } }
  })

type Outcome = 'yes' | '401' | '403' | '404'

/** What each word of the table means for a thing of one's own or of others, in a state. */
const meanings: Record<string, (own: boolean, state: State) => Outcome> = {
  yes: () => 'yes',
  '401': () => '401',
  '403': () => '403',
  own: (own) => (own ? 'yes' : '403'),
  'own, else 404': (own) => (own ? 'yes' : '404'),
  'own drafts, else 404': (own, state) => (own ? (state === 'live' ? '403' : 'yes') : '404')
}

// ---- What the OpenAPI document says ----------------------------------------------------------------------------------

type Operation = {
  operationId: string
  description: string
  security: { bearer?: string[] }[]
  'x-scopes'?: string[]
}
const document = room.app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path }))
)

/** How the table tells what a key needs. */
function keyTold({ security, description, 'x-scopes': wanted = [] }: Operation) {
  if (wanted.length > 0) return wanted.join(' or ')
  if (!security.some(({ bearer }) => bearer)) return '–'
  return description.includes('Any API key') ? 'any key' : 'no key'
}

t.test('every operation has a row, and every row an operation', async (t) => {
  for (const operation of operations) {
    const { operationId, method, path, security } = operation
    const told = rows.filter((row) => row.operationId === operationId)
    const plain = told.find((row) => row.path === path)
    t.ok(plain, `${operationId} (${method} ${path}) has a row in docs/access.md`)
    t.ok(
      told.every((row) => row.method === method && row.path.split('?')[0] === path),
      `${operationId}: its address`
    )
    const isPublic = security.some(({ bearer }) => !bearer)
    const at = told.find((row) => row.path === `${path}?at=`)
    if (isPublic && security.length > 1) {
      t.equal(plain?.key, '–', operationId)
      t.equal(at?.key, keyTold(operation), `${operationId} with at: what a key needs`)
    } else {
      for (const row of told) t.equal(row.key, keyTold(operation), `${operationId}: what a key needs`)
    }
  }
  const known = new Set(operations.map(({ operationId }) => operationId))
  t.same(
    rows.filter(({ operationId }) => !known.has(operationId)).map(({ operationId }) => operationId),
    [],
    'nothing is told of that is not there'
  )
  for (const { operationId, words } of rows)
    for (const word of Object.values(words))
      t.ok(meanings[word], `${operationId}: “${word}” is a word of the table`)
})

t.test('each scope is the least role’s that has an operation with it', async (t) => {
  for (const [scope, least] of Object.entries(scopes)) {
    const using = rows.filter(({ key }) => key.split(' or ').includes(scope))
    if (using.length === 0) continue
    const able = roles.find((role) => using.some(({ words }) => words[role] !== '403'))
    t.equal(able, least, scope)
  }
})

// ---- Asking ----------------------------------------------------------------------------------------------------------

/** Sent with `?at=`. Far from now, so that no answer is kept for it. */
const AT = 'at=2031-01-01T00:00:00Z'

const kinds = ['all', 'reading', 'unrelated'] as const
type Kind = (typeof kinds)[number]

function fits(kind: Kind, key: string) {
  if (key === '–' || key === 'any key') return true
  if (key === 'no key') return false
  return kind === 'all' || (kind === 'reading' && key.endsWith(':read'))
}

/** What came, as the table tells it: whatever is not refused for access was let through. */
function outcomeOf({ status, body }: Answer): Outcome {
  if (status === 401 || status === 403) return `${status}`
  return status === 404 && /^There is no such (article|API key|session)\.$/.test(body.detail) ? '404' : 'yes'
}

let cells = 0

for (const row of rows) {
  const { operationId, method, path, key, words } = row
  const about = ofArticles(path) ? states : (['draft'] as const)
  const whoseAll: Whose[] = [ofArticles, ofKeys, ofSessions].some((isOf) => isOf(path))
    ? ['own', 'others’']
    : ['own']
  const wrong: string[] = []

  const cell = async (
    caller: Role | 'nobody',
    kind: Kind | null,
    token: string | undefined,
    whose: Whose,
    state: State
  ) => {
    const meaning = meanings[words[caller]]?.(whose === 'own', state)
    const wanted = kind && meaning !== '401' && !fits(kind, key) ? '403' : meaning
    const asked: Asked = { operationId, method, path: path.replace('at=', AT), whose, state, caller }
    const answer = await ask(asked, token)
    const got = outcomeOf(answer)
    cells++
    // Whose sessions were ended signs in again.
    if (/^end(User)?Sessions$/.test(operationId) && answer.status < 300)
      for (const role of roles) room.tokens[role] = await freshToken(role)
    if (got === wanted) return
    const who = kind ? `${caller} through a key (${kind})` : caller
    wrong.push(
      `${who}, ${whose}, ${state}: ${wanted} expected, ${got} came (${answer.status} ${answer.text.slice(0, 160)})`
    )
  }

  t.test(`${operationId} (${method} ${path})`, async (t) => {
    for (const state of about) {
      await cell('nobody', null, undefined, 'others’', state)
      for (const whose of whoseAll) {
        for (const role of roles) {
          const token = operationId === 'signOut' ? await freshToken(role) : room.tokens[role]
          await cell(role, null, token, whose, state)
          const unrelated = key.includes('tags:') ? 'articles:read' : 'tags:read'
          for (const kind of kinds)
            await cell(role, kind, keys[role][kind === 'unrelated' ? unrelated : kind], whose, state)
        }
      }
    }
    t.same(wrong, [])
  })
}

/** Of a session to be ended. */
async function freshToken(role: Role): Promise<string> {
  const body = { email: `${role}@example.org`, password: PASSWORD }
  return (await api('POST /v1/sessions', { body, expect: 201 })).body.accessToken
}

t.test('the matrix is whole', async (t) => {
  t.ok(cells >= 1000, `${cells} cells`)
})
