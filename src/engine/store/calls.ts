/** The ledger: every paid call, written before it is sent, settled when it is answered. It outlives its job. */
import { FactoryError } from '../model/errors.ts';
import type { Cost, MicroUsd } from '../model/money.ts';
import type { Stage } from '../model/status.ts';
import { readRecord, readStage } from './columns.ts';
import { refreshImageCost } from './costs.ts';
import type { Reader, Writer } from './store.ts';
import { messages } from './messages.ts';

/** `lost`: the answer never came, it may be billed. `notBilled`: it certainly is not. */
export type CallState = 'sent' | 'answered' | 'failed' | 'lost' | 'notBilled';

export interface NewCall {
  /** The request id that is sent to the provider (UUID). */
  id: string;
  jobId: string;
  runId: string | null;
  /** Null for calls of one image. */
  generation: number | null;
  imageId: string | null;
  stage: Stage;
  provider: string;
  model: string;
  /** What the provider is asked by for a lost answer: the request id, until it names one of its own. */
  recoveryKey: string;
  /** Images asked for. */
  asked: number;
  /** What is needed to ask for the answer after a restart; no keys, no image bytes. */
  request: Readonly<Record<string, unknown>>;
  /** The worst price; null when unknown. */
  reservedMicroUsd: MicroUsd | null;
  /** UTC ms. */
  sentAt: number;
}

export interface Call extends NewCall {
  state: CallState;
  costMicroUsd: MicroUsd | null;
  providerRequestId: string | null;
  settledAt: number | null;
}

/** What a job has spent, and what its open calls may still cost at worst. */
export interface Spending {
  settled: Cost;
  reserved: Cost;
  /** Settled calls, with those of unknown price (lost ones too) at their worst price: what a budget counts. */
  worst: MicroUsd;
}

/** Before the call is sent, in a transaction of `pay`: then it is known even if this process dies now (P3). */
export function openCall(db: Writer, call: NewCall): void {
  db.sql(
    `INSERT INTO calls (id, job_id, run_id, generation, image_id, stage, provider, model, recovery_key, asked, request,
       state, reserved_micro_usd, sent_at)
     VALUES (@id, @jobId, @runId, @generation, @imageId, @stage, @provider, @model, @recoveryKey, @asked, @request,
       'sent', @reserved, @sentAt)`,
  ).run({
    id: call.id,
    jobId: call.jobId,
    runId: call.runId,
    generation: call.generation,
    imageId: call.imageId,
    stage: call.stage,
    provider: call.provider,
    model: call.model,
    recoveryKey: call.recoveryKey,
    asked: call.asked,
    request: JSON.stringify(call.request),
    reserved: call.reservedMicroUsd,
    sentAt: call.sentAt,
  });
}

/** The provider named a key of its own to ask by. */
export function setRecoveryKey(db: Writer, id: string, recoveryKey: string): void {
  db.sql('UPDATE calls SET recovery_key = ? WHERE id = ?').run(recoveryKey, id);
}

/**
 * The call is over: `answered` or `failed` with what it cost (null: unknown), `lost` (may be billed, unknown) or
 * `notBilled`. The costs of its job and images follow.
 */
export function settleCall(
  db: Writer,
  id: string,
  as: {
    state: Exclude<CallState, 'sent'>;
    costMicroUsd: MicroUsd | null;
    providerRequestId?: string | null;
    now: number;
  },
): void {
  const call = getCall(db, id);
  const cost = as.state === 'notBilled' ? 0 : as.state === 'lost' ? null : as.costMicroUsd;
  db.sql(
    `UPDATE calls SET state = @state, cost_micro_usd = @cost, settled_at = @now,
       provider_request_id = coalesce(@providerRequestId, provider_request_id) WHERE id = @id`,
  ).run({ id, state: as.state, cost, now: as.now, providerRequestId: as.providerRequestId ?? null });
  for (const seq of imagesOf(db, call)) refreshImageCost(db, seq);
}

function imagesOf(db: Reader, call: Call): number[] {
  const rows =
    call.imageId !== null
      ? db.sql<{ seq: number }>('SELECT seq FROM images WHERE id = ?').all(call.imageId)
      : call.stage === 'prompt'
        ? db
            .sql<{ seq: number }>(
              `SELECT i.seq FROM jobs AS j JOIN images AS i INDEXED BY images_by_slot
               ON i.job_seq = j.seq AND i.generation = ? WHERE j.id = ?`,
            )
            .all(call.generation, call.jobId)
        : [];
  return rows.map(({ seq }) => seq);
}

/** Fails with `notFound`. */
export function getCall(db: Reader, id: string): Call {
  const row = db.sql<CallRow>('SELECT * FROM calls WHERE id = ?').get(id);
  if (row === undefined) throw new FactoryError('notFound', messages.noCall({ id }));
  return toCall(row);
}

/** Calls of a job that were sent and have no answer: to be asked for before anything is sent again (J3). */
export function openCalls(db: Reader, jobId: string): Call[] {
  return db
    .sql<CallRow>(
      `SELECT * FROM calls INDEXED BY calls_open WHERE job_id = ? AND state = 'sent' ORDER BY sent_at, id`,
    )
    .all(jobId)
    .map(toCall);
}

export function jobSpending(db: Reader, jobId: string): Spending {
  const row = db
    .sql<{ cost: number; unknown: number; worst: number }>(
      `SELECT coalesce(sum(cost_micro_usd), 0) AS cost,
         coalesce(sum(cost_micro_usd IS NULL), 0) AS unknown,
         coalesce(sum(coalesce(cost_micro_usd, reserved_micro_usd, 0)), 0) AS worst
       FROM calls INDEXED BY calls_by_job WHERE job_id = ? AND state IN ('answered', 'failed', 'lost')`,
    )
    .get(jobId);
  const open = db
    .sql<{ reserved: number; unknown: number }>(
      `SELECT coalesce(sum(reserved_micro_usd), 0) AS reserved, coalesce(sum(reserved_micro_usd IS NULL), 0) AS unknown
       FROM calls INDEXED BY calls_open WHERE job_id = ? AND state = 'sent'`,
    )
    .get(jobId);
  return {
    settled: { microUsd: row?.cost ?? 0, unknown: (row?.unknown ?? 0) > 0 },
    reserved: { microUsd: open?.reserved ?? 0, unknown: (open?.unknown ?? 0) > 0 },
    worst: row?.worst ?? 0,
  };
}

interface CallRow {
  id: string;
  job_id: string | null;
  run_id: string | null;
  generation: number | null;
  image_id: string | null;
  stage: string;
  provider: string;
  model: string;
  recovery_key: string;
  asked: number;
  request: string;
  state: string;
  reserved_micro_usd: number | null;
  cost_micro_usd: number | null;
  provider_request_id: string | null;
  sent_at: number;
  settled_at: number | null;
}

const callStates: readonly CallState[] = ['sent', 'answered', 'failed', 'lost', 'notBilled'];

function toCall(row: CallRow): Call {
  return {
    id: row.id,
    jobId: row.job_id ?? '',
    runId: row.run_id,
    generation: row.generation,
    imageId: row.image_id,
    stage: readStage(row.stage) ?? 'generate',
    provider: row.provider,
    model: row.model,
    recoveryKey: row.recovery_key,
    asked: row.asked,
    request: readRecord(row.request),
    reservedMicroUsd: row.reserved_micro_usd,
    sentAt: row.sent_at,
    state: callStates.find((state) => state === row.state) ?? 'lost',
    costMicroUsd: row.cost_micro_usd,
    providerRequestId: row.provider_request_id,
    settledAt: row.settled_at,
  };
}
