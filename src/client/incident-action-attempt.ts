import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction, IncidentCapabilities } from '../protocol/incident.ts';
import type { OutboxRecord } from '../queue/outbox.ts';
import type { IncidentSource } from '../transports/incident-source.ts';
import type { Environment } from './environment.ts';
import { checkCapable, readStored, type StoredAction } from './incident-action-check.ts';
import { isDone } from './incident-optimistic.ts';

/** What attempts need from those who make them. */
export interface AttemptPorts {
  readonly environment: Pick<Environment, 'now' | 'monotonicNow'>;
  /** `undefined` while nothing is connected. */
  source(): IncidentSource | undefined;
  /** What the server can do; `undefined` before it was asked. */
  capabilities(): IncidentCapabilities | undefined;
  /** The server told how this incident is. */
  onRead(incident: Incident): void;
}

/** So long after it was asked for, an action goes without another look at the incident. */
const FRESH_MS = 5_000;
/** A clock of ours and one of the server, where nothing tells how far apart they are. */
const CLOCK_SLACK_MS = 60_000;
/** A timeline's text that was cut by whoever read it is compared only so far. */
const CUT_LENGTH = 1_000;

const DOUBT =
  'The connection was lost before the server had answered, and this server does not tell its comments: yours may have been ' +
  'added all the same. Look before you send it again.';

/**
 * Tries to have one action done, and finds out afterwards whether it was. An action that has waited is checked against the
 * incident as it is by then: what is done already is not done again, and nothing that others decided meanwhile is undone.
 */
export class ActionAttempts {
  readonly #ports: AttemptPorts;
  /** Actions that somebody asked for with the incident in view, and when by the monotonic clock. */
  readonly #fresh = new Map<string, number>();
  /** Actions that somebody wants done although things have changed. */
  readonly #insisted = new Set<string>();
  readonly #unneeded = new Set<string>();
  /** `updatedAt` of the incident when it was last looked at before a comment was sent. */
  readonly #before = new Map<string, number>();

  constructor(ports: AttemptPorts) {
    this.#ports = ports;
  }

  /** The action is asked for now, and fits: an attempt that is made at once need not look at the incident. */
  trust(id: string): void {
    this.#fresh.set(id, this.#ports.environment.monotonicNow());
  }

  /** Somebody has seen why it failed, and wants it all the same. */
  insist(id: string): void {
    this.#insisted.add(id);
  }

  /** Whether there was nothing left to do for an action that has left. Forgets it. */
  end(id: string): boolean {
    this.#fresh.delete(id);
    this.#insisted.delete(id);
    this.#before.delete(id);
    return this.#unneeded.delete(id);
  }

