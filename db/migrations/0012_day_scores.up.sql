-- Up to when the beginnings of local days are in the scores that depend on them.
create table day_scores (
  competition_id uuid primary key references competitions (id) on delete cascade,
  done_until timestamptz(3) not null
);
