/** What differs between two bodies. The functions are pure, so these tests need no database. */
import fc from 'fast-check'
import t from 'tap'
import { type BlockChange, compareBodies } from '../../src/articles/revisions/diff.ts'
import { compareWords, newBudget } from '../../src/articles/revisions/words.ts'
import { readBody } from '../../src/body/input.ts'
import type { GivenBlock, StoredBlock } from '../../src/body/schema.ts'
import { canonical, documents, text } from '../body/documents.ts'

const body = (...blocks: (readonly [key: string | null, text: string, more?: object])[]) =>
  readBody({
    blocks: blocks.map(([key, text, more]) => ({
      _type: 'block',
      ...(key !== null && { _key: key }),
      children: [{ _type: 'span', text }],
      ...more
    })) as GivenBlock[]
  })
const markdown = (...paragraphs: string[]) => readBody({ markdown: paragraphs.join('\n\n') })
const textOf = (block: StoredBlock | undefined) =>
  block?._type === 'block' ? block.children.map(({ text }) => text).join('') : (block?._type ?? '')

/** `= a` same, `~ a` changed, `> a` moved, `+ a` inserted, `- a` removed, by key. */
const signs = { same: '=', changed: '~', moved: '>', inserted: '+', removed: '-' }
const told = (changes: BlockChange[]) => changes.map(({ op, key }) => `${signs[op]}${key}`).join(' ')
/** The same by text, for blocks whose keys were made. */
const toldByText = (changes: BlockChange[]) =>
  changes.map(({ op, before, after }) => `${signs[op]}${textOf(after ?? before)}`).join(' ')
const marked = (change: BlockChange | undefined) =>
  (change?.words ?? [])
    .map(({ op, text }) => (op === 'same' ? text : op === 'removed' ? `[-${text}]` : `[+${text}]`))
    .join('')

const letters = (keys: string, more: Record<string, string> = {}) =>
  body(...[...keys].map((key) => [key, more[key] ?? `Text of ${key}`] as const))

for (const [what, before, after, expected] of [
  ['nothing', '', '', ''],
  ['the same', 'abc', 'abc', '=a =b =c'],
  ['one inserted in the middle', 'abc', 'abxc', '=a =b +x =c'],
  ['one inserted at the top', 'abc', 'xabc', '+x =a =b =c'],
  ['one removed in the middle', 'abc', 'ac', '=a -b =c'],
  ['the first removed', 'abc', 'bc', '-a =b =c'],
  ['the last removed', 'abc', 'ab', '=a =b -c'],
  ['all removed', 'abc', '', '-a -b -c'],
  ['one in the place of another', 'abc', 'axc', '=a -b +x =c'],
  ['one moved up', 'abcde', 'aebcd', '=a >e =b =c =d'],
  ['one moved down', 'abcde', 'bcdea', '=b =c =d =e >a'],
  ['one moved, its neighbour removed', 'abcde', 'adcx', '=a -b >d =c -e +x'],
  ['two halves changed places', 'abcde', 'deabc', '>d >e =a =b =c']
] as const) {
  t.test(what, async (t) => {
    t.equal(told(compareBodies(letters(before), letters(after))), expected)
  })
}

t.test('reversed, all but one moved', async (t) => {
  const changes = compareBodies(letters('abcdefgh'), letters('hgfedcba'))
  t.equal(changes.filter(({ op }) => op === 'moved').length, 7)
  t.equal(changes.filter(({ op }) => op === 'same').length, 1)
})

t.test('a changed paragraph says which words', async (t) => {
  const before = body(['a', 'The first boat left at six.'], ['b', 'Forty came along.'])
  const after = body(['a', 'The last boat left at seven, late.'], ['b', 'Forty came along.'])
  const changes = compareBodies(before, after)
  t.equal(told(changes), '~a =b')
  t.equal(marked(changes[0]), 'The [-first][+last] boat left at [-six][+seven, late].')
  t.same(changes[0]?.before, before[0])
  t.same(changes[0]?.after, after[0])
  t.same(changes[1], { op: 'same', key: 'b', after: after[1] }, 'what is the same is told once')
})

