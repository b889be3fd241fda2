/** The secret of who gave none: a file in the data folder. */
import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const secretFile = (folder: string) => join(folder, 'secret')

/** The secret that was kept, or null. */
export function keptSecret(folder: string) {
  try {
    return readFileSync(secretFile(folder), 'utf8')
  } catch {
    return null
  }
}

/** Outside production the secret is made at first start and kept in the data folder, whole or not at all. */
export function keepSecret(folder: string) {
  const file = secretFile(folder)
  const draft = `${file}.${randomUUID()}`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(draft, randomBytes(48).toString('base64url'), { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8')
}
