import { addRun, type Run } from './assemble.ts'
import type { Decorator } from './blocks.ts'

export type Link = { href: string; used: boolean }
/** What the text that comes now stands in. */
export type Inside = { marks: Decorator[]; link: Link | undefined }

/**
 * Text of one paragraph or caption being read from HTML, with its white space collapsed as a browser does. `gap` is
 * white space that counts only if text follows it; `ends` is what the text ends with.
 */
export type Flow = {
  at: number
  /** Begun by a tag, so that it counts even when it stays empty. */
  explicit: boolean
  image: boolean
  runs: Run[]
  gap: Inside | undefined
  ends: 'start' | 'break' | 'space' | 'text'
}

export const newFlow = (at: number, explicit: boolean): Flow => ({
  at,
  explicit,
  image: false,
  runs: [],
  gap: undefined,
  ends: 'start'
})

export function addText(flow: Flow, text: string, inside: Inside) {
  fillGap(flow)
  push(flow, text, inside)
  flow.ends = 'text'
}

export function addSpace(flow: Flow, inside: Inside) {
  if (flow.ends === 'text') flow.gap ??= inside
}

export function addBreak(flow: Flow, inside: Inside) {
  flow.gap = undefined
  push(flow, '\n', inside)
  flow.ends = 'break'
}

/** At the end of a link: white space at its end is its text if it has no other. */
export function endLink(flow: Flow, link: Link) {
  if (flow.gap?.link === link && !link.used) fillGap(flow)
}

export const plainText = (flow: Flow | undefined) => flow?.runs.map(({ text }) => text).join('') ?? null

function fillGap(flow: Flow) {
  if (!flow.gap) return
  push(flow, ' ', flow.gap)
  flow.gap = undefined
  flow.ends = 'space'
}

function push(flow: Flow, text: string, { marks, link }: Inside) {
  if (link) link.used = true
  addRun(flow.runs, text, marks, link?.href)
}
