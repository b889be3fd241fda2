/** The OpenAPI document as it is committed, made from the routes of the production app. */
import openapiTypescript, { astToString } from 'openapi-typescript'
import { buildApp } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import type { Database } from '../../src/database/database.ts'
import { LIMITS } from '../../src/http/limiting.ts'

const config: Config = {
  port: 0,
  host: 'localhost',
  publicUrl: 'http://localhost:3000',
  database: { kind: 'embedded', folder: '' },
  secret: 'only needed to build the routes, signs nothing',
  firstAdmin: null,
  oidc: null,
  trustProxy: false,
  corsOrigins: [],
  webhookAllow: [],
  logLevel: 'silent',
  cacheBytes: 0,
  metricsPort: null,
  drainSeconds: 0,
  slowStatementMs: 0,
  limits: LIMITS,
  demo: false,
  production: false
}

/** Nothing is asked of it, and nothing heard. */
const nowhere = { committed: () => {}, listen: () => Promise.reject(new Error('there is no database')) }

/** The document as text. No database is asked: building the routes does not need one. */
export async function documentOf(): Promise<string> {
  const app = await buildApp(config, nowhere as unknown as Database)
  await app.ready()
  const document = app.swagger()
  await app.close()
  return `${JSON.stringify(document, null, 2)}\n`
}

/** TypeScript types of the document. */
export async function typesOf(document: string): Promise<string> {
  return `// Made by \`npm run openapi\`. Do not edit.\n\n${astToString(await openapiTypescript(JSON.parse(document)))}`
}
