drop table test_transfers, gateway_users, gateway_events;