t.test('a paragraph that moved and changed says both', async (t) => {
  const changes = compareBodies(letters('abcd'), letters('dabc', { d: 'Text from d' }))
  t.equal(told(changes), '>d =a =b =c')
  t.equal(marked(changes[0]), 'Text [-of][+from] d')
  t.equal(textOf(changes[0]?.before), 'Text of d')
})

t.test('one that only moved has no words and is told once', async (t) => {
  const [first] = compareBodies(letters('abcd'), letters('dabc'))
  t.same(Object.keys(first ?? {}).sort(), ['after', 'key', 'op'])
})

t.test('style, marks and links that change are a change, though no word is', async (t) => {
  const plain = body(['a', 'Come and see'])
  const link = (href: string) => ({
    children: [{ _type: 'span', text: 'Come and see', marks: ['l'] }],
    markDefs: [{ _type: 'link', _key: 'l', href }]
  })
  for (const [what, before, after] of [
    ['style', plain, body(['a', 'Come and see', { style: 'h2' }])],
    ['list', plain, body(['a', 'Come and see', { listItem: 'bullet' }])],
    ['marks', plain, body(['a', '', { children: [{ _type: 'span', text: 'Come and see', marks: ['em'] }] }])],
    ['link', body(['a', '', link('https://a.example/')]), body(['a', '', link('https://b.example/')])]
  ] as const) {
    const [change, ...more] = compareBodies(before, after)
    t.equal(change?.op, 'changed', what)
    t.same(change?.words, [{ op: 'same', text: 'Come and see' }], what)
    t.same(more, [])
  }
})

t.test('keys within a paragraph say nothing to a reader', async (t) => {
  const linked = (span: string, link: string) =>
    body([
      'a',
      '',
      {
        children: [{ _type: 'span', _key: span, text: 'See', marks: [link] }],
        markDefs: [{ _type: 'link', _key: link, href: 'https://a.example/' }]
      }
    ])
  const before = linked('s', 'l')
  const after = linked('other', 'another')
  t.same(compareBodies(before, after), [{ op: 'same', key: 'a', before: before[0], after: after[0] }])
})

t.test('a block that became another kind of block, and changes in images', async (t) => {
  const image = (alt: string): GivenBlock => ({
    _type: 'image',
    _key: 'i',
    url: 'https://a.example/1.jpg',
    alt
  })
  const picture = readBody({ blocks: [image('A boat')] })
  const paragraph = body(['i', 'A boat'])
  const retold = readBody({ blocks: [image('Two boats')] })
  t.same(compareBodies(picture, paragraph), [
    { op: 'changed', key: 'i', before: picture[0], after: paragraph[0] }
  ])
  t.same(compareBodies(picture, retold), [{ op: 'changed', key: 'i', before: picture[0], after: retold[0] }])
})

t.test('blocks with new keys are known by their content', async (t) => {
  const before = letters('abc')
  const after = body(['x', 'Text of a'], ['y', 'Text of b'], ['z', 'Text of c'])
  const changes = compareBodies(before, after)
  t.equal(told(changes), '=x =y =z')
  t.same(
    changes.map((change) => change.before?._key),
    ['a', 'b', 'c'],
    'what it was is there, since it is not exactly that'
  )
  t.equal(told(compareBodies(before, after.toReversed())).replaceAll(/[^>]/g, ''), '>>', 'and moves are seen')
})

t.test('a key counts for more than content', async (t) => {
  const changes = compareBodies(
    body(['a', 'One story here'], ['b', 'Another story there']),
    body(['a', 'Another story there'], ['b', 'One story here'])
  )
  t.equal(told(changes), '~a ~b')
})

t.test('given keys say that these are other blocks, however alike', async (t) => {
  t.equal(
    told(compareBodies(body(['a', 'The boat left at six.']), body(['b', 'The boat left at seven.']))),
    '-a +b'
  )
})

