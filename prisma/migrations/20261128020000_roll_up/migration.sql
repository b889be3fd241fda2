-- What is not rolled up yet: counts of hours that do not begin a day of UTC. Nothing here is for Prisma.

-- Rolling up looks for the oldest of them in small steps, and must not read all that was rolled up before with each.
CREATE INDEX share_link_clicks_by_hour ON share_link_clicks (hour)
  WHERE (hour AT TIME ZONE 'UTC') <> date_trunc('day', hour AT TIME ZONE 'UTC');
CREATE INDEX article_views_by_hour ON article_views (hour)
  WHERE (hour AT TIME ZONE 'UTC') <> date_trunc('day', hour AT TIME ZONE 'UTC');
