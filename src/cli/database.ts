/** Commands about the database as a whole. */
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { LEAST_DAYS, rollUp } from '../counting/rollup.ts'
import { grantsFor } from '../database/readers.ts'
import { withDatabase } from './context.ts'
import { type Answering, answer, answersJson, examples } from './output.ts'

export function databaseCommands(program: Command) {
  examples(answersJson(program.command('migrate')), [
    'migrate',
    'DATABASE_URL=postgres://… npx dateline migrate --json'
  ])
    .description('bring the database up to date')
    .action((options: Answering) =>
      withDatabase(async (_db, { migrated }) =>
        answer(
          options,
          { applied: migrated },
          migrated.length > 0
            ? `Applied: ${migrated.join(', ')}`
            : 'Nothing to do: the database is up to date.'
        )
      )
    )

  examples(answersJson(program.command('seed')), ['seed'])
    .description('put the demo newsroom into an empty database')
    .action((options: Answering) =>
      withDatabase(async (db, { config }) => {
        // Half of what all other commands load would be for this.
        const { seedDemo } = await import('../demo/seed.ts')
        const made = await seedDemo(db, config.publicUrl)
        answer(
          options,
          { made },
          made
            ? 'The demo newsroom was made.'
            : 'Nothing to do: the database holds articles or sites already.'
        )
      })
    )

  examples(answersJson(program.command('grants')), [
    'npx dateline grants dateline_reader | psql "$DATABASE_URL"'
  ])
    .description('print what the role of DATABASE_READER_URL must be granted, for psql')
    .argument('<role>', 'the name of the role')
    .action((role: string, options: Answering) =>
      answer(options, { role, sql: grantsFor(role) }, grantsFor(role))
    )

  const counts = program.command('counts').description('what was counted: clicks and views')
  examples(answersJson(counts.command('rollup')), ['counts rollup --older-than 90d'])
    .description(
      'make old counts by the hour counts by the day, and forget the visitors of days that are over'
    )
    .option('--older-than <days>', `how old, such as 90d; ${LEAST_DAYS}d at least`, readDays, 90)
    .action((options: Answering & { olderThan: number }) =>
      withDatabase(async (db) => {
        const done = await rollUp(db, options.olderThan)
        answer(
          options,
          done,
          `Rolled up: ${done.clicks} hours of clicks, ${done.views} hours of views. Forgotten: ${done.visits} visits.`
        )
      })
    )
}

function readDays(text: string) {
  const days = Number(/^(\d{1,5})d$/.exec(text)?.[1])
  if (days >= LEAST_DAYS) return days
  throw new InvalidArgumentError(`It takes a number of days, ${LEAST_DAYS} at least, such as 90d.`)
}
