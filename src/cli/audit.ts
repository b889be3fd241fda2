/** Commands about who did what. */
import { type Command, InvalidArgumentError } from 'commander'
import { inWords, readHead, verifyAudit } from '../audit/verifying.ts'
import { withDatabase } from './context.ts'
import { type Answering, answer, answersJson, examples, foundWrong } from './output.ts'

type Head = NonNullable<ReturnType<typeof readHead>>

export function auditCommands(program: Command) {
  const audit = program.command('audit').description('who did what')
  examples(answersJson(audit.command('verify')), [
    'audit verify',
    'audit verify --head 1234:9f86d081…',
    'audit verify --json'
  ])
    .description('walk the chain of the audit and name the first entry that is not what was sealed')
    .option('--head <position:hash>', 'an end of the chain that was written down before', readEnd)
    .action((options: Answering & { head?: Head }) =>
      withDatabase(async (db) => {
        const verdict = await verifyAudit(db, options.head ?? null)
        answer(options, verdict, inWords(verdict))
        if (verdict.broken) foundWrong()
      })
    )
}

function readEnd(text: string) {
  const head = readHead(text)
  if (head) return head
  throw new InvalidArgumentError('It takes a position and a hash, as audit verify prints them: 1234:9f86d0….')
}
