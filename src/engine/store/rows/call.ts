/** Rows of `calls`, the ledger, as records. */
import type { MicroUsd } from '../../model/money.ts';
import { stages } from '../../model/status.ts';
import type { Stage } from '../../model/status.ts';
import { CheckedRow, largest, latest, longest } from './checkedRow.ts';
import { mostGenerations } from './places.ts';
import { asRecord } from './shapes.ts';
import { columnsWithin } from './size.ts';

const callStates = ['sent', 'answered', 'failed', 'lost', 'notBilled'] as const;
/** `lost`: the answer never came, it may be billed. `notBilled`: it certainly is not. */
export type CallState = (typeof callStates)[number];

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
  /** Columns that hold what they should not; absent where all is well. */
  damaged?: readonly string[];
}

/** To be followed by the conditions. */
export const selectCalls = `SELECT ${columnsWithin(
  'c',
  ['generation', 'asked', 'reserved_micro_usd', 'cost_micro_usd', 'sent_at', 'settled_at'],
  [
    'id',
    'job_id',
    'run_id',
    'image_id',
    'stage',
    'provider',
    'model',
    'recovery_key',
    'request',
    'state',
  ].concat('provider_request_id'),
  longest.bytes,
)} FROM calls AS c`;

export function toCall(raw: object): Call {
  const row = new CheckedRow(raw);
  const call: Call = {
    id: row.text('id', longest.name),
    jobId: row.textOrNull('job_id', longest.name) ?? '',
    runId: row.textOrNull('run_id', longest.name),
    generation: row.numberOrNull('generation', 0, mostGenerations),
    imageId: row.textOrNull('image_id', longest.name),
    stage: row.word('stage', stages, 'generate'),
    provider: row.text('provider', longest.name),
    model: row.text('model', longest.name),
    recoveryKey: row.text('recovery_key', longest.path),
    asked: row.number('asked', 0, mostGenerations),
    request: row.json('request', asRecord, {}),
    reservedMicroUsd: row.numberOrNull('reserved_micro_usd', 0, largest),
    sentAt: row.number('sent_at', 0, latest),
    state: row.word('state', callStates, 'lost'),
    costMicroUsd: row.numberOrNull('cost_micro_usd', 0, largest),
    providerRequestId: row.textOrNull('provider_request_id', longest.path),
    settledAt: row.numberOrNull('settled_at', 0, latest),
  };
  return { ...call, ...row.mark };
}

/** A cost in SQL: null, which means unknown, where the column holds no cost. */
export function costInSql(column: string): string {
  return `iif(typeof(${column}) = 'integer' AND ${column} BETWEEN 0 AND ${largest}, ${column}, NULL)`;
}
