import type { IncidentOptions } from './incidents/side.ts';

/** Options of `startServer`. All have defaults, which are the real server's numbers unless said otherwise. */
export interface ServerOptions {
  /** Default `0`: a free port. */
  port?: number;
  /** Default `'127.0.0.1'`. `/__control` exists only while this is a loopback address. */
  host?: string;
  /** Folders (or single files) to serve, by URL prefix: `{ '/': 'demo', '/dist/': 'dist' }`. The longest prefix wins. Default: none. */
  staticRoot?: Readonly<Record<string, string>>;
  /** API key to the tenant it opens. Default: `sk-Xnai-dev` for `acme` and `sk-Xnai-dev-globex` for `globex`. */
  apiKeys?: Readonly<Record<string, string>>;
  /** Verify JWTs as HS256 with this secret. Default: none, so that unsigned development tokens are accepted. */
  jwtSecret?: string;
  /** Which page origins CORS lets in. Default: any loopback origin. */
  allowOrigin?: (origin: string) => boolean;
  /** Request headers that CORS lets through besides the real server's, such as `traceparent`. Default: none. */
  allowHeaders?: readonly string[];
  /** Fixed window on `/api/user/*`. `false` switches it off. Default 100 permits per 60,000 ms. */
  rateLimit?: false | { permits: number; windowMs: number };
  /** Pace of the scripted agents: roughly the wait before a plain answer. Default 600. */
  agentDelayMs?: number;
  /** How long one second of `heartbeatSeconds` and `timeoutSeconds` lasts. Default 1,000. */
  secondMs?: number;
  /** The hub pings after this much time without sending. Default 15,000. */
  hubPingMs?: number;
  /** The hub gives up a client that is silent this long. Default 30,000. */
  hubClientTimeoutMs?: number;
  /** A hub client has this long for its handshake. Default 15,000. */
  hubHandshakeTimeoutMs?: number;
  /** Filter SSE by participant, as a repaired server would. Default `false`, as the real one. */
  strictSse?: boolean;
  /** Keeps messages in this file (JSON lines), so that another server that is given it goes on with them. Default: in memory. */
  storeFile?: string;
  /** Messages kept; beyond it the oldest go. Default: all. */
  storeLimit?: number;
  /** What the incident manager begins with. Default: nothing. */
  incidents?: IncidentOptions;
}

type Optional = 'jwtSecret' | 'storeFile';
export type Settings = Required<Omit<ServerOptions, Optional>> & Pick<ServerOptions, Optional>;

export function withDefaults(options: ServerOptions): Settings {
  return {
    port: 0,
    host: '127.0.0.1',
    staticRoot: {},
    apiKeys: { 'sk-Xnai-dev': 'acme', 'sk-Xnai-dev-globex': 'globex' },
    allowOrigin: isLoopbackOrigin,
    allowHeaders: [],
    rateLimit: { permits: 100, windowMs: 60_000 },
    agentDelayMs: 600,
    secondMs: 1_000,
    hubPingMs: 15_000,
    hubClientTimeoutMs: 30_000,
    hubHandshakeTimeoutMs: 15_000,
    strictSse: false,
    storeLimit: Infinity,
    incidents: {},
    ...given(options),
  };
}

/** Without members that are `undefined`, so that they do not hide a default. */
function given(options: ServerOptions): ServerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Whether `host` (no port) names this machine only. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
  );
}

export function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}
