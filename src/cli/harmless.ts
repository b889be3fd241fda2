/** Names and texts come from issuers, imports and whoever may write: on a terminal they show, and do nothing else. */

/**
 * What would act on a terminal or on how a line is read: controls, line ends, what turns the direction of writing, and
 * what is there without being seen. Joiners, which many a script and many emoji take, are none of these.
 */
const HARMFUL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu
const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line, whatever it holds: `\u{1b}[31m` for what would colour all that follows. */
export const harmless = (text: string) =>
  text.replace(HARMFUL, (one) => SHORT[one] ?? `\\u{${one.codePointAt(0)?.toString(16)}}`)

/** The same of a text of several lines, whose ends are ours. */
export const harmlessLines = (text: string) => text.split('\n').map(harmless).join('\n')
