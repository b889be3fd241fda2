/** JSON merge patch (RFC 7396) for the members that merge: maps by locale and small objects. Arrays are replaced whole. */
import { isDeepStrictEqual } from 'node:util'

type Plain = Record<string, unknown>

/** `patch` over `target`: a null member removes, an absent one keeps. */
export function mergePatch<T extends Plain>(target: T, patch: Plain | undefined): T {
  if (patch === undefined) return target
  const merged: Plain = { ...target }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = value
  }
  return merged as T
}

/** Names of the members that differ; the order of members within them does not count. */
export function changedFields(before: Plain, after: Plain): string[] {
  return Object.keys(after).filter(
    (name) => after[name] !== undefined && !isDeepStrictEqual(before[name], after[name])
  )
}
