alter table competitions drop column announcement_count;
drop table announcements;
drop table results;
