-- Files are found again in other accounts by their content, which the identity begins with; an
-- archive brings thousands of them at once.
create index activities_file_content_idx on activities (split_part(identity, '#', 1))
  where provider = 'file' and deleted_at is null;
