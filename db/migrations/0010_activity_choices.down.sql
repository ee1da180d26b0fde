drop index activities_user_ended_idx;
alter table activities drop column chosen_at, drop column corrected_type;
