/** What went wrong on the way to a service, in words that help. */
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';
import type { Value } from '../model/message.ts';

/** Codes of Node for a server that shows a certificate which this machine does not trust. */
const certificateCodes =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*CERT.*|CERT_.*|ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_.*)$/;

/** A failure of the connection, whatever the library threw. */
export function sendError(error: unknown, service: string, url: URL, notSent: boolean): FactoryError {
  if (error instanceof FactoryError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const text = error instanceof Error && error.message !== '' ? error.message : code;
  if (certificateCodes.test(code)) {
    return new FactoryError('network.proxy', messages.certificate({ service, host: url.host, code }), {
      notSent: true,
    });
  }
  return unreachable(service, url, reasonOf(code, text), notSent);
}

function reasonOf(code: string, text: string): Value {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return messages.nameNotFound();
    case 'ECONNREFUSED':
      return messages.connectionRefused();
    case 'ECONNRESET':
    case 'EPIPE':
      return messages.connectionLost();
    default:
      return text;
  }
}

export function unreachable(service: string, url: URL, reason: Value, notSent: boolean): FactoryError {
  return new FactoryError('network.unreachable', messages.unreachable({ service, host: url.host, reason }), {
    notSent,
  });
}

export function timeoutError(service: string, url: URL, what: Value, notSent: boolean): FactoryError {
  return new FactoryError('network.timeout', messages.timedOut({ service, host: url.host, what }), {
    notSent,
  });
}

/** A time in words. */
export function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}
