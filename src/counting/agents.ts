/** Who is asking, as far as a request tells: a person or a robot, on what kind of device, or a browser that only looks ahead. */
import { isbot } from 'isbot'

export type Device = 'desktop' | 'mobile' | 'tablet' | 'other'
export type Agent = {
  robot: boolean
  /** A robot that reads pages: one that previews links, or a crawler. Not a program that somebody fetches with. */
  reads: boolean
  device: Device
}

/** Fetch a page to show a preview of it and do not say "bot", or only in words the common list does not know. */
const UNFURLERS =
  /WhatsApp\/|SkypeUriPreview|Viber\b|Iframely|Embedly|vkShare|kakaotalk-scrap|facebookcatalog|meta-externalfetcher|Synapse|Mastodon|Pleroma|Misskey|Snap URL Preview|Google-PageRenderer|Cardyb|Bluesky|redditbot|Slack-ImgProxy/i

/** Apps name themselves beside the engine of the browser in them, in which people read. */
const ENGINES = /AppleWebKit\/|Gecko\/\d/

/** What people and their scripts fetch with: they are no readers, and ask for an answer and not for a page. */
const PROGRAMS =
  /^(?:curl|Wget|HTTPie|xh|node|undici|axios|got|python|aiohttp|Go-http-client|okhttp|Java|Apache-HttpClient|libwww-perl|Ruby|Faraday|Guzzle|Postman|insomnia|k6|ApacheBench|autocannon)\b/i

const TABLET = /iPad|Tablet|PlayBook|Silk(?!.*Mobile)|Kindle|Android(?!.*Mobile)/i
const MOBILE = /Mobi|iPhone|iPod|Android|IEMobile|Opera Mini|BlackBerry/i
const DESKTOP = /Windows NT|Macintosh|X11|CrOS|Linux/i

const LONGEST = 512
const MOST_KEPT = 2_000
const kept = new Map<string, Agent>()

/** What a User-Agent says. Who says nothing is no robot: there are readers who keep it to themselves. */
export function agentOf(header: string | undefined): Agent {
  const text = (header ?? '').slice(0, LONGEST)
  const known = kept.get(text)
  if (known) return known
  const robot = isbot(text) || (UNFURLERS.test(text) && !ENGINES.test(text))
  const agent: Agent = {
    robot,
    reads: robot && !PROGRAMS.test(text),
    device: TABLET.test(text)
      ? 'tablet'
      : MOBILE.test(text)
        ? 'mobile'
        : DESKTOP.test(text)
          ? 'desktop'
          : 'other'
  }
  // Readers share few User-Agents; who sends ever new ones only makes the list begin anew.
  if (kept.size >= MOST_KEPT) kept.clear()
  // A copy: a slice would hold on to the whole header.
  kept.set(Buffer.from(text, 'latin1').toString('latin1'), agent)
  return agent
}

type Headers = Record<string, string | string[] | undefined>

/** Whether a browser fetches this in case somebody might go there: Sec-Purpose, and what came before it. */
export const isLookingAhead = (headers: Headers) =>
  ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /prefetch|prerender|preview/i.test(String(headers[name] ?? ''))
  )
