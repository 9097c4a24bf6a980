/**
 * What people are told: an id, its English text, and what fills the names in braces. The texts of a room stand in its
 * `messages.ts`; whoever shows a message turns it into words. A translation replaces the text by its id.
 */
export type Values = Readonly<Record<string, string | number>>;

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
  : (values: Readonly<Record<NamesIn<Text>, string | number>>) => Message;

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
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Words that are made already: a service's, the system's, or of a face that translates by itself. */
export function spoken(words: string): Message {
  return { id: 'spoken', text: '{words}', values: { words } };
}

/** The same with each of its words changed, for what must not be told: keys. */
export function mapValues(message: Message, change: (words: string) => string): Message {
  const values = Object.entries(message.values).map(([name, value]) => [
    name,
    typeof value === 'string' ? change(value) : value,
  ]);
  return { ...message, values: Object.fromEntries(values) as Values };
}
