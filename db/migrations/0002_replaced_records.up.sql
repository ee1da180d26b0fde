-- When a later version took a record's place. One that came after a competition's grace is late
-- there, and the version that was admitted goes on counting.

alter table activities
  add column replaced_at timestamptz(3),
  add constraint activities_replaced_check check (replaced_at is null or deleted_at is not null);
create index activities_replaced_idx on activities (user_id, replaced_at)
  where replaced_at is not null;

alter table samples
  add column replaced_at timestamptz(3),
  add constraint samples_replaced_check check (replaced_at is null or deleted_at is not null);
create index samples_replaced_idx on samples (user_id, quantity, replaced_at)
  where replaced_at is not null;
