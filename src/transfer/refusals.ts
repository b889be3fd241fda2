/** Why the database did not take a record, in words for whoever reads the report. */
import { refusalOf } from '../database/database.ts'
import { Problem } from '../http/errors.ts'

/** What the values of the record are to blame for: bad data, or a constraint. All else ends the import. */
export const isRefusal = ({ state }: { state?: string }) => state !== undefined && /^2[23]/.test(state)

const words: Record<string, string> = {
  users_email: 'another person here has this e-mail address',
  sites_one_default: 'there is a default site here already',
  tag_slugs_slug: 'another tag here has one of these slugs, as its own or as an alias',
  tags_parent: 'its parent is not here',
  tags_no_cycle: 'its parent is the tag itself or one of the tags below it',
  authors_slug: 'another author here has this slug',
  authors_user: 'this person has an author here already',
  articles_slug: 'another article here has this slug in this locale',
  articles_story: 'the story has an article in this locale here',
  articles_withdrawn_reason: 'withdrawnAt and withdrawnReason come together',
  publications_pkey: 'a publication with this id is here already',
  publications_one_per_article: 'the article has a publication at that time',
  publications_one_per_slug: 'another article here has this slug at that time',
  publications_not_empty: 'liveUntil is not after liveFrom',
  publications_within_plan: 'liveUntil is after plannedUntil',
  share_codes_code: 'this code was given to another link here',
  share_codes_pkey: 'this code was given to another link here',
  share_links_code: 'another share link here has this code',
  share_links_twin: 'the article has a link for this channel and campaign here',
  lists_slug: 'another list here has this slug',
  lists_tail: 'tailTagId takes tail',
  redirects_path: 'another redirect here leads from this path',
  redirects_one_target: 'storyId or target must be given, and not both'
}

export function inWords(error: unknown): string {
  if (error instanceof Problem) return faultOf(error)
  const { state, constraint } = refusalOf(error)
  const known = constraint && words[constraint]
  if (known) return known
  if (constraint) return `the database refused it (${constraint})`
  return `the database refused it (${state})`
}

/** The pointer and what is wrong there. */
export function faultOf(problem: Problem): string {
  const [fault] = problem.errors ?? []
  return fault ? `${fault.pointer || 'The line'}: ${fault.message}` : problem.message
}
