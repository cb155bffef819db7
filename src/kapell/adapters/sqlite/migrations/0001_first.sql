-- Times are microseconds since 1970, bodies are JSON. Rows of one execution lie together: ids sort by creation.
-- Tables with wide bodies keep their rowid: a WITHOUT ROWID table spills rows over a quarter of a page.

CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE flows (
  tenant TEXT NOT NULL,
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  draft INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (tenant, namespace, id, revision)
);

CREATE TABLE executions (
  id TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL,
  root_id TEXT NOT NULL,
  shard INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  parent_id TEXT,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX executions_unfinished ON executions (shard, id) WHERE ended = 0;
CREATE INDEX executions_flow ON executions (tenant, flow_id, id);
CREATE INDEX executions_namespace ON executions (tenant, namespace, id) WHERE kind = 'NORMAL';
CREATE INDEX executions_state ON executions (tenant, state, id) WHERE ended = 1;
CREATE INDEX executions_parent ON executions (parent_id, id) WHERE parent_id IS NOT NULL;

CREATE TABLE task_runs (
  execution_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (execution_id, number)
);

CREATE TABLE outputs (
  task_run_id TEXT NOT NULL PRIMARY KEY,
  body BLOB NOT NULL
);

CREATE TABLE journal (
  execution_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (execution_id, version)
);

CREATE TABLE inbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  execution_id TEXT NOT NULL,
  shard INTEGER NOT NULL,
  body BLOB NOT NULL
);

CREATE TABLE timers (
  execution_id TEXT NOT NULL,
  id TEXT NOT NULL,
  shard INTEGER NOT NULL,
  due INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (execution_id, id)
) WITHOUT ROWID;
CREATE INDEX timers_due ON timers (shard, due);

CREATE TABLE jobs (
  execution_id TEXT NOT NULL,
  id TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (execution_id, id)
) WITHOUT ROWID;

CREATE TABLE logs (
  execution_id TEXT NOT NULL,
  task_run_id TEXT,
  attempt INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  level INTEGER NOT NULL,
  body BLOB NOT NULL
);
-- A line of the execution itself has no task run, and null is not equal to null: these are all kept.
CREATE UNIQUE INDEX logs_line ON logs (execution_id, task_run_id, attempt, number);

CREATE TABLE metrics (
  execution_id TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX metrics_execution ON metrics (execution_id);

CREATE TABLE shards (
  shard INTEGER NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL,
  owner TEXT,
  until INTEGER NOT NULL
);

CREATE TABLE idempotency (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT,
  execution_id TEXT NOT NULL,
  PRIMARY KEY (tenant, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_execution ON idempotency (execution_id);