t.test('a text written again as Markdown', async (t) => {
  const before = markdown(
    'Boats left early today.',
    '***',
    'Nobody was hurt in the storm.',
    '***',
    'The end.'
  )
  t.equal(
    toldByText(compareBodies(before, markdown('Boats left early today.', '***', '***', 'The end.'))),
    '=Boats left early today. =divider -Nobody was hurt in the storm. =divider =The end.'
  )
  const changes = compareBodies(
    before,
    markdown('Boats left late today.', '***', '***', 'Somewhere else entirely.', '***', 'The end.')
  )
  t.equal(
    toldByText(changes),
    '~Boats left late today. =divider -Nobody was hurt in the storm. =divider +Somewhere else entirely. +divider =The end.',
    'paragraphs are known by what they say, dividers by where they stand'
  )
  t.equal(marked(changes[0]), 'Boats left [-early][+late] today.')
  t.not(changes[0]?.before?._key, changes[0]?.key, 'though its key is another')
})

t.test('blocks that nothing but a number tells apart are matched so that most stay', async (t) => {
  const before = markdown('Boats left.', '***', 'Nobody was hurt.', '***', 'The end.')
  t.equal(
    toldByText(
      compareBodies(before, markdown('***', 'Boats left.', '***', 'Nobody was hurt.', '***', 'The end.'))
    ),
    '+divider =Boats left. =divider =Nobody was hurt. =divider =The end.'
  )
})

t.test('a heading made of a paragraph in Markdown', async (t) => {
  const [change, ...more] = compareBodies(markdown('The storm'), markdown('## The storm'))
  t.same(more, [])
  t.equal(change?.op, 'changed')
  t.same(change?.words, [{ op: 'same', text: 'The storm' }])
})

t.test('one of several equal paragraphs, edited under its key', async (t) => {
  const before = markdown('Again.', 'Again.', 'Again.')
  const after = before.map((block, index) =>
    index === 1
      ? { ...block, children: [{ ...(block as never as { children: object[] }).children[0], text: 'Once.' }] }
      : block
  ) as StoredBlock[]
  const changes = compareBodies(before, after)
  t.equal(toldByText(changes), '=Again. ~Once. =Again.')
  t.equal(changes[1]?.key, before[1]?._key)
})

t.test('words in scripts without blanks', async (t) => {
  const change = (before: string, after: string) => compareBodies(body(['a', before]), body(['a', after]))[0]
  const chinese = change('渡轮今天早上九点离开港口。', '渡轮昨天早上九点离开港口。')
  t.equal(marked(chinese), '渡轮[-今天][+昨天]早上九点离开港口。')
  const thai = change('เรือออกจากท่าเช้านี้', 'เรือออกจากเมืองเช้านี้')
  t.equal(marked(thai), 'เรือออกจาก[-ท่า][+เมือง]เช้านี้')
})

t.test('accents and emoji are not torn apart', async (t) => {
  const cut = (before: string, after: string) => compareWords(before, after, newBudget())
  t.same(cut('e\u0301te\u0301', 'ete'), [
    { op: 'removed', text: 'e\u0301te\u0301' },
    { op: 'inserted', text: 'ete' }
  ])
  t.same(cut('🏳️‍🌈🇫🇷', '🏳️🇩🇪'), [
    { op: 'removed', text: '🏳️‍🌈🇫🇷' },
    { op: 'inserted', text: '🏳️🇩🇪' }
  ])
})

// ---- Of any two bodies -----------------------------------------------------------------------------------------------

const key = fc.constantFrom(...'abcdefgh', null, null, null)
const word = fc.constantFrom(
  'boat',
  'storm',
  'left',
  'the',
  'порт',
  '港口今天',
  'late',
  '.',
  ', ',
  ' ',
  ' ',
  '\n',
  '😀'
)
const sentence = fc.array(word, { maxLength: 8 }).map((words) => words.join(''))
const keyed = fc
  .uniqueArray(fc.tuple(key, sentence, fc.constantFrom('normal', 'h2')), {
    maxLength: 10,
    selector: ([key]) => key ?? Symbol('made')
  })
  .map((blocks) => body(...blocks.map(([key, text, style]) => [key, text, { style }] as const)))
