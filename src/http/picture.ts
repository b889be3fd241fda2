/** A picture as it comes in, and as it is kept. */

export type PictureInput = {
  url?: string
  alt?: string
  caption?: string | null
  credit?: string | null
  width?: number | null
  height?: number | null
}

const EMPTY = { caption: null, credit: null, width: null, height: null }

/** What was left out is null; members in the order the API shows them. */
export function wholePicture(picture: PictureInput | null | undefined) {
  if (!picture) return null
  const { url, alt, caption, credit, width, height } = { ...EMPTY, ...picture }
  return { url, alt, caption, credit, width, height }
}
