-- A demo competition that was removed, and stays because books that keep everything name it.
alter table competitions add column removed_at timestamptz(3);
