/** The ledger: every paid call, written before it is sent, settled when it is answered. It outlives its job. */
import { FactoryError } from '../model/errors.ts';
import type { Cost, MicroUsd } from '../model/money.ts';
import { refreshImageCost } from './costs.ts';
import { costInSql, selectCalls, toCall } from './rows/call.ts';
import type { Call, CallState, NewCall } from './rows/call.ts';
import type { Reader, Writer } from './store.ts';
import { messages } from './messages.ts';

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
  const row = db.sql<object>(`${selectCalls} WHERE c.id = ?`).get(id);
  if (row === undefined) throw new FactoryError('notFound', messages.noCall({ id }));
  return toCall(row);
}

/**
 * Calls of a job that were sent and have no answer: to be asked for before anything is sent again (J3). Nobody can be
 * asked by a row that is damaged.
 */
export function openCalls(db: Reader, jobId: string): Call[] {
  return db
    .sql<object>(
      `${selectCalls} INDEXED BY calls_open WHERE c.job_id = ? AND c.state = 'sent' ORDER BY c.sent_at, c.id`,
    )
    .all(jobId)
    .map(toCall)
    .filter(({ damaged }) => damaged === undefined);
}

const cost = costInSql('cost_micro_usd');
const reserved = costInSql('reserved_micro_usd');

export function jobSpending(db: Reader, jobId: string): Spending {
  const row = db
    .sql<{ cost: number; unknown: number; worst: number }>(
      `SELECT total(${cost}) AS cost, total(${cost} IS NULL) AS unknown, total(coalesce(${cost}, ${reserved}, 0)) AS worst
       FROM calls INDEXED BY calls_by_job WHERE job_id = ? AND state IN ('answered', 'failed', 'lost')`,
    )
    .get(jobId);
  const open = db
    .sql<{ reserved: number; unknown: number }>(
      `SELECT total(${reserved}) AS reserved, total(${reserved} IS NULL) AS unknown
       FROM calls INDEXED BY calls_open WHERE job_id = ? AND state = 'sent'`,
    )
    .get(jobId);
  return {
    settled: { microUsd: row?.cost ?? 0, unknown: (row?.unknown ?? 0) > 0 },
    reserved: { microUsd: open?.reserved ?? 0, unknown: (open?.unknown ?? 0) > 0 },
    worst: row?.worst ?? 0,
  };
}
