export type ListKind = 'bullet' | 'number'

/**
 * Turns the flat list items of Portable Text into nesting. For each item: the lists that end before it (innermost
 * first), how many begin, and its number. A jump of levels opens lists with an item that has no text of its own.
 */
export function trackLists() {
  const open: { kind: ListKind; count: number }[] = []
  const closeTo = (depth: number) =>
    open
      .splice(depth)
      .reverse()
      .map((list) => list.kind)
  return {
    item(kind: ListKind, level: number) {
      const ended = closeTo(open[level - 1] && open[level - 1]?.kind !== kind ? level - 1 : level)
      const begun = level - open.length
      while (open.length < level) open.push({ kind, count: open.length + 1 < level ? 1 : 0 })
      const list = open[level - 1] as { kind: ListKind; count: number }
      list.count += 1
      return { ended, begun, number: list.count }
    },
    /** After the last item of a run: the lists that end. */
    end: () => closeTo(0)
  }
}
