/** What the fake services share: options, faults, tasks, what was asked and what was taken. */
import { forEachKeyed, type KeyedProvider } from '../../../src/engine/providers/registry.ts';
import type { ImageSpec } from './images.ts';
import type { Call, CallKind, Charge, FakeOptions, Fault, Service } from './script.ts';

export interface StoredImage extends ImageSpec {
  format: 'PNG' | 'JPG' | 'WEBP' | 'SVG';
  downloads: number;
}

/** A Runware or PiAPI task that was accepted. */
export interface StoredTask {
  id: string;
  request: Record<string, unknown>;
  async: boolean;
  /** Polls still to be answered with "processing"; below zero for ever. */
  pollsLeft: number;
  /** Null while the work is going on. */
  answer: { data: Record<string, unknown>[]; errors: Record<string, unknown>[] } | null;
}

export interface State {
  options: FakeOptions;
  keys: Readonly<Record<KeyedProvider, string>>;
  faults: ActiveFault[];
  calls: Call[];
  charges: Charge[];
  tasks: Map<string, StoredTask>;
  images: Map<string, StoredImage>;
  open: Record<Service, number>;
  startedAt: number;
  ports: { api: number; images: number };
  /** Called after every new call. */
  onCall: Set<() => void>;
  /** Calls that are held go on, or see that they are held still. */
  held: Set<() => void>;
  /** 0 to 1, from the seed. */
  random(): number;
}

export interface ActiveFault {
  fault: Fault;
  /** Calls of the fault's target that came by, for `at`. */
  seen: number;
  used: number;
}

export function createState(options: FakeOptions, keys: State['keys']): State {
  let word = (options.seed ?? 1) >>> 0;
  return {
    options,
    keys,
    faults: (options.faults ?? []).map((fault) => ({ fault, seen: 0, used: 0 })),
    calls: [],
    charges: [],
    tasks: new Map(),
    images: new Map(),
    open: { ...forEachKeyed(() => 0), images: 0 },
    startedAt: performance.now(),
    ports: { api: 0, images: 0 },
    onCall: new Set(),
    held: new Set(),
    random: () => {
      // mulberry32
      word = (word + 0x6d2b79f5) >>> 0;
      let t = word;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

/** The first fault that hits this call; counts the call for all of them. */
export function faultFor(
  state: State,
  call: { service: Service; kind: CallKind; text: string },
): Fault | null {
  let hit: Fault | null = null;
  for (const active of state.faults) {
    const { fault } = active;
    const kinds = fault.kind === undefined ? null : [fault.kind].flat();
    if (fault.service !== undefined && fault.service !== call.service) continue;
    if (kinds !== null && !kinds.includes(call.kind)) continue;
    if (fault.contains !== undefined && !call.text.includes(fault.contains)) continue;
    const number = active.seen++;
    if (hit !== null || active.used >= (fault.times ?? Infinity)) continue;
    if (fault.at !== undefined && !fault.at.includes(number)) continue;
    if (fault.percent !== undefined && state.random() * 100 >= fault.percent) continue;
    active.used++;
    hit = fault;
  }
  return hit;
}

/** Takes money; false when the prepaid balance does not reach. */
export function charge(state: State, entry: Charge): boolean {
  const credit = state.options.credit?.[entry.service];
  if (credit !== undefined) {
    if (credit < entry.microUsd) return false;
    state.options.credit = { ...state.options.credit, [entry.service]: credit - entry.microUsd };
  }
  state.charges.push(entry);
  return true;
}

export function canPay(state: State, service: Service, microUsd: number): boolean {
  return (state.options.credit?.[service] ?? Infinity) >= microUsd;
}

/** Stores an image on the image host; its address. */
export function publish(state: State, image: Omit<StoredImage, 'downloads'>, id: string): string {
  state.images.set(id, { ...image, downloads: 0 });
  const extension = image.format.toLowerCase();
  return `http://127.0.0.1:${state.ports.images}/image/ws/0/ii/${id}.${extension}?signature=${id.slice(0, 8)}SignedPart`;
}

export const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** A value that should be text; `otherwise` when it is neither text nor a number. */
export function textFrom(value: unknown, otherwise = ''): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}
