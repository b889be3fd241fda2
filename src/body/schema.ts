import { type Static, type TSchema, Type } from 'typebox'

/** What a body may hold at most. The JSON Schemas say it, and the readers of Markdown and HTML keep to it. */
export const bodyLimits = {
  bytes: 1_048_576,
  blocks: 2_000,
  children: 500,
  text: 100_000,
  href: 2_048,
  alt: 2_000,
  caption: 5_000,
  credit: 500,
  pixels: 100_000,
  level: 4
} as const

const ref = <T extends TSchema & { $id?: string }>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const Key = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,64}$',
  maxLength: 64,
  description: 'Unique in its array.'
})
const optionalKey = Type.Optional({ ...Key, description: 'Unique in its array. Left out, one is made.' })
const Style = Type.Enum(['normal', 'h2', 'h3', 'h4', 'blockquote'], {
  description: 'What kind of paragraph.'
})
const ListItem = Type.Enum(['bullet', 'number'], { description: 'The kind of list the block is an item of.' })
const Level = Type.Integer({
  minimum: 1,
  maximum: bodyLimits.level,
  description: 'How deep in lists; 1 is outermost.'
})
const Href = Type.String({
  minLength: 1,
  maxLength: bodyLimits.href,
  description: 'An absolute http, https or mailto URL without user name, password, blanks, quotes or <>.'
})
const WebUrl = Type.String({
  minLength: 1,
  maxLength: bodyLimits.href,
  description: 'An absolute http or https URL without user name, password, blanks, quotes or <>.'
})
const Text = Type.String({
  maxLength: bodyLimits.text,
  description: 'Plain text. A line feed is a line break. No control characters other than tab and line feed.'
})
const Marks = Type.Array(Type.String({ maxLength: 64 }), {
  maxItems: 5,
  uniqueItems: true,
  description:
    '`strong`, `em`, `code`, `strike-through`, or the `_key` of a link in `markDefs` (one at most).'
})
const Alt = Type.String({
  maxLength: bodyLimits.alt,
  description: 'What the image shows, for those who cannot see it; empty when it is decoration.'
})
const Caption = nullable(Type.String({ maxLength: bodyLimits.caption }))
const Credit = nullable(Type.String({ maxLength: bodyLimits.credit }))
const Pixels = nullable(Type.Integer({ minimum: 1, maximum: bodyLimits.pixels }))
const closed = { additionalProperties: false } as const

export const Span = Type.Object(
  { _type: Type.Literal('span'), _key: Key, text: Text, marks: Marks },
  { $id: 'Span', description: 'A stretch of text with the same marks.', ...closed }
)

export const LinkMark = Type.Object(
  { _type: Type.Literal('link'), _key: Key, href: Href },
  { $id: 'LinkMark', description: 'A link that spans point at with its `_key`.', ...closed }
)

export const TextBlock = Type.Object(
  {
    _type: Type.Literal('block'),
    _key: Key,
    style: Style,
    listItem: Type.Optional(ListItem),
    level: Type.Optional(Level),
    children: Type.Array(ref(Span), { minItems: 1, maxItems: bodyLimits.children }),
    markDefs: Type.Array(ref(LinkMark), { maxItems: bodyLimits.children })
  },
  { $id: 'TextBlock', description: 'A paragraph, heading, quoted paragraph or list item.', ...closed }
)

export const ImageBlock = Type.Object(
  {
    _type: Type.Literal('image'),
    _key: Key,
    url: WebUrl,
    alt: Alt,
    caption: Caption,
    credit: Credit,
    width: Pixels,
    height: Pixels
  },
  { $id: 'ImageBlock', description: 'An image standing between paragraphs.', ...closed }
)

export const EmbedBlock = Type.Object(
  { _type: Type.Literal('embed'), _key: Key, url: WebUrl },
  {
    $id: 'EmbedBlock',
    description: 'Something from elsewhere, by its address. Rendered as a link, never as a frame.',
    ...closed
  }
)

export const DividerBlock = Type.Object(
  { _type: Type.Literal('divider'), _key: Key },
  { $id: 'DividerBlock', description: 'A break between two parts of the text.', ...closed }
)

export const Block = Type.Unsafe<
  | Static<typeof TextBlock>
  | Static<typeof ImageBlock>
  | Static<typeof EmbedBlock>
  | Static<typeof DividerBlock>
>({
  $id: 'Block',
  type: 'object',
  description: 'One block of a body, told apart by `_type`.',
  discriminator: { propertyName: '_type' },
  oneOf: [ref(TextBlock), ref(ImageBlock), ref(EmbedBlock), ref(DividerBlock)]
})

