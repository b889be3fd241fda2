/** Passwords: argon2id with OWASP's parameters; long, any characters, no composition rules, nothing easily guessed. */
import { hash, verify } from '@node-rs/argon2'
import { Invalid, Problem } from '../http/errors.ts'

export const SHORTEST = 15
export const LONGEST = 128

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes, 1 lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Each takes 19 MiB and a thread of libuv's four; more at once would only hold up everything else. */
const AT_ONCE = 2
const MAX_WAITING = 100
let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new Problem('unavailable', 'Too many sign-ins at once.', { headers: { 'retry-after': '2' } })
    }
    // Whoever finishes hands its place on, so `running` stays as it is.
    await new Promise<void>((go) => waiting.push(go))
  } else {
    running++
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

export const hashPassword = (password: string) => inTurn(() => hash(password.normalize('NFC'), PARAMETERS))

/** A hash of nothing anyone knows: checking against it makes unknown addresses take as long as known ones. */
const decoy = hash(`${Math.random()}${process.hrtime.bigint()}`, PARAMETERS)

/** `stored` null: there is no such account or it has no password; takes as long, and is false. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const against = stored ?? (await decoy)
  const matches = await inTurn(() => verify(against, password.normalize('NFC')))
  return matches && stored !== null
}

/** What people take when they have to take something. Long passwords are mostly these, joined and repeated. */
const COMMON = (
  'password passwort motdepasse contrasena пароль qwerty qwertyuiop qwertz azerty asdfgh asdfghjkl zxcvbn zxcvbnm ' +
  'qaz wsx edc rfv tgb йцукен letmein welcome admin administrator root user login master monkey dragon sunshine princess football baseball ' +
  'superman batman iloveyou trustno secret changeme default guest test testing hello abc abcdef abcdefgh ' +
  'correcthorsebatterystaple correct horse battery staple newsroom editor journalist dateline the my is please long ' +
  'summer winter spring autumn january february march april may june july august september october november december'
).split(' ')

const LOOKALIKES: Record<string, string> = {
  0: 'o',
  1: 'l',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
  '!': 'l',
  i: 'l'
}
/** P4$$w0rd and password, l1ndqv1st and lindqvist become the same. */
const unmask = (text: string) => text.replace(/[013457@$!i]/g, (character) => LOOKALIKES[character] as string)

/** Throws Invalid when a password is too short, too long, common, or made from a name that is known here. */
export function refuseWeakPassword(password: string, names: string[], pointer = '/password') {
  const length = [...password].length
  if (length < SHORTEST) throw Invalid(pointer, `must have at least ${SHORTEST} characters`, 'too_short')
  if (length > LONGEST) throw Invalid(pointer, `must have at most ${LONGEST} characters`, 'too_long')
  const plain = password.normalize('NFKC').toLowerCase()
  const unmasked = unmask(plain)
  if (
    isRepeated(plain) ||
    isRun(plain) ||
    isMadeOf(COMMON, plain) ||
    isMadeOf(COMMON.map(unmask), unmasked)
  ) {
    throw Invalid(
      pointer,
      'is one of the first that somebody would guess: take a longer or less usual phrase',
      'common'
    )
  }
  const known = names
    .flatMap((name) =>
      name
        .normalize('NFKC')
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
    )
    .filter((part) => [...part].length >= 4)
  const named = known.find((part) => plain.includes(part) || unmasked.includes(unmask(part)))
  if (named) throw Invalid(pointer, `holds “${named}”, a name that is known here`, 'contains_name')
}

/** One short piece again and again: aaaa…, abcabcabc…. */
function isRepeated(text: string) {
  return /^(.{1,6}?)\1+.{0,5}$/su.test(text) && new Set(text).size <= 6
}

/** Up or down by one from character to character: 123456789012345, abcdefghijklmno. */
function isRun(text: string) {
  const points = [...text].map((character) => character.codePointAt(0) as number)
  const steps = points.slice(1).map((point, index) => point - (points[index] as number))
  return steps.filter((step) => Math.abs(step) <= 1 || Math.abs(step) === 9).length >= steps.length - 1
}

/** A short word is in many a text by chance: "ls", say, which is "is" to those who read 1 for i and 5 for s. */
const FEWEST_LETTERS = 5

/** Whether it holds words of the list and hardly more than digits and punctuation beside them. */
function isMadeOf(words: string[], text: string) {
  let rest = text
  let taken = 0
  for (const word of [...words].sort((a, b) => b.length - a.length)) {
    const parts = rest.split(word)
    taken += (parts.length - 1) * word.length
    rest = parts.join(' ')
  }
  return taken >= FEWEST_LETTERS && rest.replace(/[^\p{L}]/gu, '').length <= 2
}
