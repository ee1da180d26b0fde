drop schema if exists graphile_worker cascade;
drop table job_schedules;
drop table job_nodes;
