-- When an execution has ended: what was there already learns it from its history.
ALTER TABLE executions ADD COLUMN ended_at INTEGER;
UPDATE executions
SET ended_at = CAST(round(unixepoch(CAST(body AS TEXT) ->> '$.history[#-1][1]', 'subsec') * 1000000) AS INTEGER)
WHERE ended = 1;
-- For counting what was created since an instant.
CREATE INDEX executions_created ON executions (created);
