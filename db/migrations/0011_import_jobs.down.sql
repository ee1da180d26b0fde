drop index samples_import_id_idx;
update imports set status = 'rejected', reason = coalesce(reason, 'interrupted')
  where status in ('queued', 'running', 'failed');
alter table imports
  drop column ended_at,
  drop column totals,
  drop column total_bytes,
  drop column read_bytes,
  drop constraint imports_status_check,
  add constraint imports_status_check check (status in ('done', 'rejected'));
