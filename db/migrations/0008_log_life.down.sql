drop index competition_log_life_idx;
