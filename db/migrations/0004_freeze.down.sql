drop index competitions_freeze_at_idx;
alter table competitions
  drop constraint competitions_frozen_whole,
  drop column frozen_count,
  drop column frozen_seq,
  drop column freeze_at;
