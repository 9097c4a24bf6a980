/**
 * The engine opened on one workspace folder: the only door for the faces (extension, command line).
 * What it offers is `factory/contract.ts`; how it is opened.
 */
export type * from './factory/contract.ts';
export { readLeaseFile } from './runs/leaseFile.ts';
