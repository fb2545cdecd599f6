import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { connectionOptions, type ConnectionAttributes } from '../context/connection-options.ts';
import { acquireSharedClient, blockedClient, type SharedClient } from '../context/shared-client.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';
import { XiansErrorEvent } from './events.ts';

/**
 * Turns the connection attributes of its host into a shared client, and retains it while the host is in the document.
 * Call {@link update} from the host's `willUpdate`, so that several changed attributes make one new client.
 */
export class OwnClient implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #onChange: (shared: SharedClient | undefined) => void;
  #attributes: ConnectionAttributes | undefined;
  #consent: boolean | undefined;
  #shared: SharedClient | undefined;
  #release: Undo | undefined;
  /** What was said of attributes that a chat works without. */
  readonly #told = new Set<string>();

  /** @param onChange Gets the client to use from now on; `undefined` without attributes or outside the document. */
  constructor(
    host: ReactiveControllerHost & HTMLElement,
    onChange: (shared: SharedClient | undefined) => void,
  ) {
    this.#host = host;
    this.#onChange = onChange;
    host.addController(this);
  }

  get shared(): SharedClient | undefined {
    return this.#shared;
  }

  /**
   * @param attributes `undefined`: the host has no connection of its own.
   * @param consent `false`: nothing may be connected or stored yet, whatever the attributes.
   */
  update(attributes: ConnectionAttributes | undefined, consent: boolean | undefined): void {
    this.#attributes = attributes;
    this.#consent = consent;
    if (this.#host.isConnected) this.#take(this.#choose());
  }

  hostConnected(): void {
    this.#take(this.#choose());
  }

  hostDisconnected(): void {
    this.#take(undefined);
  }

  #choose(): SharedClient | undefined {
    if (this.#consent === false) return blockedClient('consent');
    if (!this.#attributes) return undefined;
    try {
      return acquireSharedClient(connectionOptions(this.#attributes, location, this.#tell));
    } catch (error) {
      return blockedClient(RealtimeError.from(error, 'input', 'These attributes cannot work.'));
    }
  }

  #tell = (problem: RealtimeError) => {
    const { message } = problem;
    if (!this.#told.has(message)) this.#host.dispatchEvent(new XiansErrorEvent(problem));
    this.#told.add(message);
  };

  #take(shared: SharedClient | undefined): void {
    if (shared?.key === this.#shared?.key) return;
    const release = this.#release;
    this.#shared = shared;
    this.#release = shared?.retain();
    release?.();
    this.#onChange(shared);
  }
}
