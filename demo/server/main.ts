import { fileURLToPath } from 'node:url';
import { startServer, type DevServer } from './server.ts';

/**
 * `npm start`: the demo pages, the built files and a Xians server in one, on `PORT` (default 8080). Messages are kept in
 * memory, or in the file that `STORE_FILE` names. Incidents happen by themselves, unless `--quiet` is given.
 */
const quiet = process.argv.includes('--quiet');
const port = Number(process.env['PORT'] ?? 8080);

async function main(): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return fail(`PORT must be a number between 0 and 65535, not "${process.env['PORT']}".`);
  }
  let server: DevServer;
  try {
    server = await startServer({
      port,
      incidents: { seed: 40, perSecond: quiet ? 0 : 1 / 8 },
      ...(process.env['STORE_FILE'] ? { storeFile: process.env['STORE_FILE'] } : {}),
      staticRoot: {
        '/': path('..'),
        '/dist/': path('../../dist'),
        '/README.md': path('../../README.md'),
        '/LICENSE': path('../../LICENSE'),
      },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      return fail(`Port ${port} is in use. Choose another one: PORT=${port + 1} npm start`);
    }
    if (code === 'EACCES') return fail(`This user may not use port ${port}. Try PORT=8080 npm start`);
    throw error;
  }
  const url = `http://localhost:${server.port}`;
  console.log(url);
  console.log('Open it in a browser. Widgets connect with tenant "acme" and API key "sk-Xnai-dev".');
  console.log(
    `Break things with POST ${url}/__control; GET lists what can be broken. Ctrl+C stops the server.`,
  );
  const stop = () => void server.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

await main();
