/** Bundled by a test: a search of the store in the folder that it is given, answered by the bundled worker. */
import { openStore } from '../../../src/engine/store/database.ts';
import { openReads } from '../../../src/engine/store/reads.ts';

const [, , root = ''] = process.argv;
const store = await openStore({ root });
const reads = openReads(store, { smallStore: 0 });
const ids = await reads.imageIds({ search: 'fox' });
const problems = store.foreign === null ? await store.checkIntegrity() : [];
await reads.close();
store.close();
process.stdout.write(JSON.stringify({ ids, problems, jobsFromElsewhere: store.foreign?.jobs ?? null }));
