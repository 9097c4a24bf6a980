/** The help text, from the declared commands and options. */
import { keyedProviders, keyVariable } from '../engine/providers/registry.ts';
import {
  commandOf,
  commands,
  commonOptions,
  optionOf,
  type CommandName,
  type OptionName,
} from './commands.ts';

const program = 'gen-image-factory';
/** "a, b and c". */
const all = new Intl.ListFormat('en-GB', { type: 'conjunction' });

function optionLine(name: OptionName): [string, string] {
  const { value, help } = optionOf(name);
  return [`--${name}${value === undefined ? '' : ` ${value}`}`, help];
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

/** Help of one command, or of all. */
export function helpText(name: CommandName | null): string {
  if (name !== null) {
    const command = commandOf(name);
    const rows = [...command.options, ...commonOptions].map(optionLine);
    return `Usage: ${program} ${name} ${command.operands}\n\n${command.help}\n\n${table(rows)}\n`;
  }
  const rows = (Object.keys(commands) as CommandName[]).map((key): [string, string] => {
    const { operands, help } = commandOf(key);
    return [`${key} ${operands}`.trim(), help];
  });
  return `Usage: ${program} COMMAND [options]

${table(rows)}

Every command:
${table(commonOptions.map(optionLine))}

JOB and IMAGE are ids, or their last six or more characters.
Keys are read from ${all.format(keyedProviders.map(keyVariable))}.
"${program} COMMAND --help" lists the options of a command.

Exit status: 0 every planned image approved or rejected by the quality check only; 1 the job failed, was paused or
some images failed; 2 bad arguments or settings; 3 stopped; 4 another run works in this workspace.
`;
}
