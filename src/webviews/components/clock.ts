/** Redraws an element once a second while something counts up. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Clock implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running = false;
  #connected = false;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** UTC ms. */
  get now(): number {
    return Date.now();
  }

  set running(running: boolean) {
    this.#running = running;
    this.#arrange();
  }

  hostConnected(): void {
    this.#connected = true;
    this.#arrange();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#arrange();
  }

  #arrange(): void {
    const wanted = this.#running && this.#connected;
    if (wanted) this.#timer ??= setInterval(() => this.#host.requestUpdate(), 1000);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
