/** From arguments to a command, with everything that is wrong with them. */
import { parseArgs } from 'node:util';
import {
  commandOf,
  commands,
  commonOptions,
  optionOf,
  options,
  type CommandName,
  type OptionName,
} from './commands.ts';

export interface CommandLine {
  name: CommandName;
  operands: readonly string[];
  /** Values of text options, in the order given. */
  texts: Readonly<Partial<Record<OptionName, readonly string[]>>>;
  flags: ReadonlySet<OptionName>;
}

export type Parsed =
  | { kind: 'command'; line: CommandLine }
  | { kind: 'help'; name: CommandName | null }
  /** `line` is what could be read, so that settings can be judged too; null without a command. */
  | { kind: 'bad'; problems: string[]; line: CommandLine | null };

function isOption(name: string): name is OptionName {
  return Object.hasOwn(options, name);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** Reads the arguments after the program's name. */
export function parseCommandLine(args: readonly string[]): Parsed {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type }]) => [
        name,
        { type: type === 'flag' ? ('boolean' as const) : ('string' as const), multiple: true },
      ]),
    ),
  });
  const operands: string[] = [];
  const texts: Partial<Record<OptionName, string[]>> = {};
  const flags = new Set<OptionName>();
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    if (!isOption(token.name)) {
      problems.push(`There is no option ${token.rawName}.`);
    } else if (options[token.name].type === 'flag') {
      if (token.value !== undefined) problems.push(`${token.rawName} takes no value.`);
      flags.add(token.name);
    } else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      problems.push(`${token.rawName} needs a value (${String(optionOf(token.name).value)}).`);
    } else (texts[token.name] ??= []).push(token.value);
  }
  const { name, rest } = commandIn(operands);
  if (flags.has('help') || operands[0] === 'help') {
    const asked = operands[0] === 'help' ? commandIn(operands.slice(1)).name : name;
    return { kind: 'help', name: asked };
  }
  if (name === null) {
    problems.unshift(unknownCommand(operands));
    return { kind: 'bad', problems, line: null };
  }
  problems.push(...misfits(name, rest, texts, flags));
  const line: CommandLine = { name, operands: rest, texts, flags };
  return problems.length > 0 ? { kind: 'bad', problems, line } : { kind: 'command', line };
}

function commandIn(operands: readonly string[]): { name: CommandName | null; rest: string[] } {
  for (const words of [2, 1]) {
    const name = operands.slice(0, words).join(' ');
    if (operands.length >= words && isCommand(name)) return { name, rest: operands.slice(words) };
  }
  return { name: null, rest: [...operands] };
}

function unknownCommand(operands: readonly string[]): string {
  const [first, second] = operands;
  if (first === undefined) return 'No command is given.';
  const group = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  if (group.length === 0) return `There is no command "${first}".`;
  const kinds = group.map((name) => name.slice(first.length + 1)).join(', ');
  return second === undefined
    ? `"${first}" needs one of ${kinds}.`
    : `There is no command "${first} ${second}". After ${first} comes one of ${kinds}.`;
}

function misfits(
  name: CommandName,
  operands: readonly string[],
  texts: Partial<Record<OptionName, string[]>>,
  flags: ReadonlySet<OptionName>,
): string[] {
  const problems: string[] = [];
  const command = commandOf(name);
  const allowed = new Set<string>([...command.options, ...commonOptions]);
  for (const option of [...(Object.keys(texts) as OptionName[]), ...flags]) {
    if (!allowed.has(option)) problems.push(`"${name}" has no option --${option}.`);
    const times = texts[option]?.length ?? 0;
    if (times > 1 && options[option].type === 'text') problems.push(`--${option} is given ${times} times.`);
  }
  if (operands.length < command.min) problems.push(`"${name}" needs ${command.operands}.`);
  if (operands.length > command.max) {
    const extra = operands.slice(command.max).map((text) => `"${text}"`);
    problems.push(`"${name}" has no use for ${extra.join(', ')}.`);
  }
  return problems;
}

/** The value of an option that is given at most once. */
export function textOf(line: CommandLine, option: OptionName): string | null {
  return line.texts[option]?.[0] ?? null;
}

/** A whole number, or a problem added to the list. */
export function wholeNumberOf(
  line: CommandLine,
  option: OptionName,
  min: number,
  problems: string[],
): number | null {
  const text = textOf(line, option);
  if (text === null) return null;
  if (/^\d{1,9}$/u.test(text) && Number(text) >= min) return Number(text);
  problems.push(`--${option} is "${text}". Use a whole number of at least ${min}.`);
  return null;
}

/** One of several words, or a problem added to the list. */
export function choiceOf<W extends string>(
  line: CommandLine,
  option: OptionName,
  words: readonly W[],
  otherwise: W,
  problems: string[],
): W {
  const text = textOf(line, option);
  if (text === null) return otherwise;
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) problems.push(`--${option} is "${text}". Use ${words.join(', ')}.`);
  return word ?? otherwise;
}
