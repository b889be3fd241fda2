-- Replaying what happened in a span of time must not read all events.
CREATE INDEX "events_at_idx" ON "events"("at");
