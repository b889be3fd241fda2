/** The kinds of records in the order they are written, and can be read in: each after what it names. */
import type { Kind } from './kind.ts'
import { clicks, clickTotal, formerCode, shareLink, views, viewTotal } from './sharing.ts'
import { article, publication, revision, stageMove } from './stories.ts'
import { author, list, person, redirect, site, tag, tagMerge } from './surroundings.ts'

export const kinds: readonly Kind[] = [
  person,
  site,
  tag,
  tagMerge,
  author,
  article,
  revision,
  stageMove,
  // Before what readers see: with its first publication an article has its share bar.
  shareLink,
  formerCode,
  publication,
  list,
  redirect,
  clicks,
  clickTotal,
  views,
  viewTotal
]
