drop table samples, activities, imports, standings, competition_log, participants, competitions,
  audit_log, sign_in_links, refresh_tokens, sessions, profiles, users;
drop function refuse_log_change();
drop function refuse_change();
