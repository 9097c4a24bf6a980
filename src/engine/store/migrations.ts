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

CREATE TABLE jobs (                        -- narrow, so that lists of 100,000 stay quick
  seq INTEGER PRIMARY KEY AUTOINCREMENT,   -- creation order
  id TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,                     -- without "(Rerun …)"
  rerun INTEGER NOT NULL DEFAULT 0,
  parent_id TEXT,
  status TEXT NOT NULL,
  stopping INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  started_at INTEGER,                      -- the first start
  finished_at INTEGER,
  running_ms INTEGER NOT NULL DEFAULT 0,   -- closed running spans
  running_since INTEGER,                   -- open span
  planned INTEGER NOT NULL DEFAULT 0,
  generated INTEGER NOT NULL DEFAULT 0,
  checked INTEGER NOT NULL DEFAULT 0,
  approved INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  percent INTEGER NOT NULL DEFAULT 0,      -- high-water mark
  cost_micro_usd INTEGER NOT NULL DEFAULT 0, -- sum of its settled calls, kept by the triggers below
  unknown_costs INTEGER NOT NULL DEFAULT 0,  -- its settled calls without a known price
  image_provider TEXT NOT NULL,
  error TEXT,                              -- JSON JobError
  label_text TEXT NOT NULL,                -- shown label, folded for search
  name_key TEXT NOT NULL,                  -- shown label, folded for natural order
  start_at INTEGER NOT NULL DEFAULT 0      -- start, else creation; kept by triggers, since an index that holds
);                                         -- a generated column never covers a query
CREATE TRIGGER jobs_start_insert AFTER INSERT ON jobs BEGIN
  UPDATE jobs SET start_at = coalesce(started_at, created_at) WHERE seq = new.seq;
END;
CREATE TRIGGER jobs_start_update AFTER UPDATE OF started_at, created_at ON jobs BEGIN
  UPDATE jobs SET start_at = coalesce(started_at, created_at) WHERE seq = new.seq;
END;
CREATE INDEX jobs_by_start ON jobs (start_at, seq, status, label_text, id);
CREATE INDEX jobs_by_status ON jobs (status, start_at, seq, label_text, id);
CREATE INDEX jobs_by_name ON jobs (name_key, seq, status, start_at, label_text, id);
CREATE INDEX jobs_by_status_name ON jobs (status, name_key, seq, start_at, label_text, id);
CREATE INDEX jobs_by_short_id ON jobs (substr(id, -6));
CREATE INDEX jobs_for_statistics ON jobs (status, running_ms, generated);

CREATE VIRTUAL TABLE jobs_text USING fts5 (
  label_text, id,
  content = 'jobs', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1'
);
CREATE TRIGGER jobs_text_insert AFTER INSERT ON jobs BEGIN
  INSERT INTO jobs_text (rowid, label_text, id) VALUES (new.seq, new.label_text, new.id);
END;
CREATE TRIGGER jobs_text_delete AFTER DELETE ON jobs BEGIN
  INSERT INTO jobs_text (jobs_text, rowid, label_text, id) VALUES ('delete', old.seq, old.label_text, old.id);
END;
CREATE TRIGGER jobs_text_update AFTER UPDATE OF label_text ON jobs WHEN old.label_text IS NOT new.label_text BEGIN
  INSERT INTO jobs_text (jobs_text, rowid, label_text, id) VALUES ('delete', old.seq, old.label_text, old.id);
  INSERT INTO jobs_text (rowid, label_text, id) VALUES (new.seq, new.label_text, new.id);
END;

