/** Approvals by key, which wait at the host for a moment and can be taken back there (F11). */
import type { ReactiveControllerHost } from 'lit';
import type { Host } from '../client.ts';

export class WaitingApprovals {
  readonly #view: Pick<ReactiveControllerHost, 'requestUpdate'>;
  readonly #host: Pick<Host, 'request'>;
  /** One for each press: while those of one moment are being made, others may wait already. */
  readonly #presses = new Set<readonly string[]>();

  constructor(view: Pick<ReactiveControllerHost, 'requestUpdate'>, host: Pick<Host, 'request'>) {
    this.#view = view;
    this.#host = host;
  }

  /** How many images they are about. */
  get images(): number {
    return new Set([...this.#presses].flat()).size;
  }

  /** Settles when they are made, or taken back. */
  async add(imageIds: readonly string[]): Promise<void> {
    this.#presses.add(imageIds);
    this.#view.requestUpdate();
    try {
      await this.#host.request('images.approveSoon', { imageIds });
    } finally {
      this.#presses.delete(imageIds);
      this.#view.requestUpdate();
    }
  }

  undo(): Promise<void> {
    return this.#host.request('approvals.undo', {});
  }
}
