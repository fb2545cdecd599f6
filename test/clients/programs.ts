import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const CLIENTS = resolve(import.meta.dirname, '../../demo/clients');
const CACHE = resolve(import.meta.dirname, '../../.cache/clients');
/** Compiling for the first time takes a while. */
const BUILD_LIMIT_MS = 240_000;

/** A client that runs in a process. */
export interface Program {
  readonly name: string;
  /** Makes it ready. Resolves with how to start it, or with why that is impossible here. */
  prepare(): Promise<{ readonly command: readonly string[] } | { readonly missing: string }>;
}

export const PROGRAMS: readonly Program[] = [
  { name: 'node', prepare: async () => ({ command: [process.execPath, join(CLIENTS, 'node/main.mjs')] }) },
  {
    name: 'graphql-ws',
    prepare: async () => ({ command: [process.execPath, join(CLIENTS, 'graphql-ws/main.mjs')] }),
  },
  {
    name: 'python-websockets',
    prepare: () =>
      // The system's own Python: that is whose packages Debian installs.
      attempt('/usr/bin/python3', ['-c', 'import sys, websockets; sys.exit(sys.version_info < (3, 11))'], {
        command: ['/usr/bin/python3', '-B', '-u', join(CLIENTS, 'python-websockets/main.py')],
      }),
  },
  {
    name: 'go-gorilla',
    prepare: async () => {
      const program = join(CACHE, 'go-client');
      return attempt('go', ['build', '-o', program, '.'], { command: [program] });
    },
  },
];

/** `npm run clients:install` is what brings the tools. */
async function attempt(
  tool: string,
  args: readonly string[],
  ready: { readonly command: readonly string[] },
): Promise<{ readonly command: readonly string[] } | { readonly missing: string }> {
  try {
    await promisify(execFile)(tool, args, {
      cwd: join(CLIENTS, 'go-gorilla'),
      env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' },
      timeout: BUILD_LIMIT_MS,
    });
    return ready;
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    const why = code === 'ENOENT' ? 'not installed' : (stderr ?? message).trim().split('\n').at(-1);
    return { missing: `${tool}: ${String(why)}` };
  }
}
