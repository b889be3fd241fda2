/** `npm run openapi`: writes the document and the types front ends use. Needs no database: the routes say it all. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { compiled } from './compile.mjs'
import { prepare } from './prepare.mjs'

prepare()
const { documentOf, typesOf } = await import(await compiled('test/openapi/document.ts'))
const folder = new URL('../openapi/', import.meta.url)
mkdirSync(folder, { recursive: true })
const document = await documentOf()
writeFileSync(new URL('openapi.json', folder), document)
writeFileSync(new URL('types.ts', folder), await typesOf(document))
await import('./openapi-collection.mjs')
