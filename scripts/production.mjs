/**
 * Which packages of the lock file production needs: what is reached from `dependencies`, and not through peers that may be
 * absent. npm keeps more: Prisma's command line, which the database client names as such a peer, and all below it.
 */
import { readFileSync } from 'node:fs'

/**
 * @typedef {{ version: string, license?: string, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, { optional?: boolean }> }} Entry
 * @typedef {Record<string, Entry>} Packages
 */

const root = new URL('../', import.meta.url)

/** @returns {Packages} */
export const readLock = () => JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')).packages

/** The name of a package from its place, such as `node_modules/a/node_modules/@b/c`. @param {string} place */
export const nameOf = (place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Places in node_modules, each with what the lock file says of it. Those for other machines than this one are among them. */
export function productionPackages(packages = readLock()) {
  /** @type {Map<string, Entry>} */
  const found = new Map()
  const visit = (/** @type {string} */ place) => {
    for (const name of wanted(/** @type {Entry} */ (packages[place]))) {
      const target = resolve(packages, place, name)
      if (!target || found.has(target)) continue
      found.set(target, /** @type {Entry} */ (packages[target]))
      visit(target)
    }
  }
  visit('')
  return found
}

/** @param {Entry} entry */
function wanted({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional)
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers]
}

/** As Node looks for it: below, and then further up. @param {Packages} packages @param {string} from @param {string} name */
function resolve(packages, from, name) {
  const parts =
    from === ''
      ? []
      : from
          .split(/(?<=^|\/)node_modules\//)
          .slice(1)
          .map((part) => part.replace(/\/$/, ''))
  for (let depth = parts.length; depth >= 0; depth--) {
    const target = [...parts.slice(0, depth), name].map((part) => `node_modules/${part}`).join('/')
    if (packages[target]) return target
  }
  return null
}
