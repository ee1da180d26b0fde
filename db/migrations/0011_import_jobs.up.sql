-- Imports that take long are jobs: how far they have come, and what was in the file.
alter table imports
  drop constraint imports_status_check,
  add constraint imports_status_check
    check (status in ('queued', 'running', 'done', 'rejected', 'failed')),
  add column read_bytes bigint not null default 0 check (read_bytes >= 0),
  add column total_bytes bigint not null default 0 check (total_bytes >= 0),
  add column totals jsonb,
  add column ended_at timestamptz(3);
create index samples_import_id_idx on samples (import_id);
