-- Nodes remember who takes part as of a version of the competition's row. Every way of the product
-- changes that row with the participant's; a status that is changed by hand must be noticed as well,
-- before the next score is taken.
create function note_participant_status() returns trigger language plpgsql as $$
begin
  update competitions set last_seq = last_seq where id = new.competition_id;
  return null;
end $$;
create trigger participants_status after update of status on participants
  for each row when (old.status is distinct from new.status)
  execute function note_participant_status();
