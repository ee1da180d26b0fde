alter table samples drop column replaced_at;
alter table activities drop column replaced_at;