/** Any document, and pairs that have much in common. */
const pair = fc.oneof(
  fc.tuple(keyed, keyed),
  fc.tuple(documents, documents),
  documents.chain((one) => fc.tuple(fc.constant(one), fc.shuffledSubarray(one))),
  fc.tuple(documents, documents, documents).map(([one, two, three]) => {
    const rekeyed = (blocks: StoredBlock[], prefix: string) =>
      blocks.map((block, index) => ({ ...block, _key: `${prefix}${index}` }))
    return [
      [...rekeyed(one, 'a'), ...rekeyed(two, 'b')],
      [...rekeyed(two, 'c'), ...rekeyed(three, 'd'), ...rekeyed(one, 'a')]
    ] as [StoredBlock[], StoredBlock[]]
  })
)

t.test('a body and itself: all the same', async () => {
  fc.assert(
    fc.property(fc.oneof(documents, keyed), (blocks) => {
      const expected = blocks.map((block) => ({ op: 'same', key: block._key, after: block }))
      return JSON.stringify(compareBodies(blocks, blocks)) === JSON.stringify(expected)
    })
  )
})

t.test('every block of both sides is told of once, each side in its order', async (t) => {
  fc.assert(
    fc.property(pair, ([before, after]) => {
      const changes = compareBodies(before, after)
      t.ok(changes.every((change) => (change.op === 'removed') === (change.after === undefined)))
      t.same(
        changes.flatMap((change) => change.after ?? []),
        after,
        'the later body'
      )
      const earlier = changes.flatMap((change) =>
        change.op === 'inserted' ? [] : (change.before ?? change.after ?? [])
      )
      t.same(
        earlier.map(({ _key }) => _key).sort(),
        before.map(({ _key }) => _key).sort(),
        'each block of the earlier body once'
      )
      const moved = new Set(
        changes.flatMap((change) => (change.op === 'moved' ? (change.before ?? change.after)?._key : []))
      )
      t.same(
        earlier.filter(({ _key }) => !moved.has(_key)),
        before.filter(({ _key }) => !moved.has(_key)),
        'what did not move stands in the earlier order'
      )
    }),
    { numRuns: 300 }
  )
})

t.test('what is said of a block is true', async (t) => {
  fc.assert(
    fc.property(pair, ([before, after]) => {
      const keys = new Set(before.map(({ _key }) => _key))
      for (const { op, key, before: was, after: is, words } of compareBodies(before, after)) {
        t.equal(key, (is ?? was)?._key)
        if (op === 'same' && was && is) t.same(canonical([was]), canonical([is]))
        if (op === 'changed') t.notSame(was, is)
        if (op === 'inserted' && keys.has(key)) {
          // The key was made from equal content, and another block with that content is matched instead.
          t.ok(
            before.filter(
              (block) => JSON.stringify(canonical([block])) === JSON.stringify(canonical([is as StoredBlock]))
            ).length > 0
          )
        }
        if (!words) continue
        const side = (not: string) =>
          words
            .filter(({ op }) => op !== not)
            .map(({ text }) => text)
            .join('')
        t.equal(side('removed'), textOf(is), 'what is not removed is the text after')
        t.equal(side('inserted'), textOf(was), 'what is not inserted is the text before')
        t.ok(words.every(({ text }) => text !== ''))
        t.ok(
          words.every(({ op }, index) => op !== words[index - 1]?.op),
          'no two of a kind side by side'
        )
      }
    }),
    { numRuns: 300 }
  )
})

t.test('no fewer blocks stay than can', async (t) => {
  /** The longest common subsequence, as in textbooks. */
  const longest = (one: string[], other: string[]) => {
    const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0))
    const at = (row: number, column: number) => lengths[row]?.[column] ?? 0
    one.forEach((name, row) => {
      other.forEach((another, column) => {
        ;(lengths[row + 1] as number[])[column + 1] =
          name === another ? at(row, column) + 1 : Math.max(at(row, column + 1), at(row + 1, column))
      })
    })
    return at(one.length, other.length)
  }
  const keys = fc.shuffledSubarray([...'abcdefghijkl'])
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      const changes = compareBodies(letters(one.join('')), letters(other.join('')))
      t.equal(changes.filter(({ op }) => op === 'same').length, longest(one, other))
    })
  )
})

