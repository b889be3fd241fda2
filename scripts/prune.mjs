/**
 * Removes from node_modules what production does not need. `npm prune --omit=dev` leaves Prisma's command line and 125
 * packages below it, as peers that may be there; nothing of Dateline runs them.
 */
import { existsSync, rmSync } from 'node:fs'
import { productionPackages, readLock } from './production.mjs'

const root = new URL('../', import.meta.url)
const packages = readLock()
const needed = productionPackages(packages)
let removed = 0
for (const place of Object.keys(packages)) {
  if (place === '' || needed.has(place) || !existsSync(new URL(place, root))) continue
  rmSync(new URL(place, root), { recursive: true })
  removed++
}
// Links to programs that are gone, and npm's notes of what it installed.
for (const place of ['node_modules/.bin', 'node_modules/.package-lock.json'])
  rmSync(new URL(place, root), { recursive: true, force: true })
console.error(
  `Removed ${removed} packages that production does not need; ${needed.size} are left, those of other machines counted.`
)
