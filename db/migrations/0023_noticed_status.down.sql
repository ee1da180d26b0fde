drop trigger participants_status on participants;
drop function note_participant_status();
