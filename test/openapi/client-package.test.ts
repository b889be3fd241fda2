/** The client package as an outside project gets it: packed, unpacked beside its dependencies, and compiled against. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../start/process.ts'

const work = mkdtempSync(join(tmpdir(), 'dateline-client-'))
t.teardown(() => rmSync(work, { recursive: true, force: true }))
const run = (cwd: string, command: string, ...args: string[]) => {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
  }
}
const manifest = JSON.parse(readFileSync(join(root, 'openapi/client/package.json'), 'utf8'))

t.test('its versions are those it is tested with', async (t) => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const installed = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
    t.equal(installed.version, version, name)
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.equal(manifest.version, version, 'it is released with Dateline')
})

/** Right uses, and wrong ones that a compiler must refuse. */
const consumer = `
import { createClient, etagOf, ProblemError, type ItemOf, type ProblemCode, type Tokens } from '@dateline/client'

const kept: (Tokens | null)[] = []
const client = createClient({
  baseUrl: 'http://localhost:3000',
  credentials: { email: 'maya@example.org', password: 'seven small boats at dusk' },
  onTokens: (tokens) => kept.push(tokens)
})
createClient({ baseUrl: '', credentials: { apiKey: 'dl_x' }, fetch: (request) => fetch(request), retries: 1 })
createClient({ baseUrl: '', credentials: { accessToken: 'a', refreshToken: 'r' } })
// @ts-expect-error there is no base
createClient({})
// @ts-expect-error half a pair of tokens
createClient({ baseUrl: '', credentials: { accessToken: 'a' } })

export async function main(id: string): Promise<string> {
  const { data, response } = await client.GET('/v1/articles/{id}', { params: { path: { id } } })
  const headline: string = data.headline
  // @ts-expect-error the path is not there
  await client.GET('/v1/article/{id}', { params: { path: { id } } })
  // @ts-expect-error the id is missing
  await client.GET('/v1/articles/{id}')
  // @ts-expect-error no such member
  data.title
  const made = await client.POST('/v1/tags', { body: { kind: 'topic', names: { en: 'Ferries' } } })
  const slug: string = made.data.slug
  // @ts-expect-error no such kind
  await client.POST('/v1/tags', { body: { kind: 'colour', names: { en: 'Ferries' } } })
  // @ts-expect-error a change names its version
  await client.PATCH('/v1/articles/{id}', { params: { path: { id } }, body: { headline } })
  const header = { 'if-match': etagOf(response) }
  await client.PATCH('/v1/articles/{id}', { params: { path: { id }, header }, body: { headline } })

  for await (const tag of client.items('/v1/tags', { params: { query: { kind: 'topic', limit: 50 } } })) {
    const kind: ItemOf<'/v1/tags'>['kind'] = tag.kind
    // @ts-expect-error no such member
    tag.headline
    console.log(kind)
  }
  for await (const { data, page } of client.pages('/v1/share-links')) console.log(data[0]?.code, page.next)
  // @ts-expect-error has no pages
  client.items('/v1/me')
  // @ts-expect-error no such filter
  client.items('/v1/tags', { params: { query: { colour: 'red' } } })
  // @ts-expect-error an article is one of many
  client.items('/v1/articles/{id}/revisions')
  client.items('/v1/articles/{id}/revisions', { params: { path: { id } } })

  const changed = await client.update('/v1/articles/{id}', { params: { path: { id } }, tries: 3 }, (current) =>
    current.breaking ? null : { headline: current.headline.trim() }
  )
  await client.update('/v1/site/{locale}', { params: { path: { locale: 'en' } } }, () => ({ name: 'The Record' }))
  // @ts-expect-error no such member in a patch
  await client.update('/v1/articles/{id}', { params: { path: { id } } }, () => ({ colour: 'red' }))
  // @ts-expect-error has no version
  await client.update('/v1/webhooks/{id}/deliveries', { params: { path: { id } } }, () => ({}))

  try {
    await client.signIn()
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const code: ProblemCode | null = error.code
    if (error.code === 'stale_version') return String(error.problem?.currentVersion)
    // @ts-expect-error no such code
    if (error.code === 'stale_verison') return ''
    return \`\${code} \${error.errors[0]?.pointer}\`
  }
  return slug + changed.version
}
`

t.test('it builds, packs, and an outside project compiles against it', async (t) => {
  // Built as its own build script says, in a copy of what it needs.
  const source = join(work, 'openapi')
  cpSync(join(root, 'openapi/client'), join(source, 'client'), {
    recursive: true,
    filter: (path) => !/(node_modules|dist)$/.test(path)
  })
  cpSync(join(root, 'openapi/types.ts'), join(source, 'types.ts'))
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'))
  symlinkSync(join(root, 'node_modules'), join(source, 'client/node_modules'))
  run(join(source, 'client'), 'npm', 'pack', '--pack-destination', work, '--offline')

  const project = join(work, 'project')
  const place = join(project, 'node_modules/@dateline/client')
  mkdirSync(place, { recursive: true })
  run(work, 'tar', 'xzf', `dateline-client-${manifest.version}.tgz`, '--strip-components=1', '-C', place)
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers', '@types/node', 'undici-types']) {
    mkdirSync(join(project, 'node_modules', name, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'main.ts'), consumer)
  const readme = readFileSync(join(place, 'README.md'), 'utf8')
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, example]) => example)
  t.ok(examples.length >= 2, 'its README comes with it')
  writeFileSync(join(project, 'readme.ts'), examples.join('\n'))
  const options = {
    ...{ target: 'es2022', strict: true, noEmit: true, skipLibCheck: false },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
  }
  for (const [told, own] of [
    ['a program on Node', { module: 'nodenext', lib: ['es2023'], types: ['node'] }],
    [
      'a page with a bundler',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] }
    ]
  ] as const) {
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, ...own }, files: ['main.ts', 'readme.ts'] })
    )
    t.doesNotThrow(() => run(project, process.execPath, join(root, 'node_modules/typescript/bin/tsc')), told)
  }

  writeFileSync(
    join(project, 'main.mjs'),
    `import { createClient } from '@dateline/client'; console.log(Object.keys(createClient({ baseUrl: '' })).join())`
  )
  t.match(run(project, process.execPath, 'main.mjs'), 'GET,POST,PUT,PATCH,DELETE,')
})
