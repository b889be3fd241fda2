-- Wrong passwords, counted over all instances. No e-mail address and no network address is kept: keys are HMACs.

CREATE TABLE sign_in_failures (
  key bytea NOT NULL,
  failures integer NOT NULL,
  until timestamptz(3) NOT NULL,
  CONSTRAINT sign_in_failures_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_failures_until_idx ON sign_in_failures (until);

CREATE TABLE sign_in_networks (
  key bytea NOT NULL,
  seen_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT sign_in_networks_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_networks_seen_at_idx ON sign_in_networks (seen_at);
