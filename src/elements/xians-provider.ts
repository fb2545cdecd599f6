import { ContextProvider } from '@lit/context';
import { LitElement, css, html, type PropertyValues } from 'lit';
import { clientContext } from '../context/client-context.ts';
import type { HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { attached } from './attached.ts';
import { ClientController } from './client-controller.ts';
import { connectionProperties } from './connection-properties.ts';
import { XiansErrorEvent, forwardClientEvents } from './events.ts';
import type { OwnWords } from './language.ts';
import { OwnClient } from './own-client.ts';

/**
 * Connects everything inside it to one server as one participant. It shows nothing itself, and connects only when an
 * element inside needs it or {@link connect} is called.
 *
 * @tag xians-provider
 * @slot - The page's content with the elements to connect.
 * @fires {XiansStateChangedEvent} xians-state-changed - The connection's state changed.
 * @fires {XiansUnreadChangedEvent} xians-unread-changed - Messages arrived that nobody has seen, or were seen.
 * @fires {XiansAlertEvent} xians-alert - The service told its users something, or somebody closed it.
 * @fires {XiansMetricsEvent} xians-metrics - What was measured so far; at most every 10 s.
 * @fires {XiansErrorEvent} xians-error - The attributes cannot work, or the client failed where no call reports it.
 */
export class XiansProvider extends LitElement {
  static override styles = css`
    :host {
      display: contents;
    }
  `;
  static override properties = connectionProperties;

  /**
   * Address of the Xians server: `https://host[:port]`. A relative one is resolved against the page.
   * @attr server-url
   */
  declare serverUrl: string | undefined;

  /**
   * The tenant to connect to. Case matters.
   * @attr tenant-id
   */
  declare tenantId: string | undefined;

  /**
   * Who takes part. Default: the `sub` of the token. Needed with `api-key`. Case does not matter.
   * @attr participant-id
   */
  declare participantId: string | undefined;

  /**
   * Endpoint of the page's own site that answers `{ token, expiresIn? }` or `{ access_token, expires_in }`.
   * @attr token-url
   */
  declare tokenUrl: string | undefined;

  /**
   * The tenant's key, for development only: whoever opens the page can read it.
   * @attr api-key
   */
  declare apiKey: string | undefined;

  /**
   * Address that gets what the client measured, about once a minute and when the page goes. Default: none.
   * @attr metrics-url
   */
  declare metricsUrl: string | undefined;

  /**
   * How it is told: `json` (default) or `otlp`, the JSON form of OpenTelemetry's protocol.
   * @attr metrics-format
   */
  declare metricsFormat: string | undefined;

  /**
   * Address that gets reports of errors, without what anybody wrote and without credentials. Default: none.
   * @attr errors-url
   */
  declare errorsUrl: string | undefined;

  /**
   * Workflow whose system alerts are shown and told: `Agent:Flow`. Default: none.
   * @attr alerts-workflow
   */
  declare alertsWorkflow: string | undefined;

  /**
   * Topic of the alerts. Absent: all topics.
   * @attr alerts-topic
   */
  declare alertsTopic: string | undefined;

  /**
   * Which requests carry a `traceparent`: `same-origin` (default), `always` or `never`.
   * @attr tracing
   */
  declare tracing: string | undefined;

  /**
   * Language of words, dates and numbers inside, as a BCP 47 tag. Default: that of the page.
   * @attr locale
   */
  declare locale: string | undefined;

  /**
   * Texts in the page's own words inside, by key: `{"chat.send":"Off it goes"}`; as an attribute JSON.
   * @attr strings
   */
  declare strings: string | OwnWords | undefined;

  /**
   * Present with any value but `true`: nothing is requested or stored until it becomes `true`. Absent: not asked for.
   * @attr consent
   */
  declare consent: boolean | undefined;

  /** Gives a token when one is needed; instead of `token-url`. Keep the same function to keep the connection. */
  declare getToken: (() => string | Promise<string>) | undefined;

  readonly #context = new ContextProvider(this, { context: clientContext });
  readonly #own: OwnClient;
  readonly #connection: ClientController;
  #reported: RealtimeError | undefined;

  constructor() {
    super();
    this.#connection = new ClientController(this, (client): Undo => forwardClientEvents(client, this));
    this.#own = new OwnClient(this, (shared) => {
      this.#connection.own = shared;
      this.#context.setValue(shared);
      this.requestUpdate();
    });
  }

  /** The client, once something has needed it. */
  get client(): HybridClient | undefined {
    return this.#connection.client;
  }

  /** Loads the client if need be and keeps it connected until {@link disconnect}. Rejects if the attributes cannot work, or
   * with `input` outside a document. */
  async connect(): Promise<HybridClient> {
    const client = await this.#load();
    client.connect();
    return client;
  }

  /** Closes the connection. Messages that wait stay queued. */
  async disconnect(): Promise<void> {
    await this.client?.disconnect();
  }

  /** Disconnects, and forgets everything about the participant on this device: queue, messages, drafts and tokens. */
  async logout(): Promise<void> {
    // Loaded for this if need be: what an earlier page stored has to go too.
    await (await this.#load()).logout();
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    this.#own.update(this, this.consent);
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const blocked = this.#own.shared?.blocked;
    const problem = blocked instanceof RealtimeError ? blocked : undefined;
    if (problem && problem !== this.#reported) this.dispatchEvent(new XiansErrorEvent(problem));
    this.#reported = problem;
  }

  protected override render(): unknown {
    return html`<slot></slot>`;
  }

  async #load(): Promise<HybridClient> {
    await attached(this);
    const { shared } = this.#own;
    if (!shared) throw new RealtimeError('closed', 'The provider was removed from the document.');
    return shared.load();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'xians-provider': XiansProvider;
  }
}
