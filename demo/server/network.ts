import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerContext } from './context.ts';
import type { Exchange } from './exchange.ts';

/** What a captive portal answers to everything. */
export const PORTAL =
  '<!doctype html><title>Welcome to the guest network</title><p>Please accept the terms of use.</p>';

/** Lets a request through the network as the faults have it: cut, or slow. `false`: it does not arrive. */
export async function passNetwork(
  { faults, openSockets }: ServerContext,
  exchange: Exchange,
  moreLatencyMs = 0,
): Promise<boolean> {
  const { request, response } = exchange;
  if (faults.get('down')) {
    exchange.drop();
    return false;
  }
  openSockets.add(request.socket);
  response.once('close', () => openSockets.delete(request.socket));
  const latencyMs = faults.get('latency') + moreLatencyMs;
  if (latencyMs > 0) await new Promise((resolve) => void setTimeout(resolve, latencyMs).unref());
  return !response.destroyed;
}

/** Refuses an upgrade in the way of a web server: a status line, then the end. */
export function refuseUpgrade(socket: Duplex, status: number, type: string, body: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${type}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
