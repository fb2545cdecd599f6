import type { Message } from '../protocol/types.ts';
import { harmlessName } from './harmless-name.ts';

/** What a step of an agent's work says of itself. What it says is free-form (xians §5), so these are habits of agents. */
export interface Step {
  readonly message: Message;
  readonly isTool: boolean;
  /** Name of the tool, where it is told. */
  readonly tool: string | undefined;
  readonly text: string;
  readonly failed: boolean;
  /** How long it took, in milliseconds: as it says, else until the next one or the answer. */
  readonly ms: number | undefined;
  readonly data: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** @param next When the next step or the answer came, in milliseconds since 1970. */
export function stepOf(message: Message, next: number | undefined): Step {
  const { type, text, data, createdAt } = message;
  const fields = isFields(data) ? data : {};
  const told = ['durationMs', 'duration_ms', 'elapsedMs', 'elapsed_ms'].map((name) => fields[name]);
  const ms = told.find((value) => typeof value === 'number' && value >= 0) as number | undefined;
  return {
    message,
    isTool: type === 'Tool',
    tool: type === 'Tool' ? toolOf(fields) : undefined,
    text: text?.trim() ?? '',
    failed: hasFailed(fields),
    ms: ms ?? (next === undefined ? undefined : Math.max(0, next - createdAt)),
    data:
      data != null && data !== '' && !(isFields(data) && Object.keys(data).length === 0) ? data : undefined,
  };
}

function toolOf(fields: Fields): string | undefined {
  for (const key of ['tool', 'toolName', 'tool_name', 'name', 'function']) {
    const value = fields[key];
    const name = isFields(value) ? value['name'] : value;
    if (typeof name === 'string' && name.trim()) return harmlessName(name, 60);
  }
  return undefined;
}

function hasFailed(fields: Fields): boolean {
  const { error, isError, is_error, success, ok, status } = fields;
  return (
    (error !== undefined && error !== null && error !== false && error !== '') ||
    isError === true ||
    is_error === true ||
    success === false ||
    ok === false ||
    (typeof status === 'string' && /^(error|failed|failure)$/i.test(status))
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
