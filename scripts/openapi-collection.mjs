/** `npm run openapi:collection`: the committed document as requests to send. */
import { readFileSync, writeFileSync } from 'node:fs'
import { compiled } from './compile.mjs'
import { prepare } from './prepare.mjs'

prepare()
const { collectionOf } = await import(await compiled('test/openapi/collection.ts'))
const folder = new URL('../openapi/', import.meta.url)
const document = readFileSync(new URL('openapi.json', folder), 'utf8')
writeFileSync(new URL('collection/dateline.http', folder), collectionOf(document))
