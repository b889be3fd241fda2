/** What commands say. Answers go to standard output; everything else to standard error, so that answers can be piped. */
import type { Command } from 'commander'
import { harmlessLines } from './harmless.ts'

/** A line. */
export function print(text: string, to: NodeJS.WriteStream = process.stdout) {
  to.write(`${text}\n`)
}

/** For answers too long to be held. */
export const standardOutput = (): NodeJS.WriteStream => process.stdout

export type Answering = { json?: boolean }

/** Adds `--json` to a command. */
export const answersJson = (command: Command) =>
  command.option('--json', 'answer with one line of JSON, for programs')

/** Shows how a command is typed, at the end of its help. */
export const examples = (command: Command, lines: readonly string[]) =>
  command.addHelpText(
    'after',
    `\nExamples:\n${lines.map((line) => `  $ ${line.includes('npx ') ? line : `npx dateline ${line}`}`).join('\n')}`
  )

/** Whoever reads may stop (`| head -1`): what is said after that goes nowhere, and the work is done all the same. */
export function mindReaders() {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
}

/** The answer of a command: in words, or as one line of JSON if that was asked for. */
export function answer({ json }: Answering, value: unknown, words: string) {
  print(json ? JSON.stringify(value) : harmlessLines(words))
}

/** The command did its work, and what it found is not as it should be: exit code 1. */
export function foundWrong() {
  process.exitCode = 1
}

/** How often progress is told where no terminal is, in ms. */
const TELL_EVERY = 5_000
const DRAW_EVERY = 100
const BAR = 30

/**
 * How far a long work is, on standard error: a bar that moves on a terminal, a plain line every five seconds elsewhere.
 * `total` is null where nobody knows it.
 */
export function progress(label: string, total: number | null, to: NodeJS.WriteStream = process.stderr) {
  const every = to.isTTY ? DRAW_EVERY : TELL_EVERY
  let told = to.isTTY ? 0 : Date.now()
  let last = ''
  const words = (done: number, note: string) => {
    const count = done.toLocaleString('en')
    if (!total) return `${label}: ${count}${note}`
    const share = Math.min(1, done / total)
    const bar = to.isTTY
      ? ` [${'#'.repeat(Math.round(share * BAR)).padEnd(BAR, '.')}]`
      : ` of ${total.toLocaleString('en')},`
    return `${label}:${to.isTTY ? '' : ` ${count}`}${bar} ${Math.floor(share * 100)} %${to.isTTY ? ` ${count}` : ''}${note}`
  }
  const draw = () => to.write(to.isTTY ? `\r\x1b[2K${last}` : `${last}\n`)
  return {
    /** `done` of `total` are done; `note` stands behind. */
    at(done: number, note = '') {
      last = words(done, note && `, ${note}`)
      if (Date.now() - told < every) return
      told = Date.now()
      draw()
    },
    /** The last state, and the line ends. */
    end() {
      if (last === '') return
      draw()
      if (to.isTTY) to.write('\n')
    }
  }
}
