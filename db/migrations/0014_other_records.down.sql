drop table other_records;
