import { Type } from 'typebox'
import type { Channel } from '../database/generated/enums.ts'
import { Closed, Nullable } from '../http/wire.ts'

/** A network a share bar can show. */
export type ShareChannel = Exclude<Channel, 'copy' | 'qr' | 'other'>

/** In the order a share bar shows them where nobody chose; `share_channels` in the database says the same. */
export const SHARE_CHANNELS: ShareChannel[] = [
  'x',
  'facebook',
  'telegram',
  'whatsapp',
  'linkedin',
  'reddit',
  'bluesky',
  'threads',
  'email'
]

const example = {
  prompt: 'Liked the story? Share it on social media!',
  copy: { label: 'Copy link', url: 'http://localhost:3000/s/k7m3xw9p', done: 'Link copied' },
  networks: [
    {
      channel: 'facebook',
      label: 'Facebook',
      url: 'https://www.facebook.com/sharer/sharer.php?u=http%3A%2F%2Flocalhost%3A3000%2Fs%2Fb5n8fq2t'
    }
  ],
  qr: 'http://localhost:3000/s/d4h9rk6v/qr.svg'
}

export const ShareBar = Closed(
  {
    prompt: Type.String({ description: 'Above the buttons.' }),
    copy: Closed({
      label: Type.String({ description: 'On the button that copies.' }),
      url: Type.String({
        description: 'What it copies: the short address; the article’s own where there is none.'
      }),
      done: Type.String({ description: 'Said when it was copied.' })
    }),
    networks: Type.Array(
      Closed({
        channel: Type.Enum(SHARE_CHANNELS),
        label: Type.String(),
        url: Type.String({
          pattern: '^(https://|mailto:)',
          description: 'The network’s page for sharing, with the short address filled in.'
        })
      }),
      { description: 'In the order of the site’s `shareChannels`.' }
    ),
    qr: Nullable(Type.String({ format: 'uri' }), {
      description: 'The QR code as SVG; null where its link leads nowhere right now.'
    })
  },
  {
    $id: 'ShareBar',
    description: 'What a share bar needs, in the language of the article.',
    examples: [example]
  }
)

const size = Type.Integer({
  minimum: 64,
  maximum: 2048,
  description: 'Width and height in pixels; 512 without it.'
})
const margin = Type.Integer({
  minimum: 0,
  maximum: 16,
  description: 'The blank around the code, in modules; 4 without it, as readers of codes want it.'
})

export const CodeParams = Closed({ code: Type.String({ minLength: 1, maxLength: 400 }) })
export const QrQuery = Closed({ size: Type.Optional(size), margin: Type.Optional(margin) })

export const shareSchemas = [ShareBar]
