/** What people are told of a row that holds what it should not. */
import { FactoryError } from '../../model/errors.ts';
import { inWords } from '../../model/message.ts';
import { messages } from '../messages.ts';

export function damageOf(columns: readonly string[]): string {
  return inWords(messages.damagedRow({ columns: columns.join(', ') }));
}

/** Fails with `store.damaged`: nothing works with what such a row says. */
export function refuseDamaged(record: { damaged?: readonly string[] }): void {
  const { damaged } = record;
  if (damaged === undefined) return;
  throw new FactoryError('store.damaged', messages.damagedRow({ columns: damaged.join(', ') }));
}
