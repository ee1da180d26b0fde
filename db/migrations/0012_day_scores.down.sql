drop table day_scores;
