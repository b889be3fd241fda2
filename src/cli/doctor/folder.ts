/** The data folder: room, rights, and who has it. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { whoHas } from '../../database/folder-lock.ts'
import { secretFile } from '../../secret-file.ts'
import type { Examined } from '../context.ts'
import { type Finding, fail, ok, warn } from './report.ts'

const MIB = 1024 * 1024
/** MiB. Below the first the database cannot go on for long; below the second it is time to look. */
const [TOO_LITTLE, LITTLE] = [100, 1024]
/** Of others than the owner. */
const OTHERS = 0o077

/** On a server the folder holds nothing but the secret, and that only where none is given. */
export function checkFolder({ settings, folder }: Examined): Finding[] {
  const embedded = settings.database.kind === 'embedded'
  if (!embedded && !existsSync(secretFile(folder))) return []
  if (!existsSync(folder)) return [...checkPlaceFor(folder), ...(embedded ? [checkHolder(folder)] : [])]
  return [checkRights(folder), checkRoom(folder), ...(embedded ? [checkHolder(folder)] : [])]
}

/** Where the first start will make it. */
function checkPlaceFor(folder: string): Finding[] {
  let place = dirname(folder)
  while (!existsSync(place)) place = dirname(place)
  if (!may(place))
    return [
      fail(
        'data folder',
        `${folder} is not there, and ${place} cannot be written.`,
        'Set DATELINE_DATA to a folder that can.'
      )
    ]
  return [ok('data folder', `${folder} is made by the first start.`), checkRoom(place)]
}

function checkRights(folder: string): Finding {
  if (!may(folder))
    return fail(
      'data folder',
      `${folder} cannot be written by the user of this process.`,
      'Give it to the user that runs Dateline.'
    )
  const open = [folder, secretFile(folder)].filter(
    (path) => process.platform !== 'win32' && existsSync(path) && (statSync(path).mode & OTHERS) !== 0
  )
  if (open.length > 0)
    return warn(
      'data folder',
      `Others on this host may read ${open.join(' and ')}.`,
      `Run: chmod go= ${open.join(' ')}`
    )
  return ok('data folder', `${folder}, for its owner only.`)
}

function may(path: string) {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function checkRoom(path: string): Finding {
  const { bavail, bsize } = statfsSync(path)
  return judgeRoom((bavail * bsize) / MIB, path)
}

/** `free` in MiB. */
export function judgeRoom(free: number, path: string): Finding {
  const words = free < 10 * LITTLE ? `${Math.floor(free)} MiB` : `${Math.floor(free / 1024)} GiB`
  const found = `${words} are free where ${path} is.`
  if (free < TOO_LITTLE) return fail('disk space', found, 'Make room, or the database stops taking writes.')
  return free < LITTLE ? warn('disk space', found, 'Make room soon.') : ok('disk space', found)
}

function checkHolder(folder: string): Finding {
  const holder = whoHas(folder)
  if (!holder) return ok('embedded lock', 'Nobody has the folder: Dateline does not run on it.')
  const who = `process ${holder.pid} on ${holder.host}`
  if (!holder.alive)
    return ok('embedded lock', `Left behind by ${who}, which is gone; the next start takes it.`)
  return ok('embedded lock', `Dateline runs on it: ${who}.`)
}