CREATE TABLE job_inputs (                  -- what a job is made of: long texts that lists never read
  job_seq INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
  settings TEXT NOT NULL,                  -- JSON, editable, for reruns
  snapshot TEXT,                           -- JSON, frozen at the first start
  inputs TEXT NOT NULL,                    -- JSON JobInputs
  plan TEXT NOT NULL                       -- JSON: row order seed, chosen rows, template hash
);

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
  state TEXT NOT NULL,                     -- planned, received (an image row exists or existed), failed
  image_seq INTEGER,
  failure TEXT,                            -- JSON Failure
  ended_at INTEGER,
  PRIMARY KEY (job_seq, generation, variation)
) WITHOUT ROWID;
CREATE INDEX slots_failed ON slots (job_seq, generation, variation) WHERE state = 'failed';

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
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  provider_image_id TEXT,
  seed INTEGER,
  width INTEGER,
  height INTEGER,
  bytes INTEGER,
  generation_cost_micro_usd INTEGER,       -- its part of the generation call; null: unknown
  cost_micro_usd INTEGER,                  -- all its costs; null: one of them is unknown
  qc_passed INTEGER,
  original_path TEXT,
  cutout_path TEXT,                        -- paid result of background removal, kept until the image is delivered
  path TEXT,
  thumbnail_path TEXT,
  name TEXT NOT NULL DEFAULT '',           -- title, else file name, folded for natural order
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  keyword TEXT NOT NULL,
  prompt TEXT NOT NULL,
  source_url TEXT,                         -- until the download is complete
  timings TEXT NOT NULL DEFAULT '{}',
  qc_reason TEXT,
  title TEXT,
  description TEXT,
  tags TEXT NOT NULL DEFAULT '[]',
  processing TEXT NOT NULL DEFAULT '{}',
  unfinished TEXT NOT NULL DEFAULT '{}',   -- JSON: what work on it has paid for and not yet delivered
  soft INTEGER NOT NULL DEFAULT 0,         -- 1 with a soft failure; kept by triggers, like reason
  reason TEXT                              -- group of the failed view: stage, qcFailed, flagged or missing
);
CREATE TRIGGER images_reason_insert AFTER INSERT ON images BEGIN
  UPDATE images SET
    soft = soft_failures <> '[]',
    reason = CASE
      WHEN status = 'qcFailed' THEN 'qcFailed'
      WHEN failure_code = 'content.flagged' THEN 'flagged'
      ELSE failure_stage
    END
  WHERE seq = new.seq;
END;
CREATE TRIGGER images_reason_update AFTER UPDATE OF status, failure_stage, failure_code, soft_failures ON images BEGIN
  UPDATE images SET
    soft = soft_failures <> '[]',
    reason = CASE
      WHEN status = 'qcFailed' THEN 'qcFailed'
      WHEN failure_code = 'content.flagged' THEN 'flagged'
      ELSE failure_stage
    END
  WHERE seq = new.seq;
END;
-- Each order of the gallery has an index that holds all that filters look at, so that finding a page,
-- jumping to its middle and counting never touch the rows themselves.
CREATE INDEX images_in_order ON images (seq, status, job_seq, created_at, reason, soft, name);
CREATE INDEX images_by_status ON images (status, seq, job_seq, created_at, reason, soft, failure_code);
CREATE INDEX images_by_job ON images (job_seq, seq, status, created_at, reason, soft, failure_code, name);
CREATE INDEX images_by_name ON images (name, seq, status, job_seq, created_at, reason, soft);
CREATE INDEX images_by_status_name ON images (status, name, seq, job_seq, created_at, reason, soft);
CREATE INDEX images_soft ON images (seq, status, job_seq, created_at, reason, soft, failure_code, name) WHERE soft = 1;
CREATE INDEX images_ids ON images (seq, id);
CREATE INDEX images_by_time ON images (created_at, seq);
CREATE INDEX images_by_slot ON images (job_seq, generation, variation);
CREATE INDEX images_by_short_id ON images (substr(id, -6));

