/** A picture, kept elsewhere: as it comes in, as it is kept, as it is shown. */
import { type Static, Type } from 'typebox'
import { Closed, Nullable, WebUrl } from './wire.ts'

const picture = {
  url: WebUrl,
  alt: Type.String({ maxLength: 500, description: 'What the picture shows, for those who cannot see it.' }),
  caption: Nullable(Type.String({ maxLength: 1000 })),
  credit: Nullable(Type.String({ maxLength: 300 })),
  width: Nullable(Type.Integer({ minimum: 1, maximum: 65535, description: 'Pixels.' })),
  height: Nullable(Type.Integer({ minimum: 1, maximum: 65535, description: 'Pixels.' }))
}

export const Picture = Closed(picture, {
  $id: 'Picture',
  description: 'A picture, kept elsewhere.',
  examples: [
    {
      url: 'https://images.example/ferry.jpg',
      alt: 'A ferry leaving the harbour',
      caption: null,
      credit: 'Rana Holt',
      width: 1600,
      height: 900
    }
  ]
})

export type Picture = Static<typeof Picture>

/** What may be left out when writing is null when reading. */
export const PictureInput = Closed(
  {
    url: picture.url,
    alt: picture.alt,
    caption: Type.Optional(picture.caption),
    credit: Type.Optional(picture.credit),
    width: Type.Optional(picture.width),
    height: Type.Optional(picture.height)
  },
  {
    $id: 'PictureInput',
    examples: [{ url: 'https://images.example/ferry.jpg', alt: 'A ferry leaving the harbour' }]
  }
)

/** A merge patch of a picture. */
export const PicturePatch = Closed(
  {
    url: Type.Optional(picture.url),
    alt: Type.Optional(picture.alt),
    caption: Type.Optional(picture.caption),
    credit: Type.Optional(picture.credit),
    width: Type.Optional(picture.width),
    height: Type.Optional(picture.height)
  },
  { $id: 'PicturePatch', examples: [{ alt: 'A ferry leaving the harbour at dusk' }] }
)

export const pictureSchemas = [Picture, PictureInput, PicturePatch]

/** A picture, or a patch of one, as it comes in. */
export type GivenPicture = {
  url?: string
  alt?: string
  caption?: string | null
  credit?: string | null
  width?: number | null
  height?: number | null
}

const EMPTY = { caption: null, credit: null, width: null, height: null }

/** What was left out is null; members in the order the API shows them. */
export function wholePicture(picture: GivenPicture | null | undefined) {
  if (!picture) return null
  const { url, alt, caption, credit, width, height } = { ...EMPTY, ...picture }
  return { url, alt, caption, credit, width, height }
}