// Not `Body`: every browser has a type of that name, and generated clients would mean that one.
export const Body = Type.Object(
  { blocks: Type.Array(ref(Block), { maxItems: bodyLimits.blocks }) },
  { $id: 'ArticleBody', description: 'The body of an article, as closed Portable Text.', ...closed }
)

export const SpanInput = Type.Object(
  { _type: Type.Literal('span'), _key: optionalKey, text: Text, marks: Type.Optional(Marks) },
  { $id: 'SpanInput', description: 'A stretch of text with the same marks (none when left out).', ...closed }
)

export const LinkMarkInput = Type.Object(
  { _type: Type.Literal('link'), _key: optionalKey, href: Href },
  { $id: 'LinkMarkInput', description: 'A link that spans point at with its `_key`.', ...closed }
)

export const TextBlockInput = Type.Object(
  {
    _type: Type.Literal('block'),
    _key: optionalKey,
    style: Type.Optional(Style),
    listItem: Type.Optional(ListItem),
    level: Type.Optional({
      ...Level,
      description: 'How deep in lists; 1 when left out. Only with `listItem`.'
    }),
    children: Type.Array(ref(SpanInput), { maxItems: bodyLimits.children }),
    markDefs: Type.Optional(Type.Array(ref(LinkMarkInput), { maxItems: bodyLimits.children }))
  },
  {
    $id: 'TextBlockInput',
    description: 'A paragraph, heading, quoted paragraph or list item; `style` is `normal` when left out.',
    ...closed
  }
)

export const ImageBlockInput = Type.Object(
  {
    _type: Type.Literal('image'),
    _key: optionalKey,
    url: WebUrl,
    alt: Alt,
    caption: Type.Optional(Caption),
    credit: Type.Optional(Credit),
    width: Type.Optional(Pixels),
    height: Type.Optional(Pixels)
  },
  {
    $id: 'ImageBlockInput',
    description: 'An image standing between paragraphs. An empty caption or credit is kept as null.',
    ...closed
  }
)

export const EmbedBlockInput = Type.Object(
  { _type: Type.Literal('embed'), _key: optionalKey, url: WebUrl },
  { $id: 'EmbedBlockInput', description: 'Something from elsewhere, by its address.', ...closed }
)

export const DividerBlockInput = Type.Object(
  { _type: Type.Literal('divider'), _key: optionalKey },
  { $id: 'DividerBlockInput', description: 'A break between two parts of the text.', ...closed }
)

export const BlockInput = Type.Unsafe<
  | Static<typeof TextBlockInput>
  | Static<typeof ImageBlockInput>
  | Static<typeof EmbedBlockInput>
  | Static<typeof DividerBlockInput>
>({
  $id: 'BlockInput',
  type: 'object',
  description: 'One block of a body, told apart by `_type`. Keys that are given are kept.',
  discriminator: { propertyName: '_type' },
  oneOf: [ref(TextBlockInput), ref(ImageBlockInput), ref(EmbedBlockInput), ref(DividerBlockInput)]
})

export const BodyInput = Type.Object(
  {
    blocks: Type.Optional(
      Type.Array(ref(BlockInput), { maxItems: bodyLimits.blocks, description: 'Closed Portable Text.' })
    ),
    markdown: Type.Optional(
      Type.String({
        maxLength: bodyLimits.bytes,
        description:
          'CommonMark with strikethrough. An image alone in its paragraph becomes an image (its title the caption), a web address alone in its paragraph, written `<https://…>`, an embed.'
      })
    ),
    html: Type.Optional(
      Type.String({
        maxLength: bodyLimits.bytes,
        description:
          'A fragment of HTML: p, h2-h4, blockquote, ul, ol, li, strong, em, code, s, a, br, hr, img, figure. HTML that Dateline gave reads back unchanged.'
      })
    )
  },
  {
    $id: 'ArticleBodyInput',
    description:
      'Exactly one of `blocks`, `markdown` and `html`. What cannot be kept is refused, never dropped.',
    minProperties: 1,
    maxProperties: 1,
    ...closed
  }
)

/** Every component, each after those it points at. */
export const bodySchemas = [
  Span,
  LinkMark,
  TextBlock,
  ImageBlock,
  EmbedBlock,
  DividerBlock,
  Block,
  Body,
  SpanInput,
  LinkMarkInput,
  TextBlockInput,
  ImageBlockInput,
  EmbedBlockInput,
  DividerBlockInput,
  BlockInput,
  BodyInput
]

export type StoredBlock = Static<typeof Block>
export type StoredTextBlock = Static<typeof TextBlock>
export type GivenBlock = Static<typeof BlockInput>
export type GivenBody = Static<typeof BodyInput>
