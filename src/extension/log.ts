/** The log output channel: plain rows of jobs, technical rows at debug level, and what the engine has to say. */
import type { LogOutputChannel } from 'vscode';
import type { FactoryEvent } from '../engine/model/events.ts';
import { createLogger } from '../engine/model/logger.ts';
import type { Logger } from '../engine/model/logger.ts';

/** Writes a job's log rows to the channel as they come. The engine has already taken keys out of them. */
export function logFactoryEvent(channel: LogOutputChannel, event: FactoryEvent): void {
  if (event.kind !== 'log') return;
  const { entry } = event;
  if (entry.debug) channel.debug(entry.message);
  else if (entry.level === 'error') channel.error(entry.message);
  else if (entry.level === 'warn') channel.warn(entry.message);
  else channel.info(entry.message);
}

export function channelLogger(channel: LogOutputChannel): Logger {
  return createLogger(({ level, scope, message }) => channel[level](`[${scope}] ${message}`));
}
