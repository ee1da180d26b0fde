-- People, sessions, competitions with their hash-chained log, standings, activity, imports, audit.

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are immutable', tg_table_name using errcode = 'PB001';
end $$;

create table users (
  id uuid primary key,
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 80),
  role text not null default 'member'
    check (role in ('member', 'organiser', 'referee', 'finance', 'admin')),
  status text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
  password_hash text,
  -- Any change of role, status or password; verified tokens older than it are looked up again.
  access_changed_at timestamptz(3) not null,
  is_demo boolean not null default false,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  deleted_at timestamptz(3)
);
create unique index users_email_key on users (email) where status <> 'deleted';
create index users_access_changed_at_idx on users (access_changed_at);
create index users_name_idx on users (lower(name), id);

create table profiles (
  user_id uuid primary key references users (id) on delete cascade,
  alias text check (length(alias) between 1 and 80),
  bio text not null default '' check (length(bio) <= 500),
  country text check (country ~ '^[A-Z]{2}$'),
  time_zone text not null default 'UTC',
  units text not null default 'metric' check (units in ('metric', 'imperial')),
  locale text not null default 'en' check (length(locale) between 2 and 35),
  avatar_url text,
  updated_at timestamptz(3) not null
);

create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  kind text not null check (kind in ('api', 'browser')),
  -- Browser sessions are an opaque cookie; only its hash is kept.
  cookie_hash bytea unique,
  user_agent text check (length(user_agent) <= 400),
  address text,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  revoke_reason text,
  check ((kind = 'browser') = (cookie_hash is not null)),
  check (expires_at > created_at)
);
create index sessions_user_id_idx on sessions (user_id);
create index sessions_revoked_at_idx on sessions (revoked_at) where revoked_at is not null;

create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  issued_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  -- A token used twice was stolen: its whole session ends.
  used_at timestamptz(3)
);
create index refresh_tokens_session_id_idx on refresh_tokens (session_id);

create table sign_in_links (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);

create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'system')),
  actor_id uuid,
  action text not null,
  target_kind text not null,
  target_id text,
  before jsonb,
  after jsonb,
  reason text,
  address text,
  request_id text,
  check ((actor_kind = 'system') = (actor_id is null))
);
create index audit_log_target_idx on audit_log (target_kind, target_id, id);
create index audit_log_actor_idx on audit_log (actor_id, id);
create trigger audit_log_immutable before update or delete on audit_log
  for each row execute function refuse_change();
create trigger audit_log_no_truncate before truncate on audit_log
  for each statement execute function refuse_change();

create table competitions (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 80),
  name text not null check (length(name) between 1 and 120),
  description text not null default '' check (length(description) <= 10000),
  visibility text not null check (visibility in ('public', 'unlisted', 'invite')),
  invite_code text check (length(invite_code) between 6 and 64),
  owner_id uuid not null references users (id),
  status text not null default 'draft'
    check (status in ('draft', 'published', 'final', 'settled', 'cancelled')),
  time_zone text not null,
  registration_opens_at timestamptz(3),
  registration_closes_at timestamptz(3) not null,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  grace_ms bigint not null check (grace_ms between 0 and 2592000000),
  capacity integer check (capacity between 1 and 10000000),
  minimum_participants integer check (minimum_participants between 1 and 10000000),
  rules jsonb not null,
  rules_version integer not null default 1 check (rules_version >= 1),
  participant_count integer not null default 0 check (participant_count >= 0),
  frozen_at timestamptz(3),
  -- The log: epoch changes only when offsets lose their meaning; head_* is the last entry.
  epoch uuid not null,
  last_seq bigint not null default 0,
  last_arrived_at timestamptz(3),
  last_hash bytea not null default '\x0000000000000000000000000000000000000000000000000000000000000000',
  is_demo boolean not null default false,
  published_at timestamptz(3),
  cancelled_at timestamptz(3),
  cancel_reason text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  check (starts_at >= '2000-01-01T00:00:00Z' and ends_at > starts_at),
  check (registration_closes_at <= ends_at),
  check (registration_opens_at is null or registration_opens_at < registration_closes_at),
  check (visibility <> 'invite' or invite_code is not null),
  constraint competitions_capacity_held check (capacity is null or participant_count <= capacity),
  check (octet_length(last_hash) = 32)
);
create index competitions_owner_id_idx on competitions (owner_id);
create index competitions_status_ends_at_idx on competitions (status, ends_at);

create table participants (
  id uuid primary key,
  competition_id uuid not null references competitions (id) on delete cascade,
  user_id uuid not null references users (id),
  division text check (length(division) between 1 and 80),
  status text not null default 'active' check (status in ('active', 'withdrawn', 'disqualified')),
  joined_at timestamptz(3) not null,
  left_at timestamptz(3),
  -- Zone fixed at join, for rules that count the athlete's own days.
  time_zone text not null,
  unique (competition_id, user_id),
  unique (competition_id, id)
);
create index participants_user_id_idx on participants (user_id);

