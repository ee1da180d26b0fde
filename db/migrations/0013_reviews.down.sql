drop table reviews;
alter table activities drop column peak_minute_cms, drop column peak_ten_minutes_cms,
  drop column trace_bucket_ms, drop column trace_speeds;
