/** The one row that says who may run work in this workspace; `lease.ts` judges by it. */
import { FactoryError } from '../model/errors.ts';
import type { LeaseRow, LeaseRows } from './lease.ts';
import type { Store } from './store.ts';
import { messages } from './messages.ts';

export function leaseRows(store: Store): LeaseRows {
  return {
    read() {
      const row = store.read((db) =>
        db.sql<LeaseRow>('SELECT epoch, owner, heartbeat FROM lease WHERE one = 1').get(),
      );
      if (row === undefined) throw new FactoryError('store.unavailable', messages.noLeaseRow());
      return row;
    },
    take(owner, seen) {
      return store.edit((db) => {
        const { changes } = db
          .sql(
            `UPDATE lease SET owner = @owner, epoch = epoch + 1, heartbeat = heartbeat + 1
             WHERE one = 1 AND owner IS @seenOwner AND epoch = @epoch AND heartbeat = @heartbeat`,
          )
          .run({ owner, seenOwner: seen.owner, epoch: seen.epoch, heartbeat: seen.heartbeat });
        return changes === 1 ? seen.epoch + 1 : null;
      });
    },
    beat(owner, epoch) {
      return store.edit(
        (db) =>
          db
            .sql('UPDATE lease SET heartbeat = heartbeat + 1 WHERE one = 1 AND owner = ? AND epoch = ?')
            .run(owner, epoch).changes === 1,
        'never',
      );
    },
    release(owner, epoch) {
      store.edit((db) => {
        db.sql('UPDATE lease SET owner = NULL WHERE one = 1 AND owner = ? AND epoch = ?').run(owner, epoch);
      }, 'atOnce');
    },
  };
}
