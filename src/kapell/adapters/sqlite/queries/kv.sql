-- name: kv_insert
INSERT INTO kv (tenant, namespace, key, revision, body) VALUES (?, ?, ?, ?, ?)

-- name: kv_newest
SELECT body FROM kv WHERE tenant = ? AND namespace = ? AND key = ? ORDER BY revision DESC LIMIT 1

-- name: kv_revision
SELECT revision FROM kv WHERE tenant = ? AND namespace = ? AND key = ? AND revision = ?

-- name: kv_latest
SELECT body FROM (
  SELECT key, max(revision), body FROM kv
  WHERE tenant = ?1 AND namespace = ?2 AND key >= ?3 AND key < ?3 || char(1114111)
  GROUP BY key
)
ORDER BY key

-- name: kv_namespaces
SELECT DISTINCT namespace FROM kv WHERE tenant = ? ORDER BY namespace

-- name: kv_revisions
SELECT body FROM kv WHERE tenant = ? AND namespace = ? ORDER BY key, revision DESC

-- name: kv_remove
DELETE FROM kv WHERE (tenant, namespace, key, revision) IN (VALUES (?, ?, ?, ?))
