/** What an import did, record by record. */
import type { Line } from '../importing/report.ts'

export type Counts = {
  read: number
  kept: number
  alreadyThere: number
  refused: number
  withLosses: number
}

export type Report = Counts & {
  /** Takes what became of one thing. */
  lines: (line: Line) => void
}

/** Counts what it is told, and passes on every line that is worth a look. */
export function newReport(onLine: (line: Line) => void): Report {
  const report: Report = {
    ...{ read: 0, kept: 0, alreadyThere: 0, refused: 0, withLosses: 0 },
    lines(line) {
      report.read++
      if (line.fate === 'refused') report.refused++
      else if (line.fate === 'already there') report.alreadyThere++
      else report.kept++
      if (line.fate !== 'refused' && line.lost.length > 0) report.withLosses++
      onLine(line)
    }
  }
  return report
}

export const countsOf = ({ read, kept, alreadyThere, refused, withLosses }: Report): Counts => ({
  ...{ read, kept, alreadyThere, refused, withLosses }
})
