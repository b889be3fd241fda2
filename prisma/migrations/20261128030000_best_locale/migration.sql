-- In which language a text is shown that is not there in the language wanted. Nothing here is for Prisma.

-- The first of the fallbacks that has it, else any. A function, and no subselect at its place, because nearly all texts
-- are there in the language wanted: what a statement holds is set up each time it runs, whether it is needed or not.
CREATE FUNCTION best_locale(texts jsonb, fallbacks text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT key FROM jsonb_object_keys(texts) AS key
  ORDER BY coalesce(array_position(fallbacks, key), 1000), key LIMIT 1
$$;
