/** Numbered changes of the schema; each runs in one transaction and sets `user_version`. */

export interface Migration {
  version: number;
  sql: string;
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE documents (            -- contents of keyword and prompt files, once per content
  sha256 TEXT PRIMARY KEY,
  content TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,   -- creation order
  id TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,                     -- without "(Rerun …)"
  rerun INTEGER NOT NULL DEFAULT 0,
  parent_id TEXT,
  status TEXT NOT NULL,
  stopping INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  running_ms INTEGER NOT NULL DEFAULT 0,   -- closed running spans
  running_since INTEGER,                   -- open span
  planned INTEGER NOT NULL DEFAULT 0,
  generated INTEGER NOT NULL DEFAULT 0,
  checked INTEGER NOT NULL DEFAULT 0,
  approved INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  percent INTEGER NOT NULL DEFAULT 0,      -- high-water mark
  image_provider TEXT NOT NULL,
  error TEXT,                              -- JSON JobError
  settings TEXT NOT NULL,                  -- JSON, editable, for reruns
  snapshot TEXT,                           -- JSON, frozen at the first start
  inputs TEXT NOT NULL,                    -- JSON JobInputs
  plan TEXT NOT NULL                       -- JSON: row order seed, chosen rows, template hash
);
CREATE INDEX jobs_by_start ON jobs (coalesce(started_at, created_at), seq);
CREATE INDEX jobs_by_status ON jobs (status, seq);

CREATE TABLE generations (
  job_seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  keyword_row INTEGER NOT NULL,
  keyword TEXT NOT NULL,                   -- JSON: column to value
  row_key TEXT NOT NULL,                   -- hash of row and template: "only rows not done yet"
  prompt TEXT,
  PRIMARY KEY (job_seq, generation)
) WITHOUT ROWID;
CREATE INDEX generations_by_row_key ON generations (row_key);

CREATE TABLE slots (
  job_seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  variation INTEGER NOT NULL,
  state TEXT NOT NULL,                     -- planned, received (an image row exists), failed
  image_seq INTEGER,
  failure TEXT,                            -- JSON Failure
  ended_at INTEGER,
  PRIMARY KEY (job_seq, generation, variation)
) WITHOUT ROWID;
CREATE INDEX slots_failed ON slots (state, job_seq) WHERE state = 'failed';

CREATE TABLE images (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,   -- creation order
  id TEXT NOT NULL UNIQUE,
  job_seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  variation INTEGER NOT NULL,
  status TEXT NOT NULL,
  status_before TEXT,                      -- to go back to when a retry is cancelled
  failure_stage TEXT,
  failure_code TEXT,
  failure_reason TEXT,
  soft_failures TEXT NOT NULL DEFAULT '[]',
  next_stage TEXT,                         -- where work goes on; null when there is none left
  keyword_row INTEGER NOT NULL,
  keyword TEXT NOT NULL,
  prompt TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  provider_image_id TEXT,
  source_url TEXT,                         -- until the download is complete
  seed INTEGER,
  width INTEGER,
  height INTEGER,
  bytes INTEGER,
  cost_micro_usd INTEGER,                  -- null: unknown
  timings TEXT NOT NULL DEFAULT '{}',
  qc_passed INTEGER,
  qc_reason TEXT,
  title TEXT,
  description TEXT,
  tags TEXT NOT NULL DEFAULT '[]',
  processing TEXT NOT NULL DEFAULT '{}',
  original_path TEXT,
  cutout_path TEXT,                        -- paid result of background removal, kept until the image is delivered
  path TEXT,
  thumbnail_path TEXT,
  name TEXT NOT NULL DEFAULT '',           -- sort key: title, else file name, digits padded for natural order
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX images_by_status ON images (status, seq);
CREATE INDEX images_by_job ON images (job_seq, status, seq);
CREATE INDEX images_by_slot ON images (job_seq, generation, variation);
CREATE INDEX images_by_name ON images (name, seq);
CREATE INDEX images_by_time ON images (created_at);

CREATE VIRTUAL TABLE images_text USING fts5 (
  prompt, title, description, tags,
  content = '', contentless_delete = 1, tokenize = 'trigram'
);

CREATE TABLE calls (                       -- the ledger: every paid call; outlives its job
  id TEXT PRIMARY KEY,                     -- the request id sent to the provider
  job_id TEXT,
  run_id TEXT,
  generation INTEGER,
  image_id TEXT,
  stage TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  recovery_key TEXT NOT NULL,
  asked INTEGER NOT NULL DEFAULT 1,
  request TEXT NOT NULL DEFAULT '{}',      -- JSON: what is needed to ask for the answer
  state TEXT NOT NULL,                     -- sent, answered, failed, lost, notBilled
  reserved_micro_usd INTEGER,              -- worst price; null: unknown
  cost_micro_usd INTEGER,                  -- null until settled, or unknown
  provider_request_id TEXT,
  sent_at INTEGER NOT NULL,
  settled_at INTEGER
) WITHOUT ROWID;
CREATE INDEX calls_by_job ON calls (job_id, state);
CREATE INDEX calls_open ON calls (state, job_id) WHERE state = 'sent';

CREATE TABLE logs (
  seq INTEGER PRIMARY KEY,
  job_seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
  image_id TEXT,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  debug INTEGER NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX logs_by_job ON logs (job_seq, debug, seq);

CREATE TABLE runs (                        -- the queue: everything that works for more than a moment
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,                    -- waiting, held, running, done, failed, cancelled
  job_id TEXT,
  title TEXT NOT NULL,
  request TEXT NOT NULL,                   -- JSON: images and settings of a retry, slots to generate again
  stop_requested TEXT,                     -- null, stop, force: written by any process, read by the owner
  total INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
);
CREATE INDEX runs_by_status ON runs (status, seq);

CREATE TABLE run_images (                  -- what a retry or approve run has still to do
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  image_seq INTEGER NOT NULL,
  PRIMARY KEY (run_id, image_seq)
) WITHOUT ROWID;

CREATE TABLE lease (                       -- one row: who may run work here
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL,                  -- grows with every owner; every write of a run carries it
  owner TEXT,                              -- random id of the owning process; null when free
  heartbeat INTEGER NOT NULL DEFAULT 0     -- counter; a watcher judges by its standing still
);
INSERT INTO lease (one, epoch) VALUES (1, 0);

CREATE TABLE trash (                       -- what a delete took away, for Undo
  id TEXT PRIMARY KEY,
  deleted_at INTEGER NOT NULL,
  title TEXT NOT NULL,
  rows TEXT NOT NULL,                      -- path of the JSON lines file with the deleted rows, below trash/
  job_count INTEGER NOT NULL,
  image_count INTEGER NOT NULL
) WITHOUT ROWID;
`,
  },
];
