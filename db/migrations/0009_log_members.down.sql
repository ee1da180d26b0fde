drop trigger competitions_log on competitions;
drop function remove_log();
drop trigger participants_in_log on participants;
drop function keep_log_members();
drop trigger competition_log_members on competition_log;
drop function check_log_members();
alter table competition_log
  add constraint competition_log_competition_id_fkey
    foreign key (competition_id) references competitions (id) on delete cascade,
  add constraint competition_log_competition_id_participant_id_fkey
    foreign key (competition_id, participant_id) references participants (competition_id, id);
