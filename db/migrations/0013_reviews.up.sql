-- How fast a session went: its fastest minute and ten, and a trace for whoever reviews it.
alter table activities
  add column peak_minute_cms integer check (peak_minute_cms >= 0),
  add column peak_ten_minutes_cms integer check (peak_ten_minutes_cms >= 0),
  add column trace_bucket_ms integer check (trace_bucket_ms > 0),
  add column trace_speeds integer[] check (cardinality(trace_speeds) <= 240);

-- What somebody has to look at, or has looked at, before it counts: a session, or a local day.
create table reviews (
  id uuid primary key,
  competition_id uuid not null references competitions (id) on delete cascade,
  participant_id uuid not null,
  user_id uuid not null references users (id),
  activity_id uuid references activities (id),
  day date,
  cause text not null check (cause in ('implausible', 'shared_file')),
  status text not null check (status in ('open', 'accepted', 'rejected', 'appealed', 'cleared')),
  created_at timestamptz(3) not null,
  decided_at timestamptz(3),
  -- Null where the figures decided.
  decided_by uuid references users (id),
  reason text check (length(reason) <= 2000),
  appeal text check (length(appeal) between 1 and 2000),
  appealed_at timestamptz(3),
  foreign key (competition_id, participant_id)
    references participants (competition_id, id) on delete cascade,
  check ((activity_id is null) <> (day is null)),
  check (status not in ('accepted') or decided_by is not null)
);
create unique index reviews_subject_key
  on reviews (participant_id, activity_id, day) nulls not distinct;
create index reviews_competition_idx on reviews (competition_id, status, created_at);
create index reviews_user_idx on reviews (user_id, created_at);
