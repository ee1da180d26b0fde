drop index competition_log_participant_idx;
create index competition_log_participant_idx
  on competition_log (competition_id, participant_id, seq) where participant_id is not null;
