/** Rows of `generations` and `slots` as records. */
import type { FailedSlot } from '../../model/image.ts';
import { shownLabel } from '../../model/label.ts';
import type { Failure } from '../../model/status.ts';
import { CheckedRow, largest, latest, longest } from './checkedRow.ts';
import { damageOf } from './damage.ts';
import { idOf } from './ids.ts';
import { mostGenerations, mostVariations } from './places.ts';
import { asCells, asFailure } from './shapes.ts';
import { columnsWithin, textWithin } from './size.ts';
import { inWords } from '../../model/message.ts';
import { messages } from '../messages.ts';

export interface Generation {
  /** 0-based. */
  generation: number;
  /** 0-based row of the keyword file. */
  keywordRow: number;
  keyword: Record<string, string>;
  /** Hash of the row's cells and the template: the same text from the same row has the same key. */
  rowKey: string;
  /** Null until it is written. */
  prompt: string | null;
}

/** To be followed by the conditions. */
export const selectGenerations = `SELECT ${columnsWithin(
  'g',
  ['generation', 'keyword_row'],
  ['keyword', 'row_key', 'prompt'],
  longest.bytes,
)} FROM generations AS g`;

/** Null where the row holds what it should not: nothing can be made of it. */
export function toGeneration(raw: object): Generation | null {
  const row = new CheckedRow(raw);
  const generation = {
    generation: row.number('generation', 0, mostGenerations),
    keywordRow: row.number('keyword_row', 0, largest),
    keyword: row.json('keyword', asCells, {}),
    rowKey: row.text('row_key', longest.name),
    prompt: row.textOrNull('prompt', longest.text),
  };
  return row.damaged.length === 0 ? generation : null;
}

const slotStates = ['planned', 'received', 'failed'] as const;
export type SlotState = (typeof slotStates)[number];

export interface Slot {
  generation: number;
  variation: number;
  state: SlotState;
  failure: Failure | null;
}

/** To be followed by the conditions. */
export const selectSlots = `SELECT ${columnsWithin(
  's',
  ['generation', 'variation'],
  ['state', 'failure'],
  longest.bytes,
)} FROM slots AS s`;

/** Null where the row holds what it should not. */
export function toSlot(raw: object): Slot | null {
  const row = new CheckedRow(raw);
  const slot = {
    ...placeOf(row),
    state: row.word('state', slotStates, 'failed'),
    failure: row.jsonOrNull('failure', asFailure),
  };
  return row.damaged.length === 0 ? slot : null;
}

/** Of slots that stand where a job can have one. In SQL, for what reads only places, and as cursors of a list. */
export function soundPlaceOf(slots: string): string {
  const isSound = (column: string, most: number): string =>
    `typeof(${slots}.${column}) = 'integer' AND ${slots}.${column} BETWEEN 0 AND ${most}`;
  return `${isSound('generation', mostGenerations)} AND ${isSound('variation', mostVariations)}`;
}

export interface FailedSlotRow {
  job_seq: number;
  generation: unknown;
  variation: unknown;
  id_of_job: unknown;
  label_of_job: unknown;
  rerun_of_job: unknown;
  created_at: unknown;
}

/** To be followed by its tables and conditions, with `s`, `g` and `j` for slots, generations and jobs. */
export const failedSlotColumns = `s.job_seq, ${columnsWithin('s', ['generation', 'variation', 'ended_at'], ['failure'], 64 * 1024)},
  ${columnsWithin('g', ['keyword_row'], ['keyword', 'prompt'], 64 * 1024)},
  ${textWithin('j', 'id', longest.path, 'id_of_job')}, ${textWithin('j', 'label', longest.path, 'label_of_job')},
  j.rerun AS rerun_of_job, ${columnsWithin('j', ['created_at'], [], 0)}`;

export function toFailedSlot(raw: FailedSlotRow): FailedSlot {
  const row = new CheckedRow(raw);
  const id = idOf(raw.id_of_job, raw.job_seq);
  const label = typeof raw.label_of_job === 'string' ? raw.label_of_job : '';
  const created = typeof raw.created_at === 'number' && raw.created_at <= latest ? raw.created_at : 0;
  const slot = {
    jobId: id,
    jobLabel: shownLabel({ id, label, rerun: raw.rerun_of_job === 1 }),
    ...placeOf(row),
    keywordRow: row.number('keyword_row', 0, largest),
    keyword: row.json('keyword', asCells, {}),
    prompt: row.textOrNull('prompt', longest.text),
    failure: row.jsonOrNull('failure', asFailure) ?? lost,
    failedAt: row.numberOrNull('ended_at', 0, latest) ?? created,
  };
  if (row.damaged.length === 0) return slot;
  return { ...slot, failure: { stage: 'generate', code: 'store.damaged', reason: damageOf(row.damaged) } };
}

const lost: Failure = { stage: 'generate', code: 'unexpected', reason: inWords(messages.reasonLost()) };

function placeOf(row: CheckedRow): { generation: number; variation: number } {
  return {
    generation: row.number('generation', 0, mostGenerations),
    variation: row.number('variation', 0, mostVariations),
  };
}
