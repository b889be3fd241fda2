/** The commands an operator types: `npx dateline <command>`. They reach a running embedded Dateline through its socket. */
import './cli/memory.ts'
import { Command, CommanderError } from 'commander'
import { apiKeyCommands } from './cli/api-keys.ts'
import { auditCommands } from './cli/audit.ts'
import { databaseCommands } from './cli/database.ts'
import { doctorCommand } from './cli/doctor/command.ts'
import { mindReaders, print } from './cli/output.ts'
import { peopleCommands } from './cli/people.ts'
import { transferCommands } from './cli/transfer.ts'
import { explain, known } from './explaining.ts'
import { problemOf } from './http/problems.ts'
import { version } from './version.ts'

const DONE = 0
const FAILED = 1
/** What was typed is no command: nothing was done. */
const MISUSED = 2
/** As a shell tells that Ctrl-C was typed. */
const INTERRUPTED = 130

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
Exit codes: ${DONE} done, ${FAILED} failed or found wrong, ${MISUSED} not understood, ${INTERRUPTED} interrupted.`
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
// A way out in order: what runs on exit gives the data folder back.
process.once('SIGINT', () => process.exit(INTERRUPTED))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === DONE ? DONE : MISUSED
    if (json && process.exitCode === MISUSED) tell(notUnderstood(error))
  } else if ((error as { code?: string }).code !== 'EPIPE') {
    process.exitCode = FAILED
    if (json) tell(failed(error as Error))
    else print(explain(error as Error), process.stderr)
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

/** The members of RFC 9457 that make sense without a request; `code` is one of the API's, or `not_understood`. */
function failed(error: Error) {
  const { code, errors, members } = problemOf(error)
  const detail = known(error) ?? error.message
  return { title: 'The command failed', detail, code, ...(errors && { errors }), ...members }
}

function notUnderstood({ message }: CommanderError) {
  return {
    title: 'The command was not understood',
    detail: message.replace(/^error: /, ''),
    code: 'not_understood'
  }
}
