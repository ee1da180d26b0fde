alter table competitions drop column removed_at;
