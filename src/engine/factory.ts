/**
 * The engine opened on one workspace folder: the only entry point for the extension and the command line.
 * What it offers is `factory/contract.ts`; how it is opened, `factory/open.ts`.
 */
export type * from './factory/contract.ts';
export { openFactory } from './factory/open.ts';
export { chooseFolder } from './files/chosenFolders.ts';
export { testKey } from './providers/keyTest.ts';
export type { KeyTestResult } from './providers/keyTest.ts';
export { readLeaseFile } from './store/leaseFile.ts';
export { previewPrompts } from './planning/plan.ts';
