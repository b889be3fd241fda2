/**
 * `npm run -s sbom > sbom.json`: what production is made of, as CycloneDX. npm writes it from the lock file; what is for
 * development only is left out here, because npm's own `--omit dev` leaves out more than that (ajv, for one).
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { nameOf, productionPackages } from './production.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const { status, stdout, stderr } = spawnSync(
  'npm',
  ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
  {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32'
  }
)
if (status !== 0) {
  console.error(stderr || stdout)
  process.exit(1)
}

const whole = JSON.parse(stdout)
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const kept = new Set([...productionPackages()].map(([place, entry]) => `${nameOf(place)}@${entry.version}`))
const components = whole.components.filter((one) => kept.has(fullNameOf(one)))
const refs = new Set([whole.metadata.component['bom-ref'], ...components.map((one) => one['bom-ref'])])
const bom = {
  ...whole,
  metadata: {
    ...whole.metadata,
    component: { ...whole.metadata.component, type: 'application', name, version }
  },
  components: components.map((one) => ({
    ...one,
    properties: one.properties?.filter((property) => property.name !== 'cdx:npm:package:development')
  })),
  dependencies: whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }))
}
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`)

function fullNameOf({ group, name, version }) {
  return `${group ? `${group}/` : ''}${name}@${version}`
}
