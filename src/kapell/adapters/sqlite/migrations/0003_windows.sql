CREATE TABLE windows (
  tenant TEXT NOT NULL,
  namespace TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  gate TEXT NOT NULL,
  version TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (tenant, namespace, flow_id, trigger_id, gate)
);
