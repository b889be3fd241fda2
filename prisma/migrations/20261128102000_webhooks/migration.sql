-- Webhooks: whom events are sent to, and what came of it. The first part is what `schema.prisma` says; from "Beyond Prisma"
-- on it is what Prisma's language has no words for.

-- CreateEnum
CREATE TYPE "delivery_state" AS ENUM ('pending', 'delivered', 'failed', 'dead');

-- CreateTable
CREATE TABLE "webhooks" (
    "id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "description" TEXT NOT NULL DEFAULT '',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "sealed_secret" BYTEA NOT NULL,
    "sealed_former" BYTEA,
    "former_until" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "webhook_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "state" "delivery_state" NOT NULL DEFAULT 'pending',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "attempts" JSONB NOT NULL DEFAULT '[]',
    "due_at" TIMESTAMPTZ(3),
    "lease" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("webhook_id","event_id")
);

-- CreateIndex
CREATE INDEX "webhooks_newest" ON "webhooks"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_deliveries_newest" ON "webhook_deliveries"("webhook_id", "created_at" DESC, "event_id" DESC);

-- CreateIndex
CREATE INDEX "webhook_deliveries_event_id_idx" ON "webhook_deliveries"("event_id");

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ======================================================================================================================
-- Beyond Prisma
-- ======================================================================================================================

CREATE TRIGGER webhooks_touch BEFORE UPDATE ON webhooks FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();

ALTER TABLE webhooks
  ADD CONSTRAINT webhooks_disabled CHECK (disabled_reason IS NULL OR (NOT enabled AND disabled_reason IN ('gone', 'exhausted'))),
  ADD CONSTRAINT webhooks_former CHECK ((sealed_former IS NULL) = (former_until IS NULL));
-- What is over is never due, and what is not over always is at some time.
ALTER TABLE webhook_deliveries
  ADD CONSTRAINT webhook_deliveries_due CHECK ((due_at IS NULL) = (state IN ('delivered', 'dead')));

-- What is to be sent, by webhook: as small as there is work to do.
CREATE INDEX webhook_deliveries_due_by_webhook ON webhook_deliveries (webhook_id, due_at) WHERE due_at IS NOT NULL;
