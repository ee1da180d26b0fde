-- Keys of apps, settings of the platform, answers of requests that carried an idempotency key.

create table api_keys (
  id uuid primary key,
  name text not null check (length(name) between 1 and 80),
  -- The public part of the key; the secret part is kept as its hash only.
  prefix text not null unique check (prefix ~ '^pb_[A-Za-z0-9]{10}$'),
  secret_hash bytea not null check (length(secret_hash) = 32),
  scopes text[] not null check (cardinality(scopes) between 1 and 32),
  -- Who answers for the key and owns what it creates; without an active owner it does not work.
  owner_id uuid not null references users (id),
  quota_per_minute integer not null check (quota_per_minute between 1 and 600000),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  -- Any change of what the key may do; nodes look for keys changed since their last look.
  changed_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  check (expires_at > created_at)
);
create index api_keys_changed_at_idx on api_keys (changed_at);
create index api_keys_owner_id_idx on api_keys (owner_id);

create table settings (
  key text primary key check (key ~ '^[a-z][A-Za-z]{1,60}$'),
  value jsonb not null,
  updated_at timestamptz(3) not null
);

create table idempotency_keys (
  -- Stays the same when another request takes over after a crash, so that effects can refer to it.
  id uuid primary key,
  actor_kind text not null check (actor_kind in ('user', 'api_key')),
  actor_id uuid not null,
  route text not null check (length(route) <= 200),
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null check (length(request_hash) = 32),
  -- Until then the request that claimed the key is taken to be at work.
  held_until timestamptz(3) not null,
  -- Which request holds it; one that was taken over from cannot store its answer.
  holder uuid not null,
  status smallint check (status between 200 and 499),
  content_type text,
  body text,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  check ((status is null) = (body is null)),
  unique (actor_id, actor_kind, route, key)
);
create index idempotency_keys_expires_at_idx on idempotency_keys (expires_at);
