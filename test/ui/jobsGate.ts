/** A door before a service: while it is closed, calls wait in it, so that a test can look at work that goes on. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Gate {
  /** The service's address, through the gate. */
  address: string;
  close(): void;
  /** Lets everything through that waits and that comes. */
  open(): void;
  /** Resolves when so many calls wait. */
  waiting(count: number): Promise<void>;
  end(): Promise<void>;
}

/** `target` is the address of a service without a slash at its end; the gate is open at first. */
export async function openGate(target: string): Promise<Gate> {
  const { origin, pathname } = new URL(target);
  let closed = false;
  const held: (() => void)[] = [];
  const watchers = new Set<() => void>();

  function pass(incoming: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) return;
    const { method, headers, url } = incoming;
    const outgoing = request(new URL(url ?? '/', origin), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  }

  const server = createServer((incoming, response) => {
    if (!closed) {
      pass(incoming, response);
      return;
    }
    held.push(() => pass(incoming, response));
    for (const watcher of watchers) watcher();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    close: () => {
      closed = true;
    },
    open: () => {
      closed = false;
      for (const go of held.splice(0)) go();
    },
    waiting: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (held.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    end: async () => {
      const ended = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}
