/** Bringing in what another system exported: a part of `import`. */
import { importForeign, type Order } from '../importing/importing.ts'
import { type Line, summarise } from '../importing/report.ts'
import { withDatabase } from './context.ts'
import { type Answering, answer, foundWrong, progress } from './output.ts'

export type Foreign = Pick<Order, 'locale' | 'source' | 'timeZone' | 'as' | 'publishRestricted'>

/** That lines will come, where each goes that is worth a look, and that there are no more. */
type Looks = { begin: () => Promise<void>; at: (line: Line) => void; end: () => Promise<void> }

export const importForeignFrom = (order: Order, looks: Looks, asked: Answering) =>
  withDatabase(async (db) => {
    const bar = progress('Imported', null)
    const summary = summarise()
    const totals = await importForeign(db, {
      ...order,
      onBegin: looks.begin,
      onProgress: (count) => bar.at(count),
      onLine(line) {
        summary.line(line)
        looks.at(line)
      }
    })
    bar.end()
    await looks.end()
    answer(asked, totals, summary.words(totals, order.dryRun ?? false))
    if (totals.refused > 0) foundWrong()
  })
