drop table idempotency_keys;
drop table settings;
drop table api_keys;
