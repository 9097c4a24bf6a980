/**
 * `.gen-image-factory/lease.json`: who works in this workspace, and whether work waits. It lets an editor
 * decide without opening the store whether there is anything to show, and tells a dead owner at once where
 * process ids can be trusted. The lease itself is the row in the store.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../model/logger.ts';
import { storeFolder } from '../model/storeFolder.ts';
import { readSmallFile } from '../files/smallFile.ts';
import { messages } from './messages.ts';

const contents = z.object({
  /** Null when nobody works and something waits. */
  owner: z.object({ id: z.string(), pid: z.number(), machine: z.string().nullable() }).nullable(),
  /** Runs that are running, waiting or held. */
  unfinished: z.number(),
});
export type LeaseFile = z.infer<typeof contents>;

export function leasePath(root: string): string {
  return join(root, storeFolder, 'lease.json');
}

/** What the lease file says; null when there is none that can be read, which means: nothing is unfinished. */
export function readLeaseFile(root: string): LeaseFile | null {
  try {
    return contents.parse(JSON.parse(readSmallFile(leasePath(root), 4096)));
  } catch {
    return null;
  }
}

/** Replaces the file; without an owner and unfinished runs it goes. It is a hint: a full disk is no error here. */
export function writeLeaseFile(root: string, lease: LeaseFile, logger: Logger): void {
  const path = leasePath(root);
  const aside = `${path}.${randomUUID()}`;
  try {
    if (lease.owner === null && lease.unfinished === 0) {
      rmSync(path, { force: true });
      return;
    }
    writeFileSync(aside, JSON.stringify(lease), { mode: 0o600 });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    logger.warn(messages.leaseFileLost({ reason: String(error) }));
  }
}

/**
 * The space in which a process id means one process: this boot and process-id namespace. Null where the system
 * does not tell (then an owner is judged by its heartbeat alone).
 */
export function machineOfProcess(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

/** True only when the owner ran on this machine and its process is gone for certain. */
export function isGone(owner: NonNullable<LeaseFile['owner']>, machine: string | null): boolean {
  if (machine === null || owner.machine !== machine) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
