/** An article's timeline read under its lock, and written back: only what changed, neighbours in one statement. */
import type { Transaction } from '../database/database.ts'
import { sameMoment, type Timeline } from './timeline.ts'

type Read = { rows: Timeline; now: Date; publishedAt: Date | null }

/**
 * The article's rows, and now: after the article's row was locked, in whole milliseconds, and later than anything that
 * has begun, so that changes made in the same millisecond keep their order. (The beginning of the transaction would be
 * too early under parallel publication.)
 */
export async function readTimeline(tx: Transaction, articleId: string): Promise<Read> {
  const found = await tx.prisma.publication.findMany({
    where: { articleId },
    orderBy: { liveFrom: 'asc' },
    select: {
      id: true,
      version: true,
      liveFrom: true,
      liveUntil: true,
      plannedUntil: true,
      publishedAt: true
    }
  })
  const rows = found.map(({ id, version, liveFrom, liveUntil, plannedUntil }) => ({
    id,
    version,
    from: liveFrom,
    until: liveUntil,
    planned: plannedUntil
  }))
  const [clock] = await tx.prisma.$queryRaw<
    { now: Date }[]
  >`SELECT date_trunc('milliseconds', clock_timestamp()) AS now`
  const present = (clock as { now: Date }).now
  const begun = rows.filter((row) => row.from <= present).at(-1)
  const now = begun && begun.from >= present ? new Date(begun.from.getTime() + 1) : present
  return { rows, now, publishedAt: found[0]?.publishedAt ?? null }
}

/** When the article was, or will be, first ever live: the same on all its rows. */
export const firstOf = (rows: Timeline) => rows[0]?.from ?? null

/**
 * Makes the rows that are there stand as they do in `after`: removes those that are not in it, and moves the others.
 * Rows of `after` that are not there yet are for the caller to insert. Throws slug_promised by its constraint.
 */
export async function moveRows(
  tx: Transaction,
  articleId: string,
  { rows: before, publishedAt }: Read,
  after: Timeline
) {
  const goes = before.filter((row) => !after.some(({ id }) => id === row.id))
  const moves = after.filter((row) => {
    const was = before.find(({ id }) => id === row.id)
    return (
      was &&
      !(
        sameMoment(was.from, row.from) &&
        sameMoment(was.until, row.until) &&
        sameMoment(was.planned, row.planned)
      )
    )
  })
  if (goes.length > 0)
    await tx.prisma.publication.deleteMany({ where: { id: { in: goes.map(({ id }) => id) } } })
  if (moves.length > 0) {
    const text = (moment: Date | null) => moment?.toISOString() ?? null
    await tx.prisma.$executeRaw`
      UPDATE publications p SET live_from = m.live_from, live_until = m.live_until, planned_until = m.planned_until
      FROM unnest(${moves.map(({ id }) => id)}::uuid[], ${moves.map(({ from }) => text(from))}::timestamptz[],
        ${moves.map(({ until }) => text(until))}::timestamptz[], ${moves.map(({ planned }) => text(planned))}::timestamptz[])
        AS m (id, live_from, live_until, planned_until)
      WHERE p.id = m.id`
  }
  const first = firstOf(after)
  if (!first || !publishedAt || sameMoment(first, publishedAt)) return
  // A trigger tells its tags and authors.
  await tx.prisma.publication.updateMany({ where: { articleId }, data: { publishedAt: first } })
}