create table competition_log (
  competition_id uuid not null references competitions (id) on delete cascade,
  seq bigint not null check (seq >= 1),
  kind text not null check (kind in (
    'score', 'void_event', 'reinstate_event', 'join', 'leave', 'disqualify', 'reinstate',
    'profile', 'rules', 'status', 'freeze', 'unfreeze')),
  arrived_at timestamptz(3) not null,
  participant_id uuid,
  event_id uuid,
  operator text check (operator in ('set', 'best', 'increment', 'decrement')),
  value bigint check (value between -9007199254740991 and 9007199254740991),
  occurred_at timestamptz(3),
  source text check (source in ('direct', 'activity', 'staff')),
  rules_version integer,
  division text,
  body jsonb,
  -- The participant's score when the event was stored: what a repeated key is answered.
  score_after bigint,
  idempotency_key text check (length(idempotency_key) between 1 and 255),
  request_hash bytea,
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'system')),
  actor_id uuid,
  request_id text,
  reason text,
  metadata jsonb,
  hash bytea not null check (octet_length(hash) = 32),
  primary key (competition_id, seq),
  foreign key (competition_id, participant_id) references participants (competition_id, id),
  check (kind not in ('score', 'void_event', 'reinstate_event')
    or (participant_id is not null and event_id is not null)),
  check (kind not in ('join', 'leave', 'disqualify', 'reinstate', 'profile')
    or participant_id is not null),
  check ((kind = 'score') = (operator is not null and occurred_at is not null
    and source is not null and rules_version is not null)),
  check (kind <> 'score' or value is not null or source = 'activity'),
  check ((kind in ('rules', 'status')) = (body is not null))
);
create unique index competition_log_idempotency_key
  on competition_log (competition_id, idempotency_key) where idempotency_key is not null;
create unique index competition_log_event_key on competition_log (event_id) where kind = 'score';
create index competition_log_participant_idx
  on competition_log (competition_id, participant_id, seq) where participant_id is not null;

-- Immutable, but for the removal of demo data, which a transaction must announce.
create function refuse_log_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('paceboard.remove_demo', true) = 'on'
    and not exists (select 1 from competitions c where c.id = old.competition_id and not c.is_demo)
  then
    return old;
  end if;
  raise exception 'rows of % are immutable', tg_table_name using errcode = 'PB001';
end $$;
create trigger competition_log_immutable before update or delete on competition_log
  for each row execute function refuse_log_change();
create trigger competition_log_no_truncate before truncate on competition_log
  for each statement execute function refuse_change();

-- A projection of the log: what domain/standings folds, kept so that a board needs no replay.
create table standings (
  competition_id uuid not null,
  participant_id uuid not null,
  score bigint,
  reached_at timestamptz(3),
  event_count integer not null default 0,
  best_event bigint,
  -- The newest folded event in the order (occurred_at, seq); an older one folds the participant anew.
  last_occurred_at timestamptz(3),
  last_event_seq bigint,
  primary key (competition_id, participant_id),
  foreign key (competition_id, participant_id)
    references participants (competition_id, id) on delete cascade,
  check ((score is null) = (reached_at is null))
) with (fillfactor = 70);

create table imports (
  id uuid primary key,
  user_id uuid not null references users (id),
  kind text not null check (kind in ('file', 'sync')),
  provider text not null,
  format text,
  file_name text check (length(file_name) <= 255),
  file_hash bytea,
  size_bytes bigint not null check (size_bytes >= 0),
  status text not null check (status in ('done', 'rejected')),
  reason text,
  imported_count integer not null default 0,
  duplicate_count integer not null default 0,
  merged_count integer not null default 0,
  flagged_count integer not null default 0,
  rejected_count integer not null default 0,
  records jsonb not null,
  competitions jsonb not null default '[]',
  created_at timestamptz(3) not null
);
create index imports_user_id_idx on imports (user_id, created_at desc);

create table activities (
  id uuid primary key,
  user_id uuid not null references users (id),
  import_id uuid not null references imports (id),
  provider text not null,
  -- The provider's record id, or file hash and place in the file: unique while not deleted.
  identity text not null check (length(identity) <= 255),
  content_hash bytea not null,
  type text not null,
  started_at timestamptz(3) not null check (started_at >= '2000-01-01T00:00:00Z'),
  ended_at timestamptz(3) not null,
  zone_offset_minutes smallint check (zone_offset_minutes between -1080 and 1080),
  distance_mm bigint check (distance_mm >= 0),
  moving_time_ms bigint check (moving_time_ms >= 0),
  active_energy_cal bigint check (active_energy_cal >= 0),
  elevation_gain_mm bigint check (elevation_gain_mm >= 0),
  steps bigint check (steps >= 0),
  floors bigint check (floors >= 0),
  recording_method text not null
    check (recording_method in ('active', 'automatic', 'manual', 'unknown')),
  source_app text,
  source_device text,
  arrived_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  check (ended_at > started_at)
);
create unique index activities_identity_key
  on activities (user_id, provider, identity) where deleted_at is null;
create index activities_user_started_idx on activities (user_id, started_at) where deleted_at is null;

create table samples (
  id uuid primary key,
  user_id uuid not null references users (id),
  import_id uuid not null references imports (id),
  provider text not null,
  identity text not null check (length(identity) <= 255),
  content_hash bytea not null,
  quantity text not null,
  value bigint not null check (value >= 0),
  started_at timestamptz(3) not null check (started_at >= '2000-01-01T00:00:00Z'),
  ended_at timestamptz(3) not null,
  zone_offset_minutes smallint check (zone_offset_minutes between -1080 and 1080),
  recording_method text not null
    check (recording_method in ('active', 'automatic', 'manual', 'unknown')),
  source_app text,
  source_device text,
  arrived_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  check (ended_at > started_at)
);
create unique index samples_identity_key
  on samples (user_id, provider, identity) where deleted_at is null;
create index samples_user_started_idx on samples (user_id, quantity, started_at)
  where deleted_at is null;
