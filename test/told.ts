/**
 * The OpenAPI document that answers are checked against. Making it takes longer than many a test, and it is the same for
 * all of them, so the first to need it keeps it for those that follow, until a source file or a dependency changes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { root } from './start/process.ts'

type Told = { $ref?: string; content?: Record<string, { schema?: object }> }
type Operation = { security?: object[]; responses: Record<string, Told> }
export type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { responses: Record<string, Told> }
}

const cache = join(root, 'node_modules/.cache/dateline')
const kept = join(cache, 'openapi.json')

export function toldBy(app: FastifyInstance): Document {
  const sources = hashOfSources()
  try {
    const { of, document } = JSON.parse(readFileSync(kept, 'utf8'))
    if (of === sources) return document
  } catch {
    // None is kept yet.
  }
  const document = app.swagger() as unknown as Document
  mkdirSync(cache, { recursive: true })
  // Under another name first: another test file may read it this moment.
  writeFileSync(`${kept}-${process.pid}`, JSON.stringify({ of: sources, document }))
  renameSync(`${kept}-${process.pid}`, kept)
  return document
}

/** Of all that the document is made from: the sources and the versions of what they use. */
function hashOfSources() {
  const hash = createHash('sha256')
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join('src', name))
  for (const name of ['package.json', 'package-lock.json', ...names])
    hash.update(`${name}\0`).update(readFileSync(join(root, name)))
  return hash.digest('hex')
}
