/** Everything an installation stands on, looked at without changing anything. */
import type { DatabaseSettings } from '../../database/database.ts'
import { lookAt } from '../../database/examining.ts'
import { PASS_SETTINGS } from '../../database/poolers.ts'
import { version } from '../../version.ts'
import type { Examined } from '../context.ts'
import { checkContents } from './contents.ts'
import { checkFolder } from './folder.ts'
import { checked, type Finding, fail, inOneLine, ok, warn } from './report.ts'
import { checkServer } from './server.ts'
import { checkSettings } from './settings.ts'
import { checkDirect, checkNotices, checkPooler } from './ways.ts'

/** Everything, in the order it is told. */
export async function examineAll(examined: Examined): Promise<Finding[]> {
  return [
    ok('version', `Dateline ${version}, Node.js ${process.versions.node}.`),
    ...(await checked('configuration', () => checkSettings(examined))),
    ...(await checked('data folder', () => checkFolder(examined))),
    ...(await examineDatabase(examined))
  ]
}

async function examineDatabase({ settings, faults, secret }: Examined): Promise<Finding[]> {
  if (faults.some((fault) => fault.startsWith('DATABASE_')))
    return [warn('database', 'Not looked at: the settings about it are at fault.')]
  try {
    const found = await lookAt(settings.database, async (look) => {
      const { findings, applied, pending } = await checkServer(look, settings.database)
      const server = settings.database.kind === 'server' ? settings.database : null
      const pooler = server ? await checked('pooler', () => checkPooler(look, server)) : []
      return {
        findings: [...findings, ...pooler, ...(applied > 0 ? await checkContents(look, secret) : [])],
        migrated: applied > 0 && pending === 0
      }
    })
    if (found === null) return [sleeping()]
    return [...found.findings, ...(await examineWays(settings.database, found.migrated))]
  } catch (error) {
    return [fail('database', inOneLine(error as Error), remedyFor(error as Error))]
  }
}

async function examineWays(database: DatabaseSettings, migrated: boolean): Promise<Finding[]> {
  if (database.kind === 'embedded') return []
  return [
    ...(await checked('direct address', () => checkDirect(database, migrated))),
    ...(await checked('notices', () => checkNotices(database)))
  ]
}

/** To open it would be to start it, and to write into its folder. */
const sleeping = () =>
  warn(
    'database',
    'The embedded one does not run, so nothing in it was looked at.',
    'Start Dateline, and run doctor beside it.'
  )

/** What a pooler says of the bounds of time that each connection asks for. */
const remedyFor = ({ message }: Error) => (/startup parameter/.test(message) ? PASS_SETTINGS : undefined)
