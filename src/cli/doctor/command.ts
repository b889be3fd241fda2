/** `doctor`: looks at everything an installation stands on, changes nothing, and says what to do. */
import type { Command } from 'commander'
import type { DatabaseSettings } from '../../database/database.ts'
import { lookAt } from '../../database/examining.ts'
import { PASS_SETTINGS } from '../../database/poolers.ts'
import { version } from '../../version.ts'
import { type Examined, examineSettings } from '../context.ts'
import { type Answering, answer, answersJson, examples, foundWrong } from '../output.ts'
import { checkContents } from './contents.ts'
import { checkFolder } from './folder.ts'
import { checked, type Finding, fail, inOneLine, inWords, ok, warn } from './report.ts'
import { checkServer } from './server.ts'
import { checkSettings } from './settings.ts'
import { checkDirect, checkNotices, checkPooler } from './ways.ts'

export function doctorCommand(program: Command) {
  examples(answersJson(program.command('doctor')), [
    'doctor',
    'NODE_ENV=production DATABASE_URL=postgres://… npx dateline doctor --json'
  ])
    .description('look at settings, folder, database and contents, and say what to do; changes nothing')
    .addHelpText(
      'after',
      '\nok: as it should be. warn: works, and should be looked at. fail: does not work; the exit code is 1 then.'
    )
    .action(async (options: Answering) => {
      const findings = await examineAll(examineSettings())
      const failed = findings.some(({ status }) => status === 'fail')
      answer(options, { ok: !failed, findings }, inWords(findings))
      if (failed) foundWrong()
    })
}

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
