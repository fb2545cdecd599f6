import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { StoredMessage, StoreFile } from './store.ts';

/**
 * Messages in a file, one a line. Each is written before the server says that it has it, so that a killed process has lost
 * nothing that was confirmed; the end of a line that was being written is passed over.
 */
export function openStoreFile(path: string): StoreFile {
  return {
    read: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(parsed) : []),
    append: (message) => appendFileSync(path, line(message)),
    write: (messages) => writeFileSync(path, messages.map(line).join('')),
  };
}

function line(message: StoredMessage): string {
  return `${JSON.stringify(message)}\n`;
}

function parsed(text: string): StoredMessage[] {
  try {
    return text === '' ? [] : [JSON.parse(text) as StoredMessage];
  } catch {
    return []; // The process was killed while it wrote this line.
  }
}
