-- name: create_shard
INSERT INTO shards (shard, epoch, owner, until) VALUES (?, 0, NULL, 0)

-- name: keep_held
UPDATE shards SET until = ?3 WHERE owner = ?1 AND until > ?2

-- name: take_free
UPDATE shards SET epoch = epoch + 1, owner = ?1, until = ?3
WHERE shard IN (SELECT shard FROM shards WHERE owner IS NULL OR until <= ?2 ORDER BY shard LIMIT ?4)

-- name: held
SELECT shard, epoch FROM shards WHERE owner = ?1 AND until > ?2 ORDER BY shard

-- name: renew
UPDATE shards SET until = ?4 WHERE shard = ?1 AND owner = ?2 AND epoch = ?3 RETURNING shard, epoch

-- name: owner
SELECT owner FROM shards WHERE shard = ? AND until > ?

-- name: release
UPDATE shards SET owner = NULL WHERE shard = ?1 AND owner = ?2 AND epoch = ?3

-- name: setting
SELECT value FROM settings WHERE key = ?

-- name: insert_setting
INSERT INTO settings (key, value) VALUES (?, ?)
