import { RealtimeError } from '../../src/protocol/errors.ts';
import type { Random } from '../sim/random.ts';
import { pick } from './redaction-secrets.ts';

/** Texts with secrets in them: `known` ones have a form, a name or were held; among the `foreign` ones are some that nobody can know. */
export interface Plants {
  known(): string;
  foreign(): string;
}

type Build = (random: Random, plants: Plants, depth: number) => unknown;

const CLASSES = [Error, TypeError, RangeError, SyntaxError] as const;
const CODES = ['network', 'unauthorized', 'server', 'protocol', 'bug', 'input'] as const;

/** Everything that has been thrown somewhere, with secrets in whatever can hold text. */
const BUILDERS: readonly Build[] = [
  (_random, { foreign }) => foreign(),
  (random, { foreign }) => new (pick(random, CLASSES))(foreign()),
  (random, plants, depth) =>
    new (pick(random, CLASSES))(plants.foreign(), { cause: drawError(random, plants, depth + 1) }),
  (random, plants, depth) =>
    new RealtimeError(pick(random, CODES), `Our sentence. ${plants.known()}`.slice(0, 2_000), {
      cause: drawError(random, plants, depth + 1),
      status: 500,
    }),
  (random, plants, depth) =>
    new AggregateError(
      [drawError(random, plants, depth + 1), drawError(random, plants, depth + 1)],
      plants.foreign(),
    ),
  (_random, { foreign }) => new DOMException(foreign(), foreign()),
  (_random, { foreign }) =>
    Object.assign(new Event('error'), { message: foreign(), error: new Error(foreign()) }),
  (_random, { foreign }) => new Event(foreign()),
  // As HTTP libraries throw them.
  (_random, { foreign }) =>
    Object.assign(new Error(foreign()), {
      code: foreign(),
      status: foreign(),
      config: { url: foreign(), headers: { Authorization: foreign(), nested: [{ cookie: foreign() }] } },
      request: new Headers({ 'x-anything': foreign().replace(/[^ -~]/g, '') }),
      response: { status: 401, data: foreign(), headers: [['set-cookie', foreign()]] },
    }),
  // Names, codes and causes that are not what they should be.
  (_random, { foreign }) =>
    Object.assign(new Error(foreign(), { cause: foreign() }), {
      name: foreign(),
      code: foreign(),
      service: foreign(),
    }),
  (_random, { foreign }) => ({
    message: { text: foreign() },
    [foreign()]: foreign(),
    retryAfterMs: foreign(),
  }),
  (_random, { foreign }) => [
    { message: foreign(), extensions: { code: foreign() } },
    { message: foreign(), extensions: { code: 'UNAUTHENTICATED' } },
  ],
  (_random, { foreign }) => {
    const circular: Record<string, unknown> = { message: foreign() };
    return Object.assign(circular, { cause: circular, errors: [circular], self: circular });
  },
  (_random, { foreign }) => ({
    get message() {
      throw new Error(foreign());
    },
    get stack() {
      return foreign();
    },
  }),
  (_random, { foreign }) =>
    new Proxy(new Error(foreign()), {
      get: () => {
        throw new Error(foreign());
      },
    }),
  (_random, { foreign }) => {
    const { proxy, revoke } = Proxy.revocable(new Error(foreign()), {});
    revoke();
    return proxy;
  },
  // Stacks: one of an address that has everything, those of a message with lines that look like places, and of another engine.
  (_random, { known, foreign }) =>
    Object.assign(new Error('x'), {
      stack: `Error: x\n    at f (https://u:p@h.example/js/app.js?${encodeURIComponent(foreign())}#${encodeURIComponent(foreign())}:1:2)\n    at https://h.example/${encodeURIComponent(known())}/b.js:3:4`,
    }),
  (_random, { foreign }) =>
    new Error(
      `x\n    at ${foreign()} (https://h.example/${foreign()}.js:1:2)\n    at https://h.example/a.js?${foreign()}:1:2`,
    ),
  (_random, { foreign }) =>
    Object.assign(new Error(foreign()), {
      stack: `${foreign()}@https://h.example/x.js:1:2\ng@https://h.example/y.js?${foreign()}:1:2`,
    }),
  (_random, { foreign }) => Object.assign(new Error(foreign()), { message: foreign() }),
  () => null,
  () => undefined,
  () => Symbol('thrown'),
];

export function drawError(random: Random, plants: Plants, depth = 0): unknown {
  return depth > 3 ? plants.foreign() : pick(random, BUILDERS)(random, plants, depth);
}
