/**
 * What people are told: an id, its English text, and what fills the names in braces. The texts of a room stand in its
 * `messages.ts`; whoever shows a message turns it into words. A translation replaces the text by its id.
 */
export type Values = Readonly<Record<string, Value>>;
/** A part of a sentence may be a message itself. */
export type Value = string | number | Message;

export interface Message {
  /** `room.name`, for good: logs and translations know it. */
  id: string;
  text: string;
  values: Values;
}

/** The names in braces of a text. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** Makes a message: takes exactly the values that its text names. */
export type Teller<Text extends string> = [NamesIn<Text>] extends [never]
  ? () => Message
  : (values: Readonly<Record<NamesIn<Text>, Value>>) => Message;

export function defineMessages<const Texts extends Readonly<Record<string, string>>>(
  room: string,
  texts: Texts,
): { readonly [Name in keyof Texts]: Teller<Texts[Name]> } {
  const tellers = Object.entries(texts).map(([name, text]) => [
    name,
    (values: Values = {}): Message => ({ id: `${room}.${name}`, text, values }),
  ]);
  return Object.fromEntries(tellers) as { readonly [Name in keyof Texts]: Teller<Texts[Name]> };
}

/** The message as people read it, in English. */
export function inWords({ text, values }: Message): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => valueInWords(values[name] ?? whole));
}

function valueInWords(value: Value): string {
  return typeof value === 'object' ? inWords(value) : String(value);
}

/** Each thing that is said once. */
export function withoutRepeats(told: readonly Message[]): Message[] {
  return [...new Map(told.map((message) => [inWords(message), message])).values()];
}

/** Words that are made already: a service's, the system's, or of a face that translates by itself. */
export function spoken(words: string): Message {
  return { id: 'spoken', text: '{words}', values: { words } };
}

/** The same with each of its words changed, for what must not be told: keys. */
export function mapValues(message: Message, change: (words: string) => string): Message {
  const changed = (value: Value): Value => {
    if (typeof value === 'object') return mapValues(value, change);
    return typeof value === 'string' ? change(value) : value;
  };
  const values = Object.entries(message.values).map(([name, value]) => [name, changed(value)]);
  return { ...message, values: Object.fromEntries(values) as Values };
}
