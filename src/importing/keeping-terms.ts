/** Authors and tags of another system, kept as ours. Each is made, or joined with one there is. */
import { createAuthor } from '../authors/authors.ts'
import { NewAuthor } from '../authors/schema.ts'
import { pathOf } from '../content/paths.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { createRedirect } from '../redirects/redirects.ts'
import { slugCandidates, slugFrom } from '../slugs.ts'
import { NewTag } from '../tags/schema.ts'
import { createTag } from '../tags/tags.ts'
import { fitSlug, webAddress } from './fitting.ts'
import type { ForeignAuthor, ForeignTag } from './foreign.ts'
import { findImported, isImported, isTwice, type Kind, noteImported, TWICE } from './imported.ts'
import type { Line } from './report.ts'
import { eachInOneTransaction, type Run } from './run.ts'
import { cut } from './texts.ts'

const BATCH = 50
/** Stands for an id that a dry run does not make. */
const NOT_MADE = '00000000-0000-7000-8000-000000000000'
/** They are in nobody's way: a slug made of them is no address yet. */
type Term = ForeignAuthor | ForeignTag

export const keepAuthors = (run: Run, authors: ForeignAuthor[]) =>
  keepAll(run, 'author', authors, run.authors, keepAuthor)

/** Those above come before those below. */
export const keepTags = (run: Run, tags: ForeignTag[]) =>
  keepAll(run, 'tag', fromTheTop(tags), run.tags, keepTag)

type Keep<T> = (
  run: Run,
  on: Connection,
  db: Database | null,
  tx: Transaction | null,
  one: T
) => Promise<{ id: string; lost: string[] }>

async function keepAll<T extends Term>(
  run: Run,
  kind: Kind,
  all: T[],
  ids: Map<string, string>,
  keep: Keep<T>
) {
  const about = ({ key, name }: T) => ({ kind, key, title: name.slice(0, 200) })
  for (let from = 0; from < all.length; from += BATCH) {
    const batch: T[] = []
    for (const thing of all.slice(from, from + BATCH)) {
      if (!thing.key)
        run.tell({ ...about(thing), key: '?', fate: 'refused', lost: ['has no id to know it by'] })
      else if (isTwice(run.met, kind, thing.key))
        run.tell({ ...about(thing), fate: 'refused', lost: [TWICE] })
      else batch.push(thing)
    }
    const known = await findImported(
      run.db,
      run.source,
      kind,
      batch.map(({ key }) => key)
    )
    const present = await presentOf(run, kind, [...known.values()])
    const fresh = batch.filter(({ key }) => !known.has(key))
    const made = new Map<string, string>()
    const one = async (
      on: Connection,
      db: Database | null,
      tx: Transaction | null,
      thing: T
    ): Promise<Line> => {
      const { id, lost } = await keep(run, on, db, tx, thing)
      if (tx) await noteImported(tx, run.source, kind, [[thing.key, id]])
      made.set(thing.key, id)
      // Within a batch those below find those above.
      ids.set(thing.key, id)
      return { ...about(thing), fate: 'kept', lost }
    }
    const lines: Line[] = []
    if (run.dryRun) for (const thing of fresh) lines.push(await one(run.db, null, null, thing))
    else if (fresh.length > 0)
      lines.push(
        ...(await eachInOneTransaction(run, fresh, (db, tx, thing) => one(tx, db, tx, thing), about))
      )
    for (const line of lines) {
      if (line.fate !== 'kept') ids.delete(line.key)
      run.tell(line)
    }
    // Somebody else made them in the meantime.
    const late = lines.filter(({ fate }) => fate === 'already there').map(({ key }) => key)
    for (const [key, id] of await findImported(run.db, run.source, kind, late)) ids.set(key, id)
    for (const thing of batch.filter(({ key }) => known.has(key))) {
      const id = present.get(known.get(thing.key) as string)
      if (id) ids.set(thing.key, id)
      run.tell({
        ...about(thing),
        fate: 'already there',
        lost: id ? [] : [`the ${kind} was deleted here since, and stays so`]
      })
    }
  }
}

/** Where what was imported before is now: itself, what it was merged into, or gone. */
async function presentOf(run: Run, kind: Kind, ids: string[]): Promise<Map<string, string>> {
  const rows = await run.db.query<{ was: string; id: string }>(
    {
      text:
        kind === 'author'
          ? 'SELECT id AS was, id FROM authors WHERE id = ANY ($1::uuid[])'
          : `SELECT g.id AS was, t.id FROM unnest($1::uuid[]) AS g (id)
              LEFT JOIN tag_merges m ON m.from_id = g.id JOIN tags t ON t.id = coalesce(m.into_id, g.id)`
    },
    [ids]
  )
  return new Map(rows.map(({ was, id }) => [was, id]))
}