t.test('the words of any two texts join to them', async (t) => {
  const joins = (before: string, after: string, budget = newBudget()) => {
    const words = compareWords(before, after, budget)
    const side = (not: string) =>
      words
        .filter(({ op }) => op !== not)
        .map(({ text }) => text)
        .join('')
    const apart = words.every(({ op, text }, index) => text !== '' && op !== words[index - 1]?.op)
    return apart && side('removed') === after && side('inserted') === before
  }
  // So few words that beginnings and ends meet and overlap.
  const few = fc
    .array(fc.constantFrom('a', 'b', ' ', '港', '口'), { maxLength: 6 })
    .map((words) => words.join(''))
  fc.assert(
    fc.property(few, few, (before, after) => joins(before, after)),
    { numRuns: 2000 }
  )
  fc.assert(fc.property(text, text, (before, after) => joins(before, after)))
  fc.assert(fc.property(sentence, sentence, (before, after) => joins(before, after)))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) =>
      joins(before, after)
    )
  )
  fc.assert(
    fc.property(sentence, sentence, fc.integer({ min: 0, max: 20 }), (before, after, left) =>
      joins(before, after, { left })
    )
  )
  t.pass()
})

// ---- What it may cost ------------------------------------------------------------------------------------------------

const many = (length: number, make: (index: number) => string) =>
  Array.from({ length }, (_, index) => make(index))
let seed = 7
const random = (below: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((seed / 2_147_483_648) * below)
}
const someWords = (count: number) => many(count, () => `w${random(3000).toString(36)}`).join(' ')
const han = (count: number) => many(count, () => String.fromCharCode(0x4e00 + random(3000))).join('')
const paragraphs = (texts: string[], key: (index: number) => string | null = (index) => `k${index}`) =>
  body(...texts.map((text, index) => [key(index), text] as const))

const sentences = many(2000, () => someWords(60))
const novels = many(5, () => someWords(18_000).slice(0, 95_000))
const chinese = many(3, () => han(99_000))
for (const [what, before, after] of [
  [
    '2,000 changed paragraphs',
    paragraphs(sentences),
    paragraphs(sentences.map((text) => text.replace(/1\w/g, 'new')))
  ],
  ['2,000 paragraphs written anew', paragraphs(sentences), paragraphs(many(2000, () => someWords(60)))],
  ['2,000 reversed', paragraphs(sentences), paragraphs(sentences).reverse()],
  [
    '2,000 changed without keys',
    paragraphs(sentences, () => null),
    paragraphs(
      sentences.map((text) => text.replace(/1\w/g, 'new')),
      () => null
    )
  ],
  [
    '2,000 equal ones',
    paragraphs(
      many(2000, () => 'x'),
      () => null
    ),
    paragraphs(many(1999, () => 'x').toSpliced(0, 1, 'y'), () => null)
  ],
  [
    '475,000 characters, one word in fifty',
    paragraphs(novels),
    paragraphs(novels.map((text) => text.replace(/11\w/g, 'new')))
  ],
  [
    '475,000 characters written anew',
    paragraphs(novels),
    paragraphs(many(5, () => someWords(18_000).slice(0, 95_000)))
  ],
  ['300,000 characters without blanks', paragraphs(chinese), paragraphs(many(3, () => han(99_000)))],
  [
    'two words over and over',
    paragraphs(many(5, () => 'a b '.repeat(24_000))),
    paragraphs(many(5, () => 'b b a '.repeat(16_000)))
  ]
] as const) {
  t.test(`${what}: bounded`, async (t) => {
    const times = many(3, () => {
      const start = process.cpuUsage()
      compareBodies(before, after)
      const { user, system } = process.cpuUsage(start)
      return String((user + system) / 1000)
    }).map(Number)
    const best = Math.min(...times)
    t.comment(`${best.toFixed(0)} ms`)
    // It takes a third of that where nothing else runs; without a bound, minutes.
    t.ok(best < 1500, `${best} ms`)
  })
}

t.test('beyond the budget, the same two bodies still give the same answer', async (t) => {
  const [before, after] = [paragraphs(sentences), paragraphs(many(2000, () => someWords(60)))]
  const once = compareBodies(before, after)
  t.same(JSON.stringify(compareBodies(before, after)), JSON.stringify(once))
  const last = once.at(-1)?.words ?? []
  t.same(
    last.filter(({ op }) => op !== 'same').map(({ op }) => op),
    ['removed', 'inserted'],
    'its end is told as replaced'
  )
})
