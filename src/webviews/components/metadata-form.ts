/** Title, description and tags of an image, editable. */
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Host } from '../client.ts';
import type { ImageView } from '../protocol.ts';
import { send, emitWritten } from './events.ts';
import { baseStyles } from './styles.ts';
import { parseTags } from './tags.ts';

interface Draft {
  title: string;
  description: string;
  tags: string;
}

function draftOf(image: ImageView): Draft {
  return {
    title: image.title ?? '',
    description: image.description ?? '',
    tags: image.tags.join(', '),
  };
}

@customElement('factory-metadata-form')
export class MetadataForm extends LitElement {
  static override styles = [
    baseStyles,
    css`
      form {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }
      vscode-text-field,
      vscode-text-area {
        width: 100%;
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) image!: ImageView;
  @state() private draft: Draft = { title: '', description: '', tags: '' };
  @state() private saving = false;

  get dirty(): boolean {
    const saved = draftOf(this.image);
    const { title, description, tags } = this.draft;
    return title !== saved.title || description !== saved.description || tags !== saved.tags;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('image');
    // A refresh of the same image must not take away what is being typed.
    if (changed.has('image') && before?.id !== this.image.id) this.draft = draftOf(this.image);
  }

  /** Saves what was changed; nothing when nothing was. */
  async save(): Promise<void> {
    if (!this.dirty || this.saving) return;
    this.saving = true;
    const { id } = this.image;
    const { title, description, tags } = this.draft;
    try {
      const image = await this.host.request('image.editMetadata', {
        imageId: id,
        title: title.trim(),
        description: description.trim(),
        tags: parseTags(tags),
      });
      if (this.image.id === id) {
        this.image = image;
        this.draft = draftOf(image);
      }
      emitWritten(this, 'image-saved', image);
      send(this, 'view-announce', 'Metadata saved');
    } catch (error) {
      send(this, 'view-error', error);
    } finally {
      this.saving = false;
    }
  }

  #input(name: keyof Draft): (event: Event) => void {
    return (event) => {
      this.draft = { ...this.draft, [name]: (event.target as HTMLInputElement).value };
    };
  }

  #onKey(event: KeyboardEvent): void {
    const saves = (event.ctrlKey || event.metaKey) && ['s', 'enter'].includes(event.key.toLowerCase());
    if (!saves) return;
    event.preventDefault();
    event.stopPropagation();
    void this.save();
  }

  protected override render(): TemplateResult {
    return html`<form
      @keydown=${this.#onKey}
      @submit=${(event: Event) => {
        event.preventDefault();
        void this.save();
      }}
    >
      <vscode-text-field .value=${this.draft.title} maxlength="1000" @input=${this.#input('title')}
        >Title</vscode-text-field
      >
      <vscode-text-area
        rows="5"
        resize="vertical"
        .value=${this.draft.description}
        @input=${this.#input('description')}
        >Description</vscode-text-area
      >
      <vscode-text-area rows="4" resize="vertical" .value=${this.draft.tags} @input=${this.#input('tags')}
        >Tags, separated by commas</vscode-text-area
      >
      <div class="row">
        <vscode-button ?disabled=${!this.dirty || this.saving} @click=${() => void this.save()}
          >Save</vscode-button
        >
        <span class="muted">${this.dirty ? 'Not saved yet' : ''}</span>
      </div>
    </form>`;
  }
}
