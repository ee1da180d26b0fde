-- The few entries of a log that are about nobody: rules, phases, freezes. Finding the last of them
-- must not read all the scores after it.
create index competition_log_life_idx on competition_log (competition_id, seq)
  where participant_id is null;
