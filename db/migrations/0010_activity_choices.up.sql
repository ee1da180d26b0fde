-- What an athlete said about an activity: that it counts of its doubles, and what kind it was. The
-- record itself stays as the device sent it.
alter table activities
  add column chosen_at timestamptz(3),
  add column corrected_type text check (length(corrected_type) between 1 and 40);
create index activities_user_ended_idx on activities (user_id, ended_at desc, id)
  where deleted_at is null;
