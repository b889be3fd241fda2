/** Which processor does what: servers and load never share one. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Processor lists as `taskset` takes them; null where processes cannot be pinned. */
export type Places = { server: string; load: string; postgres: string } | null

/** With two processors Postgres shares that of the load, which is mostly idle when the database works. */
export function placesHere(): Places {
  if (spawnSync('taskset', ['--version']).status !== 0) return null
  const allowed = allowedHere()
  const [server, load, ...rest] = allowed
  if (server === undefined || load === undefined) return null
  return { server, load, postgres: rest.length > 0 ? rest.join(',') : load }
}

function allowedHere(): string[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
    return list.split(',').flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
    })
  } catch {
    return []
  }
}

/** Command and arguments that run `command` on these processors. */
export const pinned = (place: string | undefined, command: string, args: string[]): [string, string[]] =>
  place === undefined ? [command, args] : ['taskset', ['-c', place, command, ...args]]
