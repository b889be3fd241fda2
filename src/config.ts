/** The only reader of the environment. All faults are told at once, each with what to do. */
import { resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import type { DatabaseSettings } from './database/database.ts'
import { Role } from './database/generated/enums.ts'
import { LIMITS, type Limits } from './http/limiting.ts'
import type { IssuerSettings, RoleRule } from './people/issuer.ts'
import { keepSecret, keptSecret } from './secret-file.ts'

export type Config = {
  port: number
  host: string
  /** Our own address, without a slash at the end: short links and `iss` of access tokens. */
  publicUrl: string
  database: DatabaseSettings
  /** At least 32 characters; keys for sealing and signing are derived from it. */
  secret: string
  /** The first admin, made once. */
  firstAdmin: { email: string; password: string } | null
  /** An OpenID Connect issuer whose tokens are taken besides our own. */
  oidc: IssuerSettings | null
  /** Proxies whose X-Forwarded-For is believed: addresses and networks, or how many hops; false = none. */
  trustProxy: false | number | string[]
  /** Whose pages may write here and send beacons: origins, such as https://news.example. */
  corsOrigins: string[]
  /** Networks that events may be sent to, beside the public internet: such as 10.0.0.0/8. */
  webhookAllow: string[]
  logLevel: string
  /** How much room finished answers of the content side may take, in bytes; 0 keeps none. */
  cacheBytes: number
  /** How often an address may ask, per minute, by what it asks for. */
  limits: Limits
  /** Where Prometheus asks; null: nowhere. */
  metricsPort: number | null
  /** How long to serve on after being told to close, in seconds. */
  drainSeconds: number
  /** Statements that take so long are logged, in ms; 0 logs none. */
  slowStatementMs: number
  /** Seed the demo newsroom into an empty database. */
  demo: boolean
  production: boolean
}

export class ConfigError extends Error {
  constructor(faults: string[]) {
    super(
      `Dateline cannot start with this configuration:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`
    )
    this.name = 'ConfigError'
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
const SHORTEST_SECRET = 32

type Environment = Record<string, string | undefined>

/** Reads and checks the settings. Throws ConfigError with every fault found. */
export function readConfig(env: Environment = process.env): Config {
  const { settings, faults, given, folder } = readSettings(env)
  if (faults.length > 0) throw new ConfigError(faults)
  return { ...settings, secret: given ?? keepSecret(folder) }
}

/**
 * What readConfig would read, without making anything. Settings that are at fault have a value that means nothing. The
 * secret is null where the first start would make it.
 */
export function examineConfig(env: Environment = process.env) {
  const { settings, faults, given, folder } = readSettings(env)
  return { settings, faults, folder, secret: given ?? keptSecret(folder) }
}

function readSettings(env: Environment) {
  const faults: string[] = []
  const value = (name: string) => env[name]?.trim() || undefined
  const wrong = (fault: string) => {
    faults.push(fault)
    return undefined
  }

  const production = value('NODE_ENV') === 'production'
  const port = readPort(value('PORT') ?? '3000') ?? wrong('PORT must be a number from 0 to 65535.') ?? 0
  const publicUrl = readPublicUrl(value('PUBLIC_URL') ?? `http://localhost:${port}`, wrong)
  const logLevel = value('LOG_LEVEL') ?? (production ? 'info' : 'warn')
  if (!LOG_LEVELS.includes(logLevel)) wrong(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`)

  const folder = resolve(value('DATELINE_DATA') ?? '.data')
  const url = value('DATABASE_URL')
  if (!url && production) {
    wrong(
      'DATABASE_URL is not set. In production Dateline needs a Postgres server (15 or newer): set DATABASE_URL=postgres://user:password@host:5432/name, or use `docker compose up`, which brings one.'
    )
  }
  if (!url && value('DATABASE_READER_URL'))
    wrong('DATABASE_READER_URL is for a Postgres server: set DATABASE_URL too.')
  const database = url ? readServer(url, value, wrong) : ({ kind: 'embedded', folder } as const)

  const given = value('DATELINE_SECRET')
  if (given && given.length < SHORTEST_SECRET) {
    wrong(
      `DATELINE_SECRET must have at least ${SHORTEST_SECRET} characters. Make one with: openssl rand -base64 48`
    )
  }
  if (!given && production)
    wrong(
      'DATELINE_SECRET is not set. Make one with: openssl rand -base64 48. Keep it: what it sealed cannot be opened without it.'
    )

  const settings: Omit<Config, 'secret'> = {
    port,
    host: value('HOST') ?? 'localhost',
    publicUrl,
    database,
    firstAdmin: readFirstAdmin(value('ADMIN_EMAIL'), env.ADMIN_PASSWORD, wrong),
    oidc: readOidc(value, { publicUrl, production }, wrong),
    trustProxy: readTrustProxy(value('TRUST_PROXY'), wrong),
    corsOrigins: readOrigins(value('CORS_ORIGINS'), wrong),
    webhookAllow: readNetworks(value('WEBHOOK_ALLOW'), wrong),
    logLevel,
    cacheBytes: readCacheSize(value('CACHE_MB') ?? '64', wrong),
    limits: readLimits(value('RATE_LIMITS'), wrong),
    metricsPort: readMetricsPort(value('METRICS_PORT'), wrong),
    drainSeconds: readNumber('DRAIN_SECONDS', value('DRAIN_SECONDS') ?? (production ? '5' : '0'), 300, wrong),
    slowStatementMs: readNumber('SLOW_STATEMENT_MS', value('SLOW_STATEMENT_MS') ?? '500', 60_000, wrong),
    demo: readSwitch('DEMO', value('DEMO'), !production, wrong),
    production
  }
  return { settings, faults, given, folder }
}

type Wrong = (fault: string) => undefined

function readPort(text: string) {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined
}

function readCacheSize(text: string, wrong: Wrong) {
  if (/^\d{1,5}$/.test(text)) return Number(text) * 1024 * 1024
  wrong('CACHE_MB must be a whole number of mebibytes, such as 64; 0 keeps no answers.')
  return 0
}

function readMetricsPort(text: string | undefined, wrong: Wrong) {
  if (text === undefined) return null
  return readPort(text) ?? wrong('METRICS_PORT must be a number from 0 to 65535.') ?? null
}

function readNumber(name: string, text: string, most: number, wrong: Wrong) {
  if (/^\d{1,9}$/.test(text) && Number(text) <= most) return Number(text)
  wrong(`${name} must be a whole number from 0 to ${most}.`)
  return 0
}

/** Those that are named; the others stay as they are. */
function readLimits(text: string | undefined, wrong: Wrong): Limits {
  const limits = { ...LIMITS }
  for (const part of text?.split(',') ?? []) {
    const [, name = '', count] = /^\s*(\w+)\s*=\s*([1-9]\d{0,8}|0)\s*$/.exec(part) ?? []
    // Only reading can do without.
    if (!Object.hasOwn(LIMITS, name) || (count === '0' && name !== 'reading'))
      wrong(
        `RATE_LIMITS must say how often per minute, for ${Object.keys(LIMITS).join(', ')}, such as editing=1200,search=300.`
      )
    else limits[name as keyof Limits] = Number(count)
  }
  return limits
}

function readPublicUrl(text: string, wrong: Wrong) {
  const url = tryUrl(text)
  const plain = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username
  if (!plain)
    wrong('PUBLIC_URL must be an http or https address without query, such as https://news.example.org.')
  return text.replace(/\/+$/, '')
}

function tryUrl(text: string) {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

function readServer(
  url: string,
  value: (name: string) => string | undefined,
  wrong: Wrong
): DatabaseSettings {
  const directUrl = value('DATABASE_DIRECT_URL') ?? url
  const readerUrl = value('DATABASE_READER_URL')
  const addresses = {
    DATABASE_URL: url,
    ...(directUrl !== url && { DATABASE_DIRECT_URL: directUrl }),
    ...(readerUrl && { DATABASE_READER_URL: readerUrl })
  }
  for (const [name, text] of Object.entries(addresses)) {
    if (!/^postgres(ql)?:$/.test(tryUrl(text)?.protocol ?? ''))
      wrong(
        `${name} must begin with postgres:// and be a valid address; encode special characters in the password (%40 for @).`
      )
  }
  return {
    kind: 'server',
    url,
    directUrl,
    ...(readerUrl && { readerUrl }),
    prepare: readSwitch('DATABASE_PREPARE', value('DATABASE_PREPARE'), true, wrong),
    connections: 10
  }
}

function readFirstAdmin(email: string | undefined, password: string | undefined, wrong: Wrong) {
  if (!email && !password) return null
  if (email && password) return { email, password }
  wrong('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.')
  return null
}

function readOidc(
  value: (name: string) => string | undefined,
  { publicUrl, production }: { publicUrl: string; production: boolean },
  wrong: Wrong
): IssuerSettings | null {
  const [issuer, audience] = [value('OIDC_ISSUER'), value('OIDC_AUDIENCE')]
  const roles = readRoles(value('OIDC_ROLES'), wrong)
  const create = readSwitch('OIDC_CREATE', value('OIDC_CREATE'), false, wrong)
  if (!issuer && !audience) {
    if (roles.length > 0 || create) wrong('OIDC_ROLES and OIDC_CREATE need OIDC_ISSUER and OIDC_AUDIENCE.')
    return null
  }
  if (!issuer || !audience) {
    wrong('OIDC_ISSUER and OIDC_AUDIENCE go together: set both or neither.')
    return null
  }
  const url = tryUrl(issuer)
  const plain = url && !url.search && !url.hash && !url.username
  if (!plain || !(url.protocol === 'https:' || (url.protocol === 'http:' && !production)))
    wrong(
      'OIDC_ISSUER must be the https address of the issuer, as it stands in its tokens, such as https://login.example.org/realms/news. Outside production http is taken too.'
    )
  if (issuer === publicUrl) wrong('OIDC_ISSUER must be another address than PUBLIC_URL.')
  if (create && roles.length === 0) wrong('OIDC_CREATE=true needs OIDC_ROLES: new people must get a role.')
  return { issuer, audience, roles, create }
}

/** `groups:newsroom-editors=editor,groups:newsroom-admins=admin`. The name of a claim may have colons, its value not. */
function readRoles(text: string | undefined, wrong: Wrong): RoleRule[] {
  return (text?.split(',') ?? []).flatMap((part) => {
    const [, claim, given, role] = /^\s*(\S.*):([^:]+)=(\w+)\s*$/.exec(part) ?? []
    if (claim && given && role && Object.hasOwn(Role, role))
      return [{ claim, value: given, role: role as Role }]
    wrong(
      `OIDC_ROLES must be claim:value=role, separated by commas, such as groups:newsroom-editors=editor; roles are ${Object.values(Role).join(', ')}.`
    )
    return []
  })
}

/** `true` is refused: it would let anyone choose the address Dateline sees. */
function readTrustProxy(text: string | undefined, wrong: Wrong): false | number | string[] {
  if (!text || text === 'false') return false
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  const list = text.split(',').map((part) => part.trim())
  if (list.every((part) => /^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(part) && /[:.]/.test(part))) return list
  wrong(
    'TRUST_PROXY must be the number of proxies in front of Dateline, or a list of their addresses or networks, such as 10.0.0.0/8,127.0.0.1.'
  )
  return false
}

/** As browsers send them, or nothing would ever match. `*` and `null` name nobody. */
function readOrigins(text: string | undefined, wrong: Wrong): string[] {
  const list = text?.split(',').map((part) => part.trim()) ?? []
  if (list.every((part) => /^https?:[^*]+$/.test(part) && tryUrl(part)?.origin === part))
    return [...new Set(list)]
  wrong(
    'CORS_ORIGINS must be origins, separated by commas: scheme, host and port if any, no slash at the end, such as https://news.example,http://localhost:4000.'
  )
  return []
}

/** Addresses are networks of one. */
function readNetworks(text: string | undefined, wrong: Wrong): string[] {
  const list = text?.split(',').map((part) => part.trim()) ?? []
  const networks = list.map((part) =>
    ipaddr.isValid(part) && !part.includes('%') ? `${part}/${part.includes(':') ? 128 : 32}` : part
  )
  if (
    networks.every(
      (network) =>
        /^([\d.]{7,}|[\da-fA-F:.]*:[\da-fA-F:.]*)\/\d+$/.test(network) && ipaddr.isValidCIDR(network)
    )
  )
    return networks
  wrong(
    'WEBHOOK_ALLOW must be networks or addresses, separated by commas, such as 10.0.0.0/8,fd00::/8: receivers of webhooks inside your own network.'
  )
  return []
}

function readSwitch(name: string, text: string | undefined, preset: boolean, wrong: Wrong) {
  if (text === undefined) return preset
  if (text !== 'true' && text !== 'false') wrong(`${name} must be true or false.`)
  return text === 'true'
}
