/**
 * The client that makes the load: raw sockets, one question under way on each, every answer compared byte by byte with
 * what it should be. Common load tools are busier than the servers measured here.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type Expected = {
  status: number
  body: Buffer
  /** As long as `body`: 1 where a byte may be another one each time, such as in an id. */
  free?: Uint8Array
}

/** A request as it goes over the wire, and its answer. */
export type Question = {
  request: Buffer
  /** Where an IPv4 address of 15 characters stands in the request: it is another one each time. */
  visitorAt?: number
  expected: Expected
}

export type Measured = {
  /** Answers in the time measured, those of the warm-up aside. */
  answers: number
  /** All answers, those of the warm-up too. */
  asked: number
  perSecond: number
  /** In ms. */
  p50: number
  p99: number
  /** Answers that were not as expected, the warm-up's too, and what was wrong with the first. */
  faults: number
  firstFault: string | null
}

const NOTHING = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const LONGEST_HEAD = 65_536

type State = 'head' | 'body' | 'size' | 'chunk' | 'chunk end' | 'trailer'

/**
 * Reads the answers of one connection (RFC 9112), in whatever pieces they come. `next` says what the next one should
 * be; `done` is told of each, with what was wrong with it. What cannot be read throws.
 */
export function answerReader(next: () => Expected, done: (fault: string | null) => void) {
  let state: State = 'head'
  let pending: Buffer = NOTHING
  let expected: Expected = { status: 0, body: NOTHING }
  /** Bytes of the body, or of its present chunk, that are still to come. */
  let left = 0
  let compared = 0
  let fault: string | null = null

  const finish = () => {
    if (compared < expected.body.length) fault ??= `${compared} bytes instead of ${expected.body.length}`
    const told = fault
    state = 'head'
    done(told)
  }

  const begin = (head: string) => {
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
    if (!status) throw new Error(`This is no answer: ${head.slice(0, 60)}`)
    // An interim answer is followed by the one that counts.
    if (status < 200) return
    expected = next()
    compared = 0
    fault = status === expected.status ? null : `status ${status} instead of ${expected.status}`
    if (status === 204 || status === 304) return finish()
    if (/\r\ntransfer-encoding:[^\r]*\bchunked/i.test(head)) {
      state = 'size'
      return
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) throw new Error('The answer does not say where it ends.')
    left = Number(length)
    if (left !== expected.body.length) fault ??= `${left} bytes instead of ${expected.body.length}`
    if (left === 0) return finish()
    state = 'body'
  }

  const compare = (bytes: Buffer, from: number, to: number) => {
    const end = compared + to - from
    const { free, body } = expected
    if (end > body.length) fault ??= `more than ${body.length} bytes`
    else if (free) {
      for (let at = 0; at < to - from; at++)
        if (free[compared + at] === 0 && bytes[from + at] !== body[compared + at]) fault ??= 'another body'
    } else if (bytes.compare(body, compared, end, from, to) !== 0) fault ??= 'another body'
    compared = end
  }

  /** What `mark` ends, from `at` on; null, and kept for later, when it has not all come. */
  const upTo = (bytes: Buffer, at: number, mark: Buffer) => {
    const end = bytes.indexOf(mark, at)
    if (end >= 0) return { text: bytes.toString('latin1', at, end), after: end + mark.length }
    if (bytes.length - at > LONGEST_HEAD) throw new Error('The head of the answer does not end.')
    // Copied: the buffer it came in is used again.
    pending = Buffer.from(bytes.subarray(at))
    return null
  }

  return (arrived: Buffer) => {
    let bytes = arrived
    if (pending.length > 0) {
      bytes = Buffer.concat([pending, arrived])
      pending = NOTHING
    }
    let at = 0
    while (at < bytes.length) {
      if (state === 'body' || state === 'chunk') {
        const to = Math.min(at + left, bytes.length)
        compare(bytes, at, to)
        left -= to - at
        at = to
        if (left > 0) return
        if (state === 'body') finish()
        else state = 'chunk end'
        continue
      }
      const line = upTo(bytes, at, state === 'head' ? HEAD_END : LINE_END)
      if (!line) return
      at = line.after
      if (state === 'head') begin(line.text)
      else if (state === 'size') {
        left = /^[0-9a-f]+/i.test(line.text) ? Number.parseInt(line.text, 16) : Number.NaN
        if (Number.isNaN(left)) throw new Error(`This is no size of a chunk: ${line.text.slice(0, 60)}`)
        state = left === 0 ? 'trailer' : 'chunk'
      } else if (state === 'chunk end') {
        if (line.text !== '') throw new Error('A chunk is longer than it says.')
        state = 'size'
      } else if (line.text === '') finish()
    }
  }
}

/** Numbers of three digits that a part of an address can have. */
const PARTS = 156
let visitors = 0

/** The request of somebody who has not been here since this process began. */
function asAnother(request: Buffer, at: number): Buffer {
  const number = visitors++
  const address = [PARTS ** 3, PARTS ** 2, PARTS, 1].map(
    (worth) => 100 + (Math.floor(number / worth) % PARTS)
  )
  const another = Buffer.from(request)
  another.write(address.join('.'), at, 'latin1')
  return another
}

export type Load = { port: number; connections: number; seconds: number; warmUp: number }

/** Asks the questions in turn on all connections for so long. Throws when a connection breaks. */
export async function ask(
  questions: Question[],
  { port, connections, seconds, warmUp }: Load
): Promise<Measured> {
  const from = performance.now() + warmUp * 1_000
  const until = from + seconds * 1_000
  const times: number[] = []
  let asked = 0
  let faults = 0
  let firstFault: string | null = null

  const work = async () => {
    let question = questions[0] as Question
    let since = 0
    let finished = false
    const turn = () => {
      question = questions[asked++ % questions.length] as Question
      since = performance.now()
      const { request, visitorAt } = question
      socket.write(visitorAt === undefined ? request : asAnother(request, visitorAt))
    }
    const read = answerReader(
      () => question.expected,
      (fault) => {
        const now = performance.now()
        if (fault !== null) {
          faults++
          firstFault ??= `${question.request.toString('latin1').split('\r\n')[0]}: ${fault}`
        }
        if (now >= from && now < until) times.push(now - since)
        if (now < until) return turn()
        finished = true
        socket.destroy()
      }
    )
    const buffer = Buffer.allocUnsafe(65_536)
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback(length) {
          try {
            read(buffer.subarray(0, length))
          } catch (error) {
            socket.destroy(error as Error)
          }
          return true
        }
      }
    })
    socket.once('connect', turn)
    await once(socket, 'close')
    if (!finished) throw new Error('The server closed a connection.')
  }

  await Promise.all(Array.from({ length: connections }, work))
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return {
    answers: sorted.length,
    asked,
    perSecond: sorted.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    faults,
    firstFault
  }
}
