/** JSON (RFC 8259) walked byte by byte, of any size: what stands where, and where it is none. Only the way down is held. */

/** What one is in: the name of the member that is read, of an object. */
export type Frame = { isObject: boolean; key: string }

/** Of a value that begins, told before it is gone into: an object, a list, or what holds no other. Of what ends, after. */
export type JsonEvent = 'object' | 'list' | 'scalar' | 'end'

const DEEPEST = 1_000
/** Names are kept so long, and so deep down: further down nobody asks for them. */
const LONGEST_NAME = 1_000
const NAMED = 4
const LONGEST_BARE = 10_000
const [QUOTE, BACKSLASH, OPEN, CLOSE, BEGIN, END, COMMA, COLON, LINE] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x0a
]
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
const BARE = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
const UNICODE = 0x75
const ESCAPES = new Set([...'"\\/bfnrtu'].map((sign) => sign.charCodeAt(0)))

const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isHex = (byte: number) => /[0-9a-f]/i.test(String.fromCharCode(byte))

/** What may come next. */
type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing'

const wanted: Record<Exclude<Expected, 'nothing'>, string> = {
  value: 'a value',
  'value or end': 'a value or “]”',
  name: 'a name in double quotes',
  'name or end': 'a name in double quotes or “}”',
  colon: 'a colon',
  'comma or end': 'a comma or the end of what it stands in'
}

/** Calls `on` as things begin and end, with where in the chunk. Throws what `faultOf` makes, at what is no JSON. */
export function walkJson(faultOf: (message: string) => Error, on: (event: JsonEvent, at: number) => void) {
  const frames: Frame[] = []
  let expected: Expected = 'value'
  /** Where the chunk and the line begin, in the file; how much of a byte order mark was there. */
  let [offset, lineFrom, mark] = [0, 0, 0]
  let line = 1
  let inText = false
  let isName = false
  let name: number[] = []
  /** Within an escape: 1 is what kind it is, 2 to 5 is how many hexadecimal digits follow, and one. */
  let escaped = 0
  let bare = ''

  const fault = (at: number, message: string) =>
    faultOf(`Line ${line}, column ${offset + at - lineFrom + 1}: this is no JSON: ${message}`)
  const sign = (byte: number) =>
    byte > 0x20 && byte < 0x7f ? `“${String.fromCharCode(byte)}”` : `the byte ${byte}`
  const unexpected = (at: number, byte: number) =>
    expected === 'nothing'
      ? fault(at, 'something stands after its end')
      : fault(at, `here comes ${wanted[expected]}, and not ${sign(byte)}`)
  const done = () => {
    expected = frames.length > 0 ? 'comma or end' : 'nothing'
  }
  const takesValue = () => expected === 'value' || expected === 'value or end'

  const takeText = (byte: number, at: number) => {
    if (isName && frames.length <= NAMED && name.length < LONGEST_NAME) name.push(byte)
    if (escaped === 1) {
      if (!ESCAPES.has(byte)) throw fault(at, `a backslash stands before ${sign(byte)}`)
      escaped = byte === UNICODE ? 5 : 0
    } else if (escaped > 1) {
      if (!isHex(byte)) throw fault(at, `${sign(byte)} is no hexadecimal digit`)
      escaped = escaped === 2 ? 0 : escaped - 1
    } else if (byte === BACKSLASH) escaped = 1
    else if (byte === QUOTE) {
      inText = false
      if (!isName) return done()
      isName = false
      expected = 'colon'
      const frame = frames.at(-1)
      if (frame) frame.key = nameFrom(name)
    } else if (byte < 0x20) throw fault(at, `${sign(byte)} in a text, which must be escaped`)
  }
  const endBare = (at: number) => {
    if (!BARE.test(bare)) throw fault(at, `“${bare.slice(0, 40)}” is no value`)
    bare = ''
    done()
  }
  const takeMark = (byte: number, at: number) => {
    if (byte === QUOTE && (expected === 'name' || expected === 'name or end')) {
      inText = true
      isName = true
      name = []
    } else if (takesValue() && byte !== END && byte !== CLOSE && byte !== COMMA && byte !== COLON)
      beginValue(byte, at)
    else if (byte === CLOSE || byte === END) {
      const frame = frames.at(-1)
      const mayEnd = expected === 'comma or end' || expected === 'value or end' || expected === 'name or end'
      if (!frame || frame.isObject !== (byte === CLOSE)) throw fault(at, `${sign(byte)} ends nothing`)
      if (!mayEnd) throw unexpected(at, byte)
      frames.pop()
      done()
      on('end', at)
    } else if (byte === COMMA && expected === 'comma or end')
      expected = frames.at(-1)?.isObject ? 'name' : 'value'
    else if (byte === COLON && expected === 'colon') expected = 'value'
    else throw unexpected(at, byte)
  }
  const beginValue = (byte: number, at: number) => {
    if (frames.length === 0 && byte !== OPEN) throw fault(at, 'it begins with no object')
    if (byte === OPEN || byte === BEGIN) {
      if (frames.length >= DEEPEST) throw fault(at, 'it is nested too deep')
      on(byte === OPEN ? 'object' : 'list', at)
      frames.push({ isObject: byte === OPEN, key: '' })
      expected = byte === OPEN ? 'name or end' : 'value or end'
      return
    }
    on('scalar', at)
    if (byte === QUOTE) inText = true
    else bare = String.fromCharCode(byte)
  }

  return {
    frames: frames as readonly Frame[],
    line: () => line,
    take(chunk: Uint8Array) {
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] as number
        if (inText) takeText(byte, at)
        else {
          const goesOn = bare !== '' && !isBlank(byte) && byte !== COMMA && byte !== CLOSE && byte !== END
          if (goesOn) {
            bare += String.fromCharCode(byte)
            if (bare.length > LONGEST_BARE) throw fault(at, 'a number is too long')
            continue
          }
          if (bare !== '') endBare(at)
          if (offset + at === mark && byte === BYTE_ORDER_MARK[mark]) mark += 1
          else if (mark > 0 && mark < 3) throw fault(at, 'it begins with no object')
          else if (!isBlank(byte)) takeMark(byte, at)
          else if (byte === LINE) {
            line += 1
            lineFrom = offset + at + 1
          }
        }
      }
      offset += chunk.length
    },
    end() {
      if (offset === mark || (expected === 'value' && frames.length === 0))
        throw faultOf('The file is empty.')
      if (frames.length > 0 || inText) throw fault(0, 'it ends in the middle')
    }
  }
}

/** As it is meant, with what is escaped in it. */
function nameFrom(bytes: number[]): string {
  const text = Buffer.from(bytes.slice(0, -1)).toString('utf8')
  try {
    return JSON.parse(`"${text}"`)
  } catch {
    // Cut within an escape: too long to be a name that is looked for.
    return text
  }
}
