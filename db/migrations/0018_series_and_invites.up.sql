-- Competitions that move by themselves, come again, and choose who may enter.

-- The last phase that participants were told of; null until the timetable looked.
alter table competitions add column phase_noted text
  check (phase_noted in ('upcoming', 'registration', 'active', 'grace', 'provisional'));
-- Who approves the result: somebody, or the schedule once nothing stands in the way.
alter table competitions add column finalization text not null default 'manual'
  check (finalization in ('manual', 'automatic'));
alter table competitions add column entry_conditions jsonb;

-- What comes again: each occurrence is a competition of its own, found by its number.
create table competition_series (
  id uuid primary key,
  recurrence jsonb not null,
  -- The first occurrence, from which all others follow.
  time_zone text not null,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  slug text not null,
  skipped integer[] not null default '{}',
  stopped_at timestamptz(3),
  created_at timestamptz(3) not null,
  check (ends_at > starts_at)
);
alter table competitions add column series_id uuid references competition_series (id);
alter table competitions add column series_index integer check (series_index >= 0);
alter table competitions add constraint competitions_series_whole
  check ((series_id is null) = (series_index is null));
-- Two nodes cannot make the same occurrence.
create unique index competitions_series_key on competitions (series_id, series_index);

create table competition_invites (
  id uuid primary key,
  competition_id uuid not null references competitions (id) on delete cascade,
  -- The public half of the code; the other half is a signature, which is stored nowhere.
  handle text not null unique check (length(handle) = 8),
  label text check (length(label) between 1 and 120),
  division text,
  -- Only this person may use it.
  email text,
  uses_max integer check (uses_max > 0),
  uses integer not null default 0 check (uses >= 0),
  expires_at timestamptz(3),
  created_by uuid references users (id),
  created_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  -- The last use admits one, whoever races.
  constraint competition_invites_uses_held check (uses <= uses_max)
);
create index competition_invites_competition_idx
  on competition_invites (competition_id, created_at desc);

alter table participants add column invite_id uuid references competition_invites (id);
-- What somebody agreed to at the join, and when.
alter table participants add column consents jsonb;
-- An entry that is paid at the gateway joins later, with what was shown when it was ordered.
alter table orders add column entry_request jsonb;

-- For minimum ages; seen by the person and admins only.
alter table profiles add column birth_date date check (birth_date > '1900-01-01');
