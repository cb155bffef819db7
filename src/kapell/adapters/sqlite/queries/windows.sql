-- name: windows
SELECT body FROM windows

-- name: window_version
SELECT version FROM windows WHERE tenant = ? AND namespace = ? AND flow_id = ? AND trigger_id = ? AND gate = ?

-- name: put_windows
INSERT INTO windows (tenant, namespace, flow_id, trigger_id, gate, version, body)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant, namespace, flow_id, trigger_id, gate)
DO UPDATE SET version = excluded.version, body = excluded.body
