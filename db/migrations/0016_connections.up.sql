-- Providers whose cloud a person connected. Tokens are sealed (AES-256-GCM) by keys that the
-- database does not know; `key_id` names the one that opens them.
create table connections (
  id uuid primary key,
  user_id uuid not null references users (id),
  provider text not null check (provider in ('strava', 'google_fit')),
  -- The person at the provider; null where it does not say.
  account_id text check (length(account_id) between 1 and 200),
  scopes text[] not null,
  status text not null check (status in ('active', 'needs_reconnect', 'revoking')),
  tokens bytea,
  key_id text,
  expires_at timestamptz(3) not null,
  cursor jsonb,
  pull_from timestamptz(3) not null,
  connected_at timestamptz(3) not null,
  last_pull_at timestamptz(3),
  next_pull_at timestamptz(3) not null,
  failures integer not null default 0 check (failures >= 0),
  fault text,
  check ((tokens is null) = (key_id is null)),
  check (status = 'needs_reconnect' or tokens is not null)
);
-- What is only left to be ended at the provider stands in nobody's way.
create unique index connections_user_key on connections (user_id, provider)
  where status <> 'revoking';
create unique index connections_account_key on connections (provider, account_id)
  where status <> 'revoking';
create index connections_due_idx on connections (next_pull_at) where status <> 'needs_reconnect';

-- A person who was sent to a provider and is not back yet.
create table connection_attempts (
  state_hash text primary key,
  user_id uuid not null references users (id),
  provider text not null,
  verifier bytea not null,
  key_id text not null,
  expires_at timestamptz(3) not null
);

-- The quota is the app's: while one connection was told to wait, none of the provider asks.
create table provider_pauses (
  provider text primary key,
  until timestamptz(3) not null
);
