-- A foreign key looks and locks once for each row, which was a third of what an entry of the log
-- cost the database. The same promise, kept once for each statement: whatever is appended belongs to
-- a competition and a participant that exist, and neither goes away while the log has entries of it.
-- Writers hold the competition's row, and so does whoever removes it, so that none slips between.
alter table competition_log
  drop constraint competition_log_competition_id_fkey,
  drop constraint competition_log_competition_id_participant_id_fkey;

create function check_log_members() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct competition_id from added) a
    where not exists (select from competitions c where c.id = a.competition_id)
  ) or exists (
    select from added a
    where a.participant_id is not null and not exists (
      select from participants p
      where p.id = a.participant_id and p.competition_id = a.competition_id)
  ) then
    raise exception 'entry of the log without its competition or participant'
      using errcode = 'foreign_key_violation', constraint = 'competition_log_members',
        table = 'competition_log';
  end if;
  return null;
end $$;
create trigger competition_log_members after insert on competition_log
  referencing new table as added
  for each statement execute function check_log_members();

create function keep_log_members() returns trigger language plpgsql as $$
begin
  if exists (
    select from removed r
    join competition_log l on l.competition_id = r.competition_id and l.participant_id = r.id
  ) then
    raise exception 'participant is still in the log'
      using errcode = 'foreign_key_violation', constraint = 'competition_log_members',
        table = 'participants';
  end if;
  return null;
end $$;
create trigger participants_in_log after delete on participants
  referencing old table as removed
  for each statement execute function keep_log_members();

-- As the foreign key's cascade did: the log goes with its competition, where it may go at all.
create function remove_log() returns trigger language plpgsql as $$
begin
  delete from competition_log where competition_id = old.id;
  return old;
end $$;
create trigger competitions_log before delete on competitions
  for each row execute function remove_log();