CREATE TABLE image_texts (                 -- what search looks at, folded; apart, so that a scan reads little else
  seq INTEGER PRIMARY KEY REFERENCES images (seq) ON DELETE CASCADE,
  text TEXT NOT NULL                       -- ends with two line ends, so that all of it begins a trigram
);
CREATE VIRTUAL TABLE images_text USING fts5 (
  text,
  content = 'image_texts', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE images_terms USING fts5vocab (images_text, row); -- for searches of one and two characters
CREATE TRIGGER images_text_insert AFTER INSERT ON image_texts BEGIN
  INSERT INTO images_text (rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER images_text_delete AFTER DELETE ON image_texts BEGIN
  INSERT INTO images_text (images_text, rowid, text) VALUES ('delete', old.seq, old.text);
END;
CREATE TRIGGER images_text_update AFTER UPDATE OF text ON image_texts WHEN old.text IS NOT new.text BEGIN
  INSERT INTO images_text (images_text, rowid, text) VALUES ('delete', old.seq, old.text);
  INSERT INTO images_text (rowid, text) VALUES (new.seq, new.text);
END;

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
CREATE INDEX calls_by_job ON calls (job_id, generation, image_id, stage, state, cost_micro_usd, reserved_micro_usd);
CREATE INDEX calls_by_image ON calls (image_id, state, cost_micro_usd) WHERE image_id IS NOT NULL;
CREATE INDEX calls_open ON calls (job_id) WHERE state = 'sent';
-- A job's cost is the sum of its calls that were answered, failed or lost.
CREATE TRIGGER calls_cost_insert AFTER INSERT ON calls WHEN new.state IN ('answered', 'failed', 'lost') BEGIN
  UPDATE jobs SET
    cost_micro_usd = cost_micro_usd + coalesce(new.cost_micro_usd, 0),
    unknown_costs = unknown_costs + (new.cost_micro_usd IS NULL)
  WHERE id = new.job_id;
END;
CREATE TRIGGER calls_cost_update AFTER UPDATE OF state, cost_micro_usd ON calls BEGIN
  UPDATE jobs SET
    cost_micro_usd = cost_micro_usd
      + iif(new.state IN ('answered', 'failed', 'lost'), coalesce(new.cost_micro_usd, 0), 0)
      - iif(old.state IN ('answered', 'failed', 'lost'), coalesce(old.cost_micro_usd, 0), 0),
    unknown_costs = unknown_costs
      + (new.state IN ('answered', 'failed', 'lost') AND new.cost_micro_usd IS NULL)
      - (old.state IN ('answered', 'failed', 'lost') AND old.cost_micro_usd IS NULL)
  WHERE id = new.job_id;
END;

CREATE TABLE logs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
  image_id TEXT,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  debug INTEGER NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX logs_by_job ON logs (job_seq, debug, seq);
CREATE INDEX logs_debug_by_image ON logs (image_id) WHERE debug = 1 AND image_id IS NOT NULL;

CREATE TABLE runs (                        -- the queue: everything that works for more than a moment
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,                    -- waiting, held, running, done, failed, cancelled
  job_id TEXT,
  title TEXT NOT NULL,
  request TEXT NOT NULL,                   -- JSON: settings of a retry, slots to generate again
  stop_requested TEXT,                     -- null, stop, force: written by any process, read by the owner
  total INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
);
CREATE INDEX runs_by_status ON runs (status, seq);
CREATE INDEX runs_by_job ON runs (job_id, seq);

CREATE TABLE run_images (                  -- what a retry or approve run has still to do
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  image_seq INTEGER NOT NULL,
  PRIMARY KEY (run_id, image_seq)
) WITHOUT ROWID;
CREATE INDEX run_images_by_image ON run_images (image_seq);

CREATE TABLE lease (                       -- one row: who may run work here
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL,                  -- grows with every owner; every write of a run carries it
  owner TEXT,                              -- random id of the owning process; null when free
  heartbeat INTEGER NOT NULL DEFAULT 0     -- counter; a watcher judges by its standing still
);
INSERT INTO lease (one, epoch) VALUES (1, 0);

CREATE TABLE trash (                       -- what a delete took away, for Undo
  id TEXT PRIMARY KEY,                     -- also the name of its folder below trash/
  state TEXT NOT NULL,                     -- deleting, moving, done, restoring, purging: what is under way
  deleted_at INTEGER NOT NULL,
  title TEXT NOT NULL,
  jobs TEXT NOT NULL,                      -- JSON: row numbers of whole jobs
  images TEXT NOT NULL,                    -- JSON: row numbers of single images
  job_count INTEGER NOT NULL,
  image_count INTEGER NOT NULL
) WITHOUT ROWID;
`,
  },
  {
    version: 2,
    sql: `
-- Images whose original is gone are a group of their own.
DROP TRIGGER images_reason_insert;
DROP TRIGGER images_reason_update;
CREATE TRIGGER images_reason_insert AFTER INSERT ON images BEGIN
  UPDATE images SET
    soft = soft_failures <> '[]',
    reason = CASE
      WHEN status = 'qcFailed' THEN 'qcFailed'
      WHEN failure_code = 'content.flagged' THEN 'flagged'
      WHEN failure_code = 'image.missing' THEN 'missing'
      ELSE failure_stage
    END
  WHERE seq = new.seq;
END;
CREATE TRIGGER images_reason_update AFTER UPDATE OF status, failure_stage, failure_code, soft_failures ON images BEGIN
  UPDATE images SET
    soft = soft_failures <> '[]',
    reason = CASE
      WHEN status = 'qcFailed' THEN 'qcFailed'
      WHEN failure_code = 'content.flagged' THEN 'flagged'
      WHEN failure_code = 'image.missing' THEN 'missing'
      ELSE failure_stage
    END
  WHERE seq = new.seq;
END;
`,
  },
  {
    version: 3,
    sql: `
ALTER TABLE images ADD COLUMN sidecar_path TEXT; -- XMP beside the delivered file
ALTER TABLE images ADD COLUMN signature TEXT;    -- of the provider (C2PA): kept or removed; null: it did not sign
`,
  },
];
