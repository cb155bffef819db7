-- name: insert_flow
INSERT INTO flows (tenant, namespace, id, revision, deleted, draft, body) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: revision
SELECT body FROM flows WHERE tenant = ? AND namespace = ? AND id = ? AND revision = ?

-- name: newest
SELECT body FROM flows WHERE tenant = ? AND namespace = ? AND id = ? ORDER BY revision DESC LIMIT 1

-- name: newest_not_draft
SELECT body FROM flows WHERE tenant = ? AND namespace = ? AND id = ? AND draft = 0 ORDER BY revision DESC LIMIT 1

-- name: list
SELECT body FROM (
  SELECT namespace, id, max(revision), deleted, body FROM flows
  WHERE tenant = ?1 AND (?2 IS NULL OR namespace = ?2 OR (namespace > ?2 || '.' AND namespace < ?2 || '/'))
  GROUP BY namespace, id
)
WHERE deleted = 0
ORDER BY namespace, id

-- name: any_flow_in
SELECT 1 FROM (
  SELECT namespace, id, max(revision), deleted FROM flows
  WHERE tenant = ?1 AND (namespace = ?2 OR (namespace > ?2 || '.' AND namespace < ?2 || '/'))
  GROUP BY namespace, id
)
WHERE deleted = 0
LIMIT 1

-- name: revisions
SELECT body FROM flows WHERE tenant = ? AND namespace = ? AND id = ? ORDER BY revision DESC

-- name: purge_flows
DELETE FROM flows
WHERE tenant = ?1 AND namespace = ?2 AND id = ?3 AND revision IN (SELECT value FROM json_each(?4))
  AND revision < (SELECT max(revision) FROM flows WHERE tenant = ?1 AND namespace = ?2 AND id = ?3)
