-- Divisions that a competition declares; who is in which stands with the participants and in the log.
alter table competitions
  add column divisions text[] not null default '{}' check (cardinality(divisions) <= 100);

-- Names of teams, of present and former ones; who was in which when is told by the log.
create table teams (
  id uuid primary key,
  competition_id uuid not null references competitions (id) on delete cascade,
  name text not null check (length(name) between 1 and 80),
  created_by uuid references users (id),
  created_at timestamptz(3) not null,
  removed_at timestamptz(3),
  unique (competition_id, id)
);
create unique index teams_name_key on teams (competition_id, lower(name)) where removed_at is null;

alter table participants add column team_id uuid references teams (id) on delete set null;
create index participants_team_idx on participants (team_id) where team_id is not null;

-- The team standings that a result was signed with, under rules with teams.
alter table results add column teams_hash bytea check (octet_length(teams_hash) = 32);

alter table competition_log
  drop constraint competition_log_kind_check,
  drop constraint competition_log_check1,
  drop constraint competition_log_check4,
  add constraint competition_log_kind_check check (kind in (
    'score', 'void_event', 'reinstate_event', 'join', 'leave', 'disqualify', 'reinstate',
    'profile', 'team', 'team_removal', 'course', 'rules', 'status', 'freeze', 'unfreeze')),
  add constraint competition_log_check1 check (kind not in (
    'join', 'leave', 'disqualify', 'reinstate', 'profile', 'team', 'course')
    or participant_id is not null),
  add constraint competition_log_check4 check ((kind in (
    'rules', 'status', 'team', 'team_removal', 'course')) = (body is not null));
