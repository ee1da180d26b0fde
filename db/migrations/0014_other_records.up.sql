-- Readings of types that no rule knows: kept as they came, so that a later release that knows them
-- need not ask for them again.
create table other_records (
  id uuid primary key,
  user_id uuid not null references users (id),
  import_id uuid not null references imports (id) on delete cascade,
  provider text not null,
  identity text not null check (length(identity) <= 255),
  type text not null check (length(type) between 1 and 120),
  started_at timestamptz(3) not null,
  ended_at timestamptz(3) not null,
  content jsonb not null,
  arrived_at timestamptz(3) not null,
  unique (user_id, provider, identity)
);
create index other_records_user_type_idx on other_records (user_id, type, started_at);
create index other_records_import_id_idx on other_records (import_id);
