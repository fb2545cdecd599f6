import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ENTRY = resolve(import.meta.dirname, '../../support/server-process-entry.ts');

/** A development server in a process of its own, of less priority than the browser that is measured. */
export async function startServer(options) {
  const args = ['-n', '5', process.execPath, '--import', 'tsx', ENTRY, JSON.stringify(options)];
  const child = spawn('nice', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const url = String(line).trim().replace(/\/$/, '');
  const ask = async (init) => {
    const response = await fetch(`${url}/__control`, init);
    const answer = await response.json();
    if (!response.ok) throw new Error(`${init?.body}: ${answer.error}`);
    return answer;
  };
  return {
    url,
    control: (fault) =>
      ask({
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(fault),
      }),
    report: () => ask(),
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
