import { createHash } from 'node:crypto'
import type { Problem } from '../http/errors.ts'
import { linkFault } from './links.ts'
import { bodyLimits, type GivenBlock, type StoredBlock, type StoredTextBlock } from './schema.ts'

export const decorators = ['strong', 'em', 'strike-through', 'code'] as const
export type Decorator = (typeof decorators)[number]

/** Makes the refusal for a fault at a path below the array of blocks, such as `/3/markDefs/0/href`. */
export type Refuse = (path: string, message: string, code: string) => Problem

type Given<T extends GivenBlock['_type']> = Extract<GivenBlock, { _type: T }>

/** Checks every rule of the closed Portable Text, fills in what was left out and makes the missing keys. */
export function keepBlocks(given: GivenBlock[], refuse: Refuse): StoredBlock[] {
  if (given.length > bodyLimits.blocks) {
    throw refuse('', `A body may have at most ${bodyLimits.blocks} blocks.`, 'too_many_blocks')
  }
  const blocks = given.map((block, index) => keepBlock(block, `/${index}`, refuse))
  const keys = makeKeys(given, (index) => keyFrom(blocks[index] as object), '', refuse)
  const stored = blocks.map((block, index) => ({ ...block, _key: keys[index] }) as StoredBlock)
  if (Buffer.byteLength(JSON.stringify(stored)) > bodyLimits.bytes) {
    throw refuse('', 'A body may have at most 1 MiB (1,048,576 bytes) as JSON.', 'too_large')
  }
  return stored
}

/**
 * The key of a block that came without one. Made from the content, so that a text written again as Markdown or HTML
 * keeps the keys of its unchanged blocks.
 */
const keyFrom = (block: object) =>
  createHash('sha256')
    .update(JSON.stringify({ ...block, _key: '' }))
    .digest('hex')
    .slice(0, 12)

/** Whether a block has the key that was made from its content: it says what is in the block, not which one it is. */
export function isMadeKey(block: StoredBlock): boolean {
  const [, made] = /^([0-9a-f]{12})(?:-\d+)?$/.exec(block._key) ?? []
  return made !== undefined && made === keyFrom(block)
}

function keepBlock(block: GivenBlock, path: string, refuse: Refuse): Record<string, unknown> {
  if (block._type === 'block') return keepText(block, path, refuse)
  if (block._type === 'image') return keepImage(block, path, refuse)
  if (block._type === 'embed') {
    checkLink(block.url, 'web', `${path}/url`, refuse)
    return { _type: 'embed', _key: '', url: block.url }
  }
  return { _type: 'divider', _key: '' }
}

function keepText(block: Given<'block'>, path: string, refuse: Refuse) {
  if (block.level !== undefined && block.listItem === undefined) {
    throw refuse(`${path}/level`, 'Only a list item has a level.', 'level_without_list')
  }
  const links = block.markDefs ?? []
  const linkKeys = makeKeys(links, (index) => `l${index}`, `${path}/markDefs`, refuse)
  links.forEach((link, index) => {
    checkLink(link.href, 'link', `${path}/markDefs/${index}/href`, refuse)
    if (decorators.includes(linkKeys[index] as Decorator)) {
      const message = 'The key of a link may not be the name of a mark.'
      throw refuse(`${path}/markDefs/${index}/_key`, message, 'reserved_key')
    }
  })
  if (block.children.length > bodyLimits.children) {
    const message = `A block may have at most ${bodyLimits.children} stretches of differently marked text.`
    throw refuse(`${path}/children`, message, 'too_many_children')
  }
  const spans = block.children.length > 0 ? block.children : [{ _type: 'span' as const, text: '' }]
  const spanKeys = makeKeys(spans, (index) => `s${index}`, `${path}/children`, refuse)
  const known = new Set(linkKeys)
  const children = spans.map((span, index) => {
    const at = `${path}/children/${index}`
    checkText(span.text, bodyLimits.text, `${at}/text`, refuse)
    checkMarks(span.marks ?? [], known, `${at}/marks`, refuse)
    return { _type: 'span', _key: spanKeys[index], text: span.text, marks: [...(span.marks ?? [])] }
  })
  return {
    _type: 'block',
    _key: '',
    style: block.style ?? 'normal',
    ...(block.listItem && { listItem: block.listItem, level: block.level ?? 1 }),
    children,
    markDefs: links.map((link, index) => ({ _type: 'link', _key: linkKeys[index], href: link.href }))
  } as StoredTextBlock
}

function keepImage(image: Given<'image'>, path: string, refuse: Refuse) {
  checkLink(image.url, 'web', `${path}/url`, refuse)
  checkText(image.alt, bodyLimits.alt, `${path}/alt`, refuse)
  checkText(image.caption ?? '', bodyLimits.caption, `${path}/caption`, refuse)
  checkText(image.credit ?? '', bodyLimits.credit, `${path}/credit`, refuse)
  return {
    _type: 'image',
    _key: '',
    url: image.url,
    alt: image.alt,
    caption: image.caption || null,
    credit: image.credit || null,
    width: image.width ?? null,
    height: image.height ?? null
  }
}

function checkMarks(marks: string[], links: Set<string>, path: string, refuse: Refuse) {
  let linked = false
  marks.forEach((mark, index) => {
    const at = `${path}/${index}`
    if (marks.indexOf(mark) !== index) throw refuse(at, 'This mark is there twice.', 'duplicate_mark')
    if (decorators.includes(mark as Decorator)) return
    if (!links.has(mark)) {
      const message = `A mark is one of ${decorators.join(', ')}, or the _key of a link in markDefs of this block.`
      throw refuse(at, message, 'unknown_mark')
    }
    if (linked) throw refuse(at, 'A span can be in one link only.', 'nested_link')
    linked = true
  })
}

function checkLink(href: string, kind: 'link' | 'web', path: string, refuse: Refuse) {
  const fault = linkFault(href, kind)
  if (fault) throw refuse(path, fault.message, fault.code)
}

function checkText(text: string, limit: number, path: string, refuse: Refuse) {
  if (text.length > limit) throw refuse(path, `A text here may have at most ${limit} characters.`, 'too_long')
  if (notText.test(text)) throw refuse(path, notTextMessage, 'control_character')
}

/** Characters that are no text: they break feeds (XML 1.0 has no way to write them) or the database. */
export const notText = /[^\t\n\P{Cc}]|\p{Cs}|\p{Noncharacter_Code_Point}/u
export const notTextMessage =
  'There is a character that is no text: a control character other than tab and line feed, half a surrogate pair or a noncharacter.'

/** The keys given, and for each that is missing the one `make` proposes, suffixed if it is taken. */
function makeKeys(items: { _key?: string }[], make: (index: number) => string, path: string, refuse: Refuse) {
  const taken = new Set<string>()
  items.forEach(({ _key }, index) => {
    if (_key === undefined) return
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(_key)) {
      const message = 'A key has 1 to 64 letters (a-z), digits, hyphens or underscores.'
      throw refuse(`${path}/${index}/_key`, message, 'invalid_key')
    }
    if (taken.has(_key)) throw refuse(`${path}/${index}/_key`, 'This key is there twice.', 'duplicate_key')
    taken.add(_key)
  })
  const times = new Map<string, number>()
  return items.map(({ _key }, index) => {
    if (_key !== undefined) return _key
    const proposed = make(index)
    let suffix = times.get(proposed) ?? 0
    let key = suffix === 0 ? proposed : `${proposed}-${suffix}`
    while (taken.has(key)) key = `${proposed}-${++suffix}`
    times.set(proposed, suffix + 1)
    taken.add(key)
    return key
  })
}
