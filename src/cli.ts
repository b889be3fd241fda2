/** The commands an operator types: `npx dateline <command>`. They reach a running embedded Dateline through its socket. */
import { Command, CommanderError } from 'commander'
import { auditCommands } from './cli/audit.ts'
import { databaseCommands } from './cli/database.ts'
import { print } from './cli/output.ts'
import { peopleCommands } from './cli/people.ts'
import { transferCommands } from './cli/transfer.ts'
import { ConfigError } from './config.ts'
import { problemOf } from './http/problems.ts'
import { version } from './version.ts'

const DONE = 0
const FAILED = 1
/** What was typed is no command: nothing was done. */
const MISUSED = 2

const program = new Command('dateline')
  .description('Operates a Dateline newsroom: people, keys, data, the database.')
  .version(version)
  .showHelpAfterError('(dateline help <command> shows what it takes)')
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Settings come from the environment, as for the server; see the table in README.md.
Exit codes: ${DONE} done, ${FAILED} failed or found wrong, ${MISUSED} not understood.`
  )
  .exitOverride()

databaseCommands(program)
peopleCommands(program)
auditCommands(program)
transferCommands(program)

/** What went wrong in one line, or where it happened when nobody thought of it. */
function inWords(error: Error & { code?: string }) {
  if (error instanceof ConfigError) return error.message
  const problem = problemOf(error)
  return problem.code === 'internal_error' ? error.stack : problem.message
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === DONE ? DONE : MISUSED
  else {
    print(inWords(error as Error) ?? '', process.stderr)
    process.exitCode = FAILED
  }
}
