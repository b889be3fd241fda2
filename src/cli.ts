/** The commands an operator types: `npx dateline <command>`. They reach a running embedded Dateline through its socket. */
import './cli/memory.ts'
import { Command, CommanderError } from 'commander'
import { apiKeyCommands } from './cli/api-keys.ts'
import { auditCommands } from './cli/audit.ts'
import { databaseCommands } from './cli/database.ts'
import { doctorCommand } from './cli/doctor/command.ts'
import { harmlessLines } from './cli/harmless.ts'
import { ENDED_BY, isLeaving, leaveInOrder } from './cli/leaving.ts'
import { mindReaders, print } from './cli/output.ts'
import { peopleCommands } from './cli/people.ts'
import { transferCommands } from './cli/transfer.ts'
import { version } from './version.ts'

const DONE = 0
const FAILED = 1
/** What was typed is no command: nothing was done. */
const MISUSED = 2

/** Whoever asked for JSON gets it of what went wrong, too. */
const json = process.argv.slice(2).includes('--json')

const program = new Command('dateline')
  .description('Operates a Dateline newsroom: people, keys, data, the database.')
  .version(version)
  .configureOutput({ outputError: (text, write) => (json ? undefined : write(text)) })
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Settings come from the environment, as for the server; see the table in README.md.
Answers go to standard output, all else to standard error; with --json both are JSON, a line each.
Exit codes: ${DONE} done, ${FAILED} failed or found wrong, ${MISUSED} not understood, ${ENDED_BY.SIGINT} interrupted,
${ENDED_BY.SIGTERM} or ${ENDED_BY.SIGHUP} ended by SIGTERM or SIGHUP. Told to end, a command closes in order; told twice, it ends at once.`
  )
  .exitOverride()
program
  .helpCommand(false)
  .command('help')
  .description('display help for a command, such as key create')
  .argument('[command...]', 'its name')
  .action(showHelp)
if (!json) program.showHelpAfterError('(dateline help <command> shows what it takes)')

databaseCommands(program)
peopleCommands(program)
apiKeyCommands(program)
auditCommands(program)
transferCommands(program)
doctorCommand(program)

mindReaders()
leaveInOrder((code) => process.exit(code))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === DONE ? DONE : MISUSED
    if (json && process.exitCode === MISUSED) tell(notUnderstood(error))
  } else if (!isLeaving() && (error as { code?: string }).code !== 'EPIPE') {
    process.exitCode = FAILED
    await tellFailed(error as Error)
  }
}

/** Commander's own would stop at the group. */
function showHelp(names: string[]) {
  let shown: Command = program
  for (const name of names) {
    const next = shown.commands.find((one) => one.name() === name)
    if (!next) return program.error(`error: unknown command '${names.join(' ')}'`)
    shown = next
  }
  shown.outputHelp()
}

function tell(problem: object) {
  print(JSON.stringify(problem), process.stderr)
}

/**
 * With the members of RFC 9457 that make sense without a request; `code` is one of the API's, or `not_understood`. What
 * knows the words is loaded only now: it would take a third of the start of every command.
 */
async function tellFailed(error: Error) {
  const { explain, known } = await import('./explaining.ts')
  if (!json) return print(harmlessLines(explain(error)), process.stderr)
  const { problemOf } = await import('./http/problems.ts')
  const { code, errors, members } = problemOf(error)
  const detail = known(error) ?? error.message
  tell({ title: 'The command failed', detail, code, ...(errors && { errors }), ...members })
}

function notUnderstood({ message }: CommanderError) {
  return {
    title: 'The command was not understood',
    detail: message.replace(/^error: /, ''),
    code: 'not_understood'
  }
}
