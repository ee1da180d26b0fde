drop table provider_pauses;
drop table connection_attempts;
drop table connections;