async function keepAuthor(
  run: Run,
  on: Connection,
  db: Database | null,
  _tx: Transaction | null,
  author: ForeignAuthor
) {
  const { lost } = author
  const name = cut(author.name || 'Unknown', 200, 'name', lost)
  const wanted = fitSlug(author.slug, 'author') ?? slugFrom(name, 'author')
  const there = await on.prisma.author.findFirst({ where: { slug: wanted, name }, select: { id: true } })
  if (there && !(await isImported(on, run.source, 'author', there.id)))
    return { id: there.id, lost: [...lost.lines(), 'joined with the author of this name here'] }
  const found = await on.prisma.author.findMany({
    where: { slug: { in: slugCandidates(wanted) } },
    select: { slug: true }
  })
  const slug = freeOf(run, 'author', wanted, found)
  if (author.slug && slug !== author.slug) lost.add(`slug ${author.slug} changed to ${slug}`)
  const image = author.image ? webAddress(author.image, run.base, 'picture of an author', lost) : null
  const links = author.links.flatMap(({ label, url }) => {
    const address = webAddress(url, null, 'link of an author', lost)
    return address
      ? [{ label: cut(label, 100, 'label of a link', lost) || new URL(address).host, url: address }]
      : []
  })
  const bio = cut(author.bio, 5000, 'biography', lost)
  const input = {
    name,
    slug,
    ...(bio && { bios: { [run.locale]: bio } }),
    ...(image && { image: { url: image, alt: name } }),
    ...(links.length > 0 && { links: links.slice(0, 20) })
  }
  run.check(NewAuthor, input, '')
  const made = db ? (await createAuthor(db, run.actor, input)).id : NOT_MADE
  return { id: made, lost: lost.lines() }
}

async function keepTag(
  run: Run,
  on: Connection,
  db: Database | null,
  _tx: Transaction | null,
  tag: ForeignTag
) {
  const { lost, kind } = tag
  const name = cut(tag.name || tag.slug || 'Unnamed', 200, 'name', lost)
  const wanted = fitSlug(tag.slug, 'tag') ?? slugFrom(name, 'tag')
  const [there] = await on.prisma.tag.findMany({
    where: { slug: wanted, kind },
    select: { id: true },
    take: 1
  })
  if (there && !(await isImported(on, run.source, 'tag', there.id)))
    return { id: there.id, lost: [...lost.lines(), `joined with the ${kind} of this slug here`] }
  const found = await on.prisma.tagSlug.findMany({
    where: { slug: { in: slugCandidates(wanted) } },
    select: { slug: true }
  })
  const slug = freeOf(run, 'tag', wanted, found)
  if (slug !== tag.slug) lost.add(`slug ${tag.slug || '(none)'} changed to ${slug}`)
  const parentId = tag.parent ? run.tags.get(tag.parent) : undefined
  if (tag.parent && !parentId) lost.add('the tag above it is not in the file, or not kept')
  const description = cut(tag.description, 2000, 'description', lost)
  const input = {
    kind,
    slug,
    names: { [run.locale]: name },
    ...(description && { descriptions: { [run.locale]: description } }),
    ...(parentId && { parentId })
  }
  run.check(NewTag, input, '')
  if (!db) return { id: NOT_MADE, lost: lost.lines() }
  const { id } = await createTag(db, run.actor, input)
  if (slug !== tag.slug) await leadOn(run, db, tag, slug)
  return { id, lost: lost.lines() }
}

/** Where its articles were listed leads to where they are listed now. With its own slug it does by itself. */
async function leadOn(run: Run, db: Database, { archive, slug }: ForeignTag, now: string) {
  const [path, target] = [pathOf(`${archive}${slug}`), pathOf(`${archive}${now}`)]
  if (!path || !target || path === target) return
  if ((await db.prisma.redirect.count({ where: { path } })) > 0) return
  await createRedirect(db, run.actor, run.user, { path, target })
}

/** The slug, or the next that nobody has: here, or earlier in this run. */
function freeOf(run: Run, kind: Kind, wanted: string, found: { slug: string }[]): string {
  const taken = new Set(found.map(({ slug }) => slug))
  const free = slugCandidates(wanted).find((slug) => !taken.has(slug) && !run.taken.has(`${kind} ${slug}`))
  const slug = free ?? `${wanted}-${Date.now().toString(36)}`
  if (run.dryRun) run.taken.add(`${kind} ${slug}`)
  return slug
}

/** Parents before children. In a circle, somebody begins; who is below in it loses its parent. Twins come last. */
function fromTheTop(tags: ForeignTag[]): ForeignTag[] {
  const byKey = new Map<string, ForeignTag>()
  for (const tag of tags) if (!byKey.has(tag.key)) byKey.set(tag.key, tag)
  const placed = new Set<string>()
  const ordered: ForeignTag[] = []
  for (const tag of byKey.values()) {
    const line: ForeignTag[] = []
    const onTheWay = new Set<string>()
    for (
      let one: ForeignTag | undefined = tag;
      one && !placed.has(one.key) && !onTheWay.has(one.key);
      one = one.parent ? byKey.get(one.parent) : undefined
    ) {
      line.push(one)
      onTheWay.add(one.key)
    }
    for (const one of line.toReversed()) {
      placed.add(one.key)
      ordered.push(one)
    }
  }
  return [...ordered, ...tags.filter((tag) => byKey.get(tag.key) !== tag)]
}
