-- When the public board will stand still, and where it stands while it does.
alter table competitions
  -- Planned; taken away when the freeze is entered in the log.
  add column freeze_at timestamptz(3),
  -- The last number on the public board while it is frozen.
  add column frozen_seq bigint check (frozen_seq >= 0),
  -- The participants that are told meanwhile.
  add column frozen_count integer check (frozen_count >= 0),
  add constraint competitions_frozen_whole check (
    (frozen_at is null) = (frozen_seq is null) and (frozen_at is null) = (frozen_count is null));
create index competitions_freeze_at_idx on competitions (freeze_at) where freeze_at is not null;
