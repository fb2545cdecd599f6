// @ts-check
import { readFile } from 'node:fs/promises';

/** The server's address, and how often to ask whether it is still there. */
export const BASE_URL = (process.env.INCIDENTS_URL ?? 'http://localhost:8080').replace(/\/$/, '');
export const SOCKET_URL = `${BASE_URL.replace(/^http/, 'ws')}/graphql/ws`;
export const PING_MS = Number(process.env.INCIDENTS_PING_MS ?? 10_000);
export const PONG_MS = Number(process.env.INCIDENTS_PONG_MS ?? 5_000);

/**
 * The token of the moment, asked for before each connection, so that a renewed one is used. From the file that
 * `INCIDENTS_TOKEN_FILE` names, or from `INCIDENTS_TOKEN`; `undefined`: the server wants none.
 * @returns {Promise<string | undefined>}
 */
export async function getToken() {
  const file = process.env.INCIDENTS_TOKEN_FILE;
  const token = file ? await readFile(file, 'utf8') : process.env.INCIDENTS_TOKEN;
  return token?.trim() || undefined;
}

/**
 * One JSON line on standard output for each thing received.
 * @param {{ type: string, [member: string]: unknown }} line
 */
export function print(line) {
  console.log(JSON.stringify(line));
}
