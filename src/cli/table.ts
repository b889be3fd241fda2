/** Rows as people read them: columns that stand under each other. */

const GAP = '  '

/** A line of names, then a line for each row. Nothing is cut off: lines are for `grep` too. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((name) => name.toUpperCase()), ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  return lines
    .map((line) =>
      columns
        .map((_, index) => pad(line[index] ?? '', widths[index]))
        .join(GAP)
        .trimEnd()
    )
    .join('\n')
}

/** Characters, not the units of UTF-16 they are made of. */
const widthOf = (text: string) => [...text].length
const pad = (text: string, width = 0) => text + ' '.repeat(width - widthOf(text))

/** To the minute, in UTC; a dash for what never was. */
export const moment = (at: Date | null) => (at ? at.toISOString().replace(/:\d\d\.\d+Z$/, 'Z') : '-')
