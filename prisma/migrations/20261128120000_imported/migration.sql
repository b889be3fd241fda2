-- What came from another system, so that an import that was ended in the middle goes on without twins.

-- No foreign key: what was imported and is gone since does not come back with the next run.
CREATE TABLE "imported" (
    "source" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "imported_pkey" PRIMARY KEY ("source", "kind", "key")
);
