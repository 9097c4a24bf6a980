/** The settings that are written in a small language of their own: sizes, aspect ratios, LoRA models. */
import type { Message } from '../model/message.ts';
import { messages } from './messages.ts';

export interface Size {
  width: number;
  height: number;
}

/** Result of reading one text: its parts, and each part that cannot be read with why. */
export interface ParsedList<T> {
  values: T[];
  bad: { text: string; why: Message }[];
}

function partsOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** `1024x1024, 1536x1024`: sizes in pixels. */
export function parseDimensions(text: string): ParsedList<Size> {
  const parsed: ParsedList<Size> = { values: [], bad: [] };
  for (const part of partsOf(text)) {
    const match = /^(\d{1,5})\s*[x×]\s*(\d{1,5})$/iu.exec(part);
    const size = { width: Number(match?.[1]), height: Number(match?.[2]) };
    if (size.width > 0 && size.height > 0) parsed.values.push(size);
    else parsed.bad.push({ text: part, why: messages.noSize() });
  }
  return parsed;
}

/** `1:1, 16:9`: aspect ratios as the provider takes them. */
export function parseAspectRatios(text: string): ParsedList<string> {
  const parsed: ParsedList<string> = { values: [], bad: [] };
  for (const part of partsOf(text)) {
    const match = /^(\d{1,3})\s*:\s*(\d{1,3})$/u.exec(part);
    if (Number(match?.[1]) > 0 && Number(match?.[2]) > 0) {
      parsed.values.push(`${Number(match?.[1])}:${Number(match?.[2])}`);
    } else parsed.bad.push({ text: part, why: messages.noRatio() });
  }
  return parsed;
}

export interface LoraModel {
  model: string;
  /** −4 to 4. */
  weight: number;
}

/**
 * `model` or `model:weight`. The text after the last colon is a weight only if all of it is a number, so
 * that `civitai:144142@160130` stays whole. Old lists hold weights up to 10: they are read as weights, and refused
 * with a reason, because services take −4 to 4.
 */
export function parseLora(lines: readonly string[]): ParsedList<LoraModel> {
  const parsed: ParsedList<LoraModel> = { values: [], bad: [] };
  for (const line of lines) {
    const text = line.trim();
    if (text === '') continue;
    const colon = text.lastIndexOf(':');
    const tail = text
      .slice(colon + 1)
      .trim()
      .replace('−', '-');
    const weighted = colon >= 0 && /^[+-]?(\d+(\.\d*)?|\.\d+)$/u.test(tail);
    const model = weighted ? text.slice(0, colon).trim() : text;
    const weight = weighted ? Number(tail) : 1;
    if (model === '' || model.endsWith(':')) {
      parsed.bad.push({ text, why: messages.noModel() });
    } else if (weight < -4 || weight > 4) {
      parsed.bad.push({ text, why: messages.weightOutside({ weight }) });
    } else parsed.values.push({ model, weight });
  }
  return parsed;
}
