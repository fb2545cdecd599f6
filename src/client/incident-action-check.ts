import { RealtimeError } from '../protocol/errors.ts';
import { severityRank } from '../protocol/incident-words.ts';
import type {
  Incident,
  IncidentAction,
  IncidentActionKind,
  IncidentCapabilities,
  ResolutionMethod,
} from '../protocol/incident.ts';

/** Characters in a comment, a reason, notes or a root cause. */
export const TEXT_LIMIT = 10_000;
const ASSIGNEES_LIMIT = 100;
const NAME_LIMIT = 200;

const METHODS: readonly ResolutionMethod[] = ['manual', 'automated', 'auto-assisted'];

/** What an incident was like when somebody decided to do something about it. */
export type Seen = Pick<Incident, 'severity' | 'assignees'>;

/** What the outbox keeps of an action. A type, not an interface, since the outbox takes only plain records. */
export type StoredAction = {
  readonly action: IncidentAction;
  readonly seen?: Seen;
};

const CANNOT: Readonly<Record<IncidentActionKind, string>> = {
  acknowledge: 'This server cannot acknowledge incidents.',
  assign: 'This server cannot assign incidents.',
  escalate: 'This server cannot change the severity of incidents.',
  resolve: 'This server cannot resolve incidents.',
  comment: 'This server takes no comments.',
  reopen: 'This server cannot reopen incidents.',
};

/**
 * The action with nothing in it but what belongs there, texts trimmed and severities in capitals.
 *
 * @param raw From a page, or from storage.
 * @throws {RealtimeError} `input`, in words for people.
 */
export function checkAction(raw: unknown): IncidentAction {
  if (!isObject(raw)) throw input('An action must be an object.');
  const { kind } = raw;
  const id = textOf(raw, 'id', 'The id of an incident', NAME_LIMIT);
  if (!id) throw input('An action needs the id of an incident.');
  switch (kind) {
    case 'acknowledge':
    case 'reopen':
      return { kind, id };
    case 'assign':
      return { kind, id, assignees: namesOf(raw['assignees']) };
    case 'escalate': {
      const severity = textOf(raw, 'severity', 'A severity', NAME_LIMIT).toUpperCase();
      if (!severity) throw input('Say which severity it should have.');
      return { kind, id, severity, reason: textOf(raw, 'reason', 'The reason') };
    }
    case 'resolve': {
      const method = METHODS.find((each) => each === raw['method']);
      if (!method) throw input(`The method must be one of ${METHODS.join(', ')}.`);
      const rootCause = textOf(raw, 'rootCause', 'The root cause');
      const notes = textOf(raw, 'notes', 'The notes');
      return { kind, id, method, notes, ...(rootCause && { rootCause }) };
    }
    case 'comment': {
      const text = textOf(raw, 'text', 'The comment');
      if (!text) throw input('An empty comment cannot be added.');
      return { kind, id, text };
    }
    default:
      throw input('There is no such action.');
  }
}

/** Throws `input` for what the server cannot do. `undefined`: it has not been asked yet, and what is usual passes. */
export function checkCapable(action: IncidentAction, capabilities: IncidentCapabilities | undefined): void {
  if (capabilities && !capabilities.actions.has(action.kind)) throw input(CANNOT[action.kind]);
  if (action.kind !== 'escalate') return;
  const { severity } = action;
  const isKnown = capabilities?.severities.length
    ? capabilities.severities.includes(severity)
    : severityRank(severity) < 5;
  if (!isKnown) throw input('There is no such severity.');
}

/** What storage has of an action. Throws `input` for what this version does not understand. */
export function readStored(data: unknown): StoredAction {
  const { action, seen } = isObject(data) ? data : {};
  return { action: checkAction(action), ...(isSeen(seen) && { seen }) };
}

export function input(message: string): RealtimeError {
  return new RealtimeError('input', message);
}

/** A text that may be missing; trimmed. */
function textOf(raw: Record<string, unknown>, name: string, what: string, limit = TEXT_LIMIT): string {
  const { [name]: value = '' } = raw;
  if (typeof value !== 'string') throw input(`${what} must be a text.`);
  const text = value.trim();
  if (text.length > limit) throw input(`${what} is too long: ${limit.toLocaleString('en')} characters fit.`);
  return text;
}

/** Each name once, in the order given. */
function namesOf(raw: unknown): readonly string[] {
  if (!Array.isArray(raw) || !raw.every((name) => typeof name === 'string')) {
    throw input('Assignees must be a list of names.');
  }
  const names = [...new Set(raw.map((name) => name.trim()).filter(Boolean))];
  if (names.length > ASSIGNEES_LIMIT || names.some((name) => name.length > NAME_LIMIT)) {
    throw input('That is too much: at most 100 names of 200 characters each can be assigned.');
  }
  return names;
}

function isSeen(value: unknown): value is Seen {
  if (!isObject(value) || typeof value['severity'] !== 'string') return false;
  const { assignees } = value;
  return (
    assignees === undefined ||
    (Array.isArray(assignees) && assignees.every((name) => typeof name === 'string'))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