  /** One attempt. Resolves when the server has done it, or nothing is left to do. */
  async send(record: OutboxRecord): Promise<void> {
    const { action, seen } = readStored(record.message.data);
    if (this.#ports.environment.now() >= record.expiresAt) {
      throw new RealtimeError('expired', 'It could not be sent for too long.');
    }
    const source = this.#source();
    checkCapable(action, this.#ports.capabilities());
    // The page ended before an answer came, and nobody can tell what it would have been.
    if (action.kind === 'comment' && record.error?.stored === 'maybe' && !this.#tellsComments()) {
      throw new RealtimeError('network', DOUBT, { retryable: false });
    }
    const isFresh = this.#isFresh(record.id);
    if (!isFresh) {
      const incident = await this.#read(source, action.id);
      this.#before.set(record.id, incident.updatedAt);
      if (isDone(incident, action)) {
        this.#unneeded.add(record.id);
        return;
      }
      this.#checkConflict(incident, { action, seen }, this.#insisted.has(record.id));
    }
    try {
      this.#ports.onRead(await source.act(action));
    } catch (reason) {
      throw this.#meaning(reason, action, isFresh);
    }
  }

  /**
   * Whether an attempt whose outcome is not known was a success, as far as the server tells; `false` where it does not:
   * what may then be sent again is decided in {@link send}. Rejects when the server cannot be asked.
   */
  async isStored(record: OutboxRecord): Promise<boolean> {
    const { action } = readStored(record.message.data);
    if (action.kind === 'comment') return this.#isInTimeline(record, action.id, action.text);
    const { incidents } = await this.#source().read([action.id]);
    const incident = incidents[0];
    if (!incident) return false;
    this.#ports.onRead(incident);
    return isDone(incident, action);
  }

  async #isInTimeline(record: OutboxRecord, id: string, text: string): Promise<boolean> {
    if (!this.#tellsComments()) return false;
    const source = this.#source();
    const { incident, timeline = [] } = await source.details(id);
    this.#ports.onRead(incident);
    // Anything newer than what was known of the incident before, by the server's own clock.
    const since =
      this.#before.get(record.id) ??
      record.after ??
      record.createdAt + source.serverClockAheadMs - CLOCK_SLACK_MS;
    return timeline.some(
      ({ at, type, description }) => at > since && /COMMENT|NOTE/.test(type) && isSameText(description, text),
    );
  }

  /** Only once: what has to be tried again has waited. */
  #isFresh(id: string): boolean {
    const askedAt = this.#fresh.get(id);
    this.#fresh.delete(id);
    return askedAt !== undefined && this.#ports.environment.monotonicNow() - askedAt < FRESH_MS;
  }

  #tellsComments(): boolean {
    return this.#ports.capabilities()?.timeline === true;
  }

  #source(): IncidentSource {
    const source = this.#ports.source();
    if (!source) throw new RealtimeError('network', 'There is no connection to the server of incidents.');
    return source;
  }

  async #read(source: IncidentSource, id: string): Promise<Incident> {
    const { incidents } = await source.read([id]);
    const incident = incidents[0];
    if (!incident) throw new RealtimeError('not-found', 'The server does not have this incident any more.');
    this.#ports.onRead(incident);
    return incident;
  }

  /** Throws where what was decided does not fit what has become of the incident. */
  #checkConflict(incident: Incident, { action, seen }: StoredAction, isInsisted: boolean): void {
    const { kind } = action;
    if (kind !== 'escalate' && kind !== 'assign') return;
    if (incident.phase === 'done') throw conflict('It was resolved meanwhile.');
    if (isInsisted || !seen) return;
    if (kind === 'escalate' && incident.severity !== seen.severity) {
      throw conflict(`Its severity was changed meanwhile, to ${incident.severity}.`);
    }
    if (kind === 'assign' && seen.assignees && incident.assignees) {
      const now = incident.assignees.join(', ');
      if (now !== seen.assignees.join(', ')) {
        throw conflict(
          now ? `It was assigned meanwhile, to ${now}.` : 'Its assignees were removed meanwhile.',
        );
      }
    }
  }

  /** What a failed attempt means for whoever waits for it. */
  #meaning(reason: unknown, action: IncidentAction, isFresh: boolean): RealtimeError {
    const words = 'The action could not be sent.';
    const error = RealtimeError.from(reason, 'network', words, { stored: 'maybe' });
    const { code, stored } = error;
    if (stored === 'maybe' && action.kind === 'comment' && !this.#tellsComments()) {
      return new RealtimeError(code, DOUBT, { cause: error, retryable: false });
    }
    // Somebody is looking: they learn at once that the server refuses, and decide themselves.
    const isRefusal = stored === 'no' && (code === 'server' || code === 'protocol');
    if (!isFresh || !isRefusal) return error;
    return new RealtimeError(code, error.message, { cause: error, retryable: false, status: error.status });
  }
}

function conflict(message: string): RealtimeError {
  return new RealtimeError('input', message);
}

function isSameText(told: string, text: string): boolean {
  const [one, other] = [told, text].map((each) => each.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim());
  if (one === other) return true;
  return (
    one !== undefined && one.length >= CUT_LENGTH && other?.startsWith(one.slice(0, CUT_LENGTH)) === true
  );
}
