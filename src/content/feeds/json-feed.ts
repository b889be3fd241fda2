/** JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). What it has no members for stands in `_dateline`. */
import type { Feed, FeedItem } from './feed.ts'

export const jsonFeed = (feed: Feed) => ({
  version: 'https://jsonfeed.org/version/1.1',
  title: feed.title,
  home_page_url: feed.home,
  feed_url: feed.self,
  description: feed.description,
  language: feed.locale,
  authors: [{ name: feed.publisher, url: feed.home }],
  ...(feed.rights && { _dateline: { rights: feed.rights } }),
  items: feed.items.map(item)
})

const item = (article: FeedItem) => ({
  id: article.urn,
  url: article.url,
  title: article.headline,
  content_text: article.standfirst,
  ...(article.image && { image: article.image.url }),
  date_published: article.publishedAt.toISOString(),
  date_modified: article.updatedAt.toISOString(),
  ...(article.authors.length > 0 && { authors: article.authors.map(({ name }) => ({ name })) }),
  ...(article.tags.length > 0 && { tags: article.tags.map(({ name }) => name) }),
  language: article.locale,
  _dateline: { source: article.source, rights: article.rights }
})
