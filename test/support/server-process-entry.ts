import { startServer, type ServerOptions } from '../../demo/server/server.ts';

/** Runs a development server with the options given as JSON, prints its address once it listens, and ends with its input. */
const server = await startServer(JSON.parse(process.argv[2] ?? '{}') as ServerOptions);
process.stdin.on('end', () => process.exit()).resume();
console.log(server.url);
