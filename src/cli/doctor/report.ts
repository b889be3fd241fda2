/** What a check found, and how it is told: a line each. */
import { known } from '../../explaining.ts'

export type Status = 'ok' | 'warn' | 'fail'
/** `remedy`: what to do about it. */
export type Finding = { check: string; status: Status; found: string; remedy?: string }

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found })
/** It works, and is not as it should be. */
export const warn = (check: string, found: string, remedy?: string): Finding => ({
  check,
  status: 'warn',
  found,
  ...(remedy && { remedy })
})
/** Dateline does not start with this, or does not do its work. */
export const fail = (check: string, found: string, remedy?: string): Finding => ({
  check,
  status: 'fail',
  found,
  ...(remedy && { remedy })
})

/** What `look` finds, or that it could not look. */
export async function checked(
  check: string,
  look: () => Promise<Finding | Finding[]> | Finding | Finding[]
): Promise<Finding[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    return [fail(check, inOneLine(error as Error))]
  }
}

/** Without the stack: nobody who runs a doctor wants to read that. */
export const inOneLine = (error: Error) =>
  (known(error) ?? error.message).replaceAll('\n', ' ').replace(/(?<![.!?])$/, '.')

const WIDTH = 16

export function inWords(findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ check, status, found, remedy }) =>
      `${status.padEnd(4)}  ${check.padEnd(WIDTH)}  ${[found, remedy].filter(Boolean).join(' ').replaceAll('\n', ' ')}`
  )
  const count = (status: Status) => findings.filter((one) => one.status === status).length
  return [...lines, '', `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed.`].join('\n')
}
