-- Results that somebody approved, each revision signed, and the words of organisers.

create table results (
  competition_id uuid not null references competitions (id) on delete cascade,
  revision integer not null check (revision >= 1),
  cause text not null check (cause in ('finalise', 'disqualify', 'reinstate')),
  -- The head of the log that the result follows from.
  seq bigint not null,
  hash bytea not null check (octet_length(hash) = 32),
  -- SHA-256 of the canonical standings.
  standings_hash bytea not null check (octet_length(standings_hash) = 32),
  approved_kind text not null check (approved_kind in ('user', 'api_key', 'system')),
  approved_by uuid,
  approved_at timestamptz(3) not null,
  reason text,
  -- Kept with the signature, so that a new key leaves old results verifiable.
  public_key bytea not null check (octet_length(public_key) = 32),
  signature bytea not null check (octet_length(signature) = 64),
  primary key (competition_id, revision)
);
create index results_public_key_idx on results (public_key, approved_at);
create trigger results_immutable before update or delete on results
  for each row execute function refuse_log_change();
create trigger results_no_truncate before truncate on results
  for each statement execute function refuse_change();

create table announcements (
  id uuid primary key,
  competition_id uuid not null references competitions (id) on delete cascade,
  -- 1, 2, 3, … in the competition: the order of the list.
  number integer not null check (number >= 1),
  kind text not null check (kind in ('news', 'rules')),
  text text not null check (length(text) between 1 and 2000),
  author_kind text not null check (author_kind in ('user', 'api_key', 'system')),
  author_id uuid,
  at timestamptz(3) not null,
  unique (competition_id, number)
);
alter table competitions
  add column announcement_count integer not null default 0 check (announcement_count >= 0);
