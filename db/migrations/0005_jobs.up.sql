-- What background jobs need beside the queue's own schema (graphile_worker), which is installed
-- after the migrations.

-- Nodes that run jobs say now and then that they live; the jobs of one that fell silent are taken up
-- by the others.
create table job_nodes (
  id text primary key,
  seen_at timestamptz(3) not null
);

-- When a schedule was last due, so that of several nodes one enqueues each turn.
create table job_schedules (
  name text primary key check (length(name) between 1 and 80),
  due_at timestamptz(3) not null
);
