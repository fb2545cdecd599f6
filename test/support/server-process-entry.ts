import { startServer, type ServerOptions } from '../../demo/server/server.ts';

/** Runs a development server with the options given as JSON, and prints its address once it listens. */
const server = await startServer(JSON.parse(process.argv[2] ?? '{}') as ServerOptions);
console.log(server.url);
