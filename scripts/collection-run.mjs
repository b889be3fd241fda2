/**
 * `npm run collection:run`: starts a Dateline with the demo newsroom in a folder of its own, and sends it the first story of
 * the collection and every GET, as somebody would who presses "send" from top to bottom.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.mjs'
import { installIn, prepare } from './prepare.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = join(root, 'openapi/collection')
/** Never ends: only its beginning is looked at, and not by the runner. */
const ENDLESS = 'streamChanges'
prepare()
installIn('openapi/collection')

const account = { email: 'admin@example.org', password: 'seven small boats at dusk' }
const work = mkdtempSync(join(tmpdir(), 'dateline-collection-'))
const port = await freePort()
const base = `http://localhost:${port}`
const server = spawn(process.execPath, ['scripts/start.mjs'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...{
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATELINE_DATA: join(work, 'data')
    },
    ...{ ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password, LOG_LEVEL: 'silent' }
  }
})
const ended = new Promise((done) => server.on('close', done))
const wrong = []
try {
  await ready()
  const sent = send()
  const operations = Object.values(
    JSON.parse(readFileSync(join(root, 'openapi/openapi.json'), 'utf8')).paths
  ).flatMap((item) => Object.entries(item))
  const gets = operations.flatMap(([method, { operationId }]) => (method === 'get' ? [operationId] : []))
  const names = new Set(sent.map(({ name }) => name))
  for (const name of gets) if (name !== ENDLESS && !names.has(name)) wrong.push(`${name} was not sent`)
  for (const { name, response, testResults } of sent) {
    const { statusCode: status = 0, body = '', request } = response ?? {}
    // Redirects are not followed: they lead to front ends that are not there.
    if (status >= 200 && status < 400) continue
    const told = testResults?.map(({ message }) => message).join()
    wrong.push(`${name}: ${request?.method} ${request?.url} → ${status} ${body.slice(0, 300)}${told ?? ''}`)
  }
  const stream = await fetch(`${base}/v1/content/stream`)
  await stream.body?.cancel()
  if (!stream.headers.get('content-type')?.startsWith('text/event-stream'))
    wrong.push(`${ENDLESS}: ${stream.status}`)
  const steps = sent.filter(({ name }) => name.startsWith('step')).length
  if (steps === 0) wrong.push('no step of the first story was sent')
  console.error(`${steps} steps of the first story and ${gets.length} GETs sent, ${wrong.length} failed`)
} finally {
  server.kill('SIGINT')
  await ended
  rmSync(work, { recursive: true, force: true })
}
for (const line of wrong.slice(0, 20)) console.error(line)
process.exit(wrong.length > 0 ? 1 : 0)

/** Sends what is tagged `run`, in the order of the file, whose head has the address and the account to put in. */
function send() {
  let text = readFileSync(join(folder, 'dateline.http'), 'utf8')
  for (const [name, value] of Object.entries({ base, ...account })) {
    const line = new RegExp(`^@${name} = .*$`, 'm')
    if (!line.test(text)) throw new Error(`The collection has no place for ${name}.`)
    text = text.replace(line, `@${name} = ${value}`)
  }
  writeFileSync(join(work, 'dateline.http'), text)
  // Into a file: it ends before a pipe has taken all it says.
  const answers = join(work, 'answers.json')
  const { stderr, error } = spawnSync(
    process.execPath,
    [join(folder, 'node_modules/httpyac/bin/httpyac.js'), 'send', 'dateline.http', '--tag', 'run', '--json'],
    { cwd: work, encoding: 'utf8', stdio: ['ignore', openSync(answers, 'w'), 'pipe'] }
  )
  if (error) throw error
  const said = readFileSync(answers, 'utf8')
  try {
    return JSON.parse(said).requests
  } catch {
    throw new Error(`httpyac said: ${said.slice(0, 2000)}${stderr.slice(0, 2000)}`)
  }
}

async function ready() {
  let printed = ''
  await new Promise((done, failed) => {
    server.stdout.on('data', (text) => {
      printed += text
      if (printed.includes('Try:\n')) done(undefined)
    })
    ended.then((code) => failed(new Error(`Dateline ended with ${code}: ${printed}`)))
  })
}
