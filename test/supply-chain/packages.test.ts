/** What Dateline is built of comes from one registry, in versions that are written down, and runs nothing when installed. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { ALLOWED, licences, page } from '../../scripts/licences.mjs'
import { nameOf, productionPackages, readLock } from '../../scripts/production.mjs'
import { root } from '../start/process.ts'
import { accepted, type Floor, floors } from './floors.ts'

type Entry = {
  version: string
  resolved?: string
  integrity?: string
  link?: boolean
  license?: string
  hasInstallScript?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const lock: Record<string, Entry> = readLock()
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const packages = Object.entries(lock).filter(([place]) => place !== '')
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

t.test('every version is exact, and the lock file agrees', async (t) => {
  for (const kind of ['dependencies', 'devDependencies'] as const) {
    t.same(lock['']?.[kind], manifest[kind], `${kind} of package.json and package-lock.json`)
    for (const [name, version] of Object.entries<string>(manifest[kind])) {
      t.match(version, EXACT, `${name} ${version}`)
      t.equal(lock[`node_modules/${name}`]?.version, version, `${name} is locked at ${version}`)
    }
  }
  t.ok(packages.length > 100)
})

t.test('every package comes from the registry, with a hash of what it must be', async (t) => {
  // Without an address it is the registry npm is set to, so that a mirror works; git and other hosts are always written out.
  const odd = packages.filter(([, { version, resolved, integrity, link }]) => {
    const elsewhere = resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')
    return link || elsewhere || !EXACT.test(version) || !/^sha512-[\w+/]{86}==$/.test(integrity ?? '')
  })
  t.same(
    odd.map(([place]) => place),
    []
  )
  const specifiers = Object.values(lock).flatMap((entry) => Object.values(entry.dependencies ?? {}))
  t.same(
    specifiers.filter((text) => /^(git|github|https?|file|link)[:+]|^[\w-]+\/[\w-]+(#|$)/.test(text)),
    []
  )
})

/** Of everything that would run a program when installed: what that is for, and why nothing of ours needs it. */
const scripts: Record<string, string> = {
  '@prisma/engines':
    'fetches the engine of Prisma’s migrations; scripts/prepare.mjs says what stands in for it',
  prisma: 'looks whether this Node is new enough; scripts/prepare.mjs does',
  esbuild: 'looks whether its program runs, which comes as a package of its own'
}

t.test('what has an install script is known, and none of it is needed', async (t) => {
  const found = packages
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([place]) => nameOf(place))
  t.same([...new Set(found)].sort(), Object.keys(scripts).sort())
  const needed = [...productionPackages(lock).values()] as Entry[]
  t.same(
    needed.filter(({ hasInstallScript }) => hasInstallScript),
    [],
    'none of them is for production'
  )
  for (const file of ['scripts/prepare.mjs', 'Dockerfile'])
    for (const line of readFileSync(`${root}${file}`, 'utf8').split('\n'))
      if (/npm (ci|install)|'ci'/.test(line)) t.match(line, '--ignore-scripts', `${file}: ${line.trim()}`)
})

const numbers = (version: string) => version.split(/[.-]/).slice(0, 3).map(Number)
const isBelow = (version: string, floor: string) => {
  const [a, b] = [numbers(version), numbers(floor)]
  const index = a.findIndex((part, at) => part !== b[at])
  return index >= 0 && (a[index] as number) < (b[index] as number)
}

/** Copies of a package that have the fault: below the floor of their line, or of an older line than any that was mended. */
function faulty(table: Floor[], among = packages) {
  const lines = new Map<string, Floor[]>()
  for (const row of table) lines.set(row.name, [...(lines.get(row.name) ?? []), row])
  return among.flatMap(([place, { version }]) => {
    const rows = lines.get(nameOf(place)) ?? []
    const major = numbers(version)[0]
    const ofLine = rows.filter(({ floor }) => numbers(floor)[0] === major)
    const below =
      ofLine.length > 0
        ? ofLine.some(({ floor }) => isBelow(version, floor))
        : rows.length > 0 && rows.every(({ floor }) => isBelow(version, floor))
    return below ? [`${place} ${version}`] : []
  })
}

t.test('no package is below the version that mends a known fault', async (t) => {
  t.same(faulty(floors), [])
  for (const { name } of floors)
    t.ok(
      packages.some(([place]) => nameOf(place) === name),
      `${name} is here at all`
    )
  const old: [string, Entry][] = [['node_modules/a/node_modules/undici', { version: '7.28.9' }]]
  t.same(faulty(floors, old), ['node_modules/a/node_modules/undici 7.28.9'], 'one below is found')
  t.same(
    faulty(floors, [['node_modules/undici', { version: '5.29.0' }]]).length,
    1,
    'one of an older line is found'
  )
  t.same(faulty(floors, [['node_modules/undici', { version: '8.0.0' }]]), [])
})

t.test('a fault that is known and not mended is still there: else its row goes', async (t) => {
  for (const row of accepted) t.not(faulty([row]).length, 0, `${row.name} ${row.floor}, ${row.advisory}`)
})

t.test('licences are allowed ones, and the page that lists them is true', async (t) => {
  const listed = licences() as [string, string, string][]
  t.same(
    listed.filter(([, , licence]) => !ALLOWED.includes(licence)),
    []
  )
  t.ok(listed.length > 100)
  t.equal(readFileSync(`${root}docs/licences.md`, 'utf8'), page(), 'npm run licences')
})

t.test('the bill of materials is CycloneDX and names every package of production', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/sbom.mjs'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024
  })
  const bom = JSON.parse(stdout)
  t.match(bom, {
    bomFormat: 'CycloneDX',
    specVersion: /^1\.\d$/,
    serialNumber: /^urn:uuid:[0-9a-f-]{36}$/,
    version: 1,
    metadata: { component: { type: 'application', name: manifest.name, version: manifest.version } }
  })
  const named = bom.components.map(({ purl }: { purl: string }) => decodeURIComponent(purl)).sort()
  const wanted = [...productionPackages(lock)].map(
    ([place, { version }]) => `pkg:npm/${nameOf(place)}@${version}`
  )
  t.same(named, [...new Set(wanted)].sort())
  const refs = new Set([
    bom.metadata.component['bom-ref'],
    ...bom.components.map((one: Record<string, string>) => one['bom-ref'])
  ])
  t.equal(refs.size, bom.components.length + 1, 'each has a name of its own')
  for (const component of bom.components) {
    t.match(component, {
      type: 'library',
      name: /\S/,
      version: /\S/,
      hashes: [{ alg: 'SHA-512', content: /^[0-9a-f]{128}$/ }]
    })
    t.ok(component.licenses?.length > 0, `${component.name} has a licence`)
  }
  for (const { ref, dependsOn } of bom.dependencies)
    t.ok(
      [ref, ...dependsOn].every((one) => refs.has(one)),
      ref
    )
})

t.test('the command has a name, and runs as a program', async (t) => {
  t.same(manifest.bin, { dateline: 'scripts/cli.mjs' })
  t.ok(existsSync(`${root}scripts/cli.mjs`))
  t.match(readFileSync(`${root}scripts/cli.mjs`, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  const { stdout } = await promisify(execFile)(`${root}scripts/cli.mjs`, ['--version'], { cwd: root })
  t.equal(stdout.trim(), manifest.version)
})
