/** The ways around a hub that does not serve: one needs the other, so they are loaded together. */
export { RestTransport } from './rest-transport.ts';
export { SseTransport } from './sse-transport.ts';
