/**
 * What the engine has to say although nobody asked (the store is damaged, a hint could not be written): plain
 * sentences, told to whoever opened the factory. The face decides where people see them.
 */
import type { LogLevel } from './events.ts';
import { inWords } from './message.ts';
import type { Message } from './message.ts';

export interface LoggerLine {
  level: LogLevel;
  /** The part of the engine that speaks. */
  scope: string;
  message: string;
}

export interface Logger {
  info(told: Message): void;
  warn(told: Message): void;
  error(told: Message): void;
  /** The same log for a part of the engine. */
  scope(name: string): Logger;
}

export function createLogger(write: (line: LoggerLine) => void, scope = 'engine'): Logger {
  const say =
    (level: LogLevel) =>
    (told: Message): void =>
      write({ level, scope, message: inWords(told) });
  return {
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    scope: (name) => createLogger(write, name),
  };
}

/** For stores that are opened without a face: tools and tests. */
export const silentLogger: Logger = createLogger(() => undefined);
