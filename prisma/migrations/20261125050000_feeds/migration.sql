-- Sitemaps and the newest of all locales together. Nothing here is for Prisma.

-- A sitemap's page is a month of one locale, the news sitemap the last two days of all. What decides whether a row is live
-- is in the index, so counting a million rows reads no article, and skipping to a page reads none that it does not print.
CREATE INDEX publications_by_month ON publications (published_at, locale, id) INCLUDE (live_from, live_until) WHERE NOT withdrawn;
