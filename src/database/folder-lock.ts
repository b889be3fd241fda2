/**
 * The embedded data folder belongs to one process: a second one would silently lose acknowledged rows. The lock is a
 * file that says who holds it. Whoever died without giving it back (kill -9, power) does not keep it.
 */
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

export type Holder = {
  pid: number
  /** When the process began, in clock ticks after boot; null where the system does not say. Pids are used again. */
  began: string | null
  host: string
  token: string
  /** Where the database answers, once it does. */
  address: { path: string } | { host: string; port: number } | null
}

export type FolderLock = { publish: (address: NonNullable<Holder['address']>) => void; release: () => void }

/** A holder on another host (a container that is gone, say) shows that it lives by touching its lock this often. */
const HEARTBEAT_MS = 2000
const DEAD_AFTER_MS = 8000

/** Takes the folder, or answers with who has it. Throws only on faults of the file system. */
export function takeFolder(folder: string): FolderLock | Holder {
  const file = join(folder, 'lock')
  const mine: Holder = {
    pid: process.pid,
    began: beginOf(process.pid),
    host: hostname(),
    token: randomUUID(),
    address: null
  }
  for (let attempt = 0; attempt < 20; attempt++) {
    if (create(file, mine)) return hold(file, mine)
    const theirs = readHolder(folder)
    if (theirs && isAlive(file, theirs)) return theirs
    clearAway(file, theirs)
  }
  throw new Error(`Could not take ${file}: it changes hands too fast. Start again.`)
}

/** Who has the folder now, dead or alive; null when nobody has. */
export function readHolder(folder: string): Holder | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as Holder
  } catch {
    return null
  }
}

/** Who has the folder now, and whether they live: a dead one's lock is taken by whoever starts next. */
export function whoHas(folder: string): (Holder & { alive: boolean }) | null {
  const holder = readHolder(folder)
  return holder && { ...holder, alive: isAlive(join(folder, 'lock'), holder) }
}

/** Linking a finished file into place is atomic: nobody ever reads half a lock. */
function create(file: string, holder: Holder) {
  const draft = `${file}.${holder.token}`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Takes a dead lock out of the way. Two processes may both have read the dead one: the slower of them would carry off
 * the faster one's new lock, so what was carried off is looked at and, if it is not the dead one, put back.
 */
function clearAway(file: string, dead: Holder | null) {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
    const carried = JSON.parse(readFileSync(aside, 'utf8')) as Holder
    if (dead && carried.token !== dead.token) linkSync(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Locks this process has. */
const held = new Set<string>()

function hold(file: string, mine: Holder): FolderLock {
  held.add(mine.token)
  const heartbeat = setInterval(() => {
    try {
      const now = new Date()
      utimesSync(file, now, now)
    } catch {
      // The folder was removed under us; the database will say so itself.
    }
  }, HEARTBEAT_MS)
  heartbeat.unref()
  const release = () => {
    clearInterval(heartbeat)
    held.delete(mine.token)
    process.off('exit', release)
    if (readHolder(join(file, '..'))?.token === mine.token) rmSync(file, { force: true })
  }
  process.on('exit', release)
  return {
    publish(address) {
      const draft = `${file}.${mine.token}`
      writeFileSync(draft, JSON.stringify({ ...mine, address }), { mode: 0o600 })
      renameSync(draft, file)
    },
    release
  }
}

function isAlive(file: string, holder: Holder) {
  if (holder.host !== hostname()) {
    const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
    return Date.now() - touched < DEAD_AFTER_MS
  }
  // A container that starts over has the pid its predecessor had.
  if (holder.pid === process.pid && holder.began !== beginOf(process.pid)) return false
  if (holder.pid === process.pid) return held.has(holder.token)
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holder.began === null || holder.began === beginOf(holder.pid)
}

function beginOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
