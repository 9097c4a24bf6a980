/** The shape of one setting's declaration, and the type of its value: plain data that host, views and scripts read alike. */

export const settingSections = [
  { id: 'apiKeys', label: 'API Keys', help: 'Keys of the services that make and check images.' },
  { id: 'files', label: 'File Paths', help: 'Where images go, and the files that a job reads.' },
  { id: 'parameters', label: 'Parameters', help: 'What is made, how much of it, and by whom.' },
  { id: 'processing', label: 'Processing', help: 'What happens to an image after it was made.' },
  { id: 'ai', label: 'AI Features', help: 'What a vision model checks and describes.' },
  { id: 'advanced', label: 'Advanced', help: 'Diagnosis, and the addresses of the services.' },
] as const;
export type SettingSection = (typeof settingSections)[number]['id'];

/**
 * `resource`: part of a job, kept in the folder's settings.json.
 * `start`: part of a job, asked when it starts and never written to settings.json.
 * `machine`: belongs to this computer; a workspace cannot set it. `application`: the user's
 * own, for every folder and machine; neither a workspace nor a container's settings can set it.
 */
export type SettingScope = 'resource' | 'start' | 'machine' | 'application';

/** The forms that a setting appears in, beside VS Code's own Settings. */
export type SettingForm = 'settings' | 'job' | 'retry';

/** Other settings and the values that they must have (all of them) for this one to be shown and used. */
export type Condition = Readonly<Record<string, readonly (string | boolean)[]>>;

export interface Option {
  readonly value: string;
  readonly label: string;
}

interface Common {
  readonly section: SettingSection;
  readonly label: string;
  /** One or two sentences: what it does, and what an unset value means. */
  readonly help: string;
  readonly scope: SettingScope;
  readonly forms: readonly SettingForm[];
  readonly when?: Condition;
  /** True where an untrusted workspace must not set it. */
  readonly restricted?: true;
  /** Unit of a number, as shown after the field. */
  readonly unit?: string;
}

export interface ToggleSetting extends Common {
  readonly kind: 'toggle';
  readonly default: boolean;
}

/** A number; a default of null means that it may be unset. */
export interface NumberSetting extends Common {
  readonly kind: 'integer' | 'number';
  readonly default: number | null;
  readonly min: number;
  readonly max: number;
  /** Values are whole multiples of it. */
  readonly step?: number;
}

export interface TextSetting extends Common {
  readonly kind: 'text';
  readonly default: string;
  readonly maxLength: number;
  readonly multiline?: true;
  /** An empty text is refused. */
  readonly required?: true;
  /** A text with a grammar of its own: `1024x1024,1536x1024` or `1:1,16:9`. */
  readonly format?: 'dimensions' | 'aspectRatios';
}

export interface ChoiceSetting extends Common {
  readonly kind: 'choice';
  readonly default: string;
  readonly options: readonly Option[];
}

export interface ChoicesSetting extends Common {
  readonly kind: 'choices';
  readonly default: readonly string[];
  readonly options: readonly Option[];
}

/** LoRA models, one per line. */
export interface LinesSetting extends Common {
  readonly kind: 'lines';
  readonly default: readonly string[];
  readonly maxItems: number;
}

export interface PathSetting extends Common {
  readonly kind: 'path';
  readonly default: string;
  readonly pick: 'file' | 'folder';
  readonly access: 'read' | 'write';
  /** Endings that the file may have, with their dot; empty for folders. */
  readonly extensions: readonly string[];
  readonly required?: true;
}

export interface UrlSetting extends Common {
  readonly kind: 'url';
  readonly default: string;
}

export type SettingDefinition =
  | ToggleSetting
  | NumberSetting
  | TextSetting
  | ChoiceSetting
  | ChoicesSetting
  | LinesSetting
  | PathSetting
  | UrlSetting;

/** The type of a setting's value, from its declaration. */
export type ValueOf<D> = D extends { kind: 'toggle' }
  ? boolean
  : D extends { kind: 'integer' | 'number'; default: null }
    ? number | null
    : D extends { kind: 'integer' | 'number' }
      ? number
      : D extends { kind: 'choice'; options: readonly { value: infer V }[] }
        ? V
        : D extends { kind: 'choices'; options: readonly { value: infer V }[] }
          ? readonly V[]
          : D extends { kind: 'lines' }
            ? readonly string[]
            : string;
