/** `npm run licences`: writes docs/licences.md, the licence of each package that production needs. */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { nameOf, productionPackages } from './production.mjs'

/** Licences that ask for no more than to be named. Others take a decision, and a reason beside them. */
export const ALLOWED = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'Unlicense',
  'Python-2.0'
]

/** `[name, versions, licence]`, by name. @returns {[string, string, string][]} */
export function licences(packages = productionPackages()) {
  /** @type {Map<string, [string, string[], string]>} */
  const rows = new Map()
  for (const [place, { version, license = 'none' }] of packages) {
    const name = nameOf(place)
    const [, versions] = rows.get(`${name} ${license}`) ?? [name, [], license]
    rows.set(`${name} ${license}`, [name, [...versions, version], license])
  }
  return [...rows.values()]
    .map(
      ([name, versions, licence]) =>
        /** @type {[string, string, string]} */ ([name, [...new Set(versions)].sort().join(', '), licence])
    )
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

export function page() {
  const rows = licences()
  const counts = new Map()
  for (const [, , licence] of rows) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  return `# Licences

What Dateline needs in production, and under which licence each package comes, as its authors state it. Written by
\`npm run licences\` from \`package-lock.json\`; a test fails when the two differ, and on a licence that is not in the list of
\`scripts/licences.mjs\`. Packages that only one kind of machine gets are among them.

| licence | packages |
|---|---|
${[...counts]
  .sort(([, a], [, b]) => b - a)
  .map(([licence, count]) => `| ${licence} | ${count} |`)
  .join('\n')}

| package | version | licence |
|---|---|---|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(new URL('../docs/licences.md', import.meta.url), page())
