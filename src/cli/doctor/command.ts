/** `doctor`: looks at everything an installation stands on, changes nothing, and says what to do. */
import type { Command } from 'commander'
import { examineSettings } from '../context.ts'
import { type Answering, answer, answersJson, examples, foundWrong } from '../output.ts'

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
      // It takes much that no other command wants.
      const [{ examineAll }, { inWords }] = await Promise.all([
        import('./examination.ts'),
        import('./report.ts')
      ])
      const findings = await examineAll(examineSettings())
      const failed = findings.some(({ status }) => status === 'fail')
      answer(options, { ok: !failed, findings }, inWords(findings))
      if (failed) foundWrong()
    })
}
