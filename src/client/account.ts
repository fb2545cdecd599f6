import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import { normaliseParticipant } from '../protocol/workflow.ts';
import type { Outbox } from '../queue/outbox.ts';
import { accountName } from '../queue/waiting-mark.ts';
import { checkServerUrl } from '../transports/settings.ts';
import { Channels } from './channels.ts';
import type { Environment } from './environment.ts';
import type { Instruments } from './instruments.ts';
import type { LinkAccount } from './link.ts';
import { subjectOf, TokenManager } from './token-manager.ts';
import type { HybridClientOptions } from './types.ts';

/** What an account needs from its client. */
export interface AccountPorts {
  readonly environment: Environment;
  readonly options: HybridClientOptions;
  readonly instruments: Instruments;
  readonly outbox: Outbox;
  /** What waits since an earlier visit has been read. */
  onOpened(): void;
  onMessage(message: Message): void;
  /** Every open conversation reads what it missed. */
  syncAll(): Promise<void>;
  /** Whether somebody waits for a reply. */
  isAwaiting(): boolean;
  onError(error: RealtimeError): void;
}

/** Where requests get their token, and whom they tell how it was received. */
export interface AccountCredentials {
  getToken(this: void): Promise<string>;
  /** The server refused exactly this token. */
  onRefused(this: void, token: string): void;
  /** Another one. `false`: there is no way. */
  renew(this: void): Promise<boolean>;
}

/** Whose client it is: the participant, their tokens, their place in storage, and the transports in their name. */
export class Account {
  readonly #ports: AccountPorts;
  readonly #tokens: TokenManager | undefined;
  #participantId: string | undefined;
  #channels: Channels | undefined;
  #opened: { readonly name: string; readonly done: Promise<string> } | undefined;
  #disposed = false;

  /** @throws {RealtimeError} `input` unless the options have exactly one way to get a credential. */
  constructor(ports: AccountPorts) {
    this.#ports = ports;
    this.#tokens = createTokens(ports);
    this.#participantId = fixedParticipant(ports.options);
  }

  /** Lower case; `undefined` until the options or a token have told. */
  get participantId(): string | undefined {
    return this.#participantId;
  }

  /** The account's name, once its place in storage is being read. */
  get name(): string | undefined {
    return this.#opened?.name;
  }

  /** The transports, once they were needed. */
  get channels(): Channels | undefined {
    return this.#channels;
  }

  get tokens(): TokenManager | undefined {
    return this.#tokens;
  }

  /** Everything about the account. Rejects while the participant cannot be known, and when they have signed out meanwhile. */
  async ready(): Promise<LinkAccount> {
    if (this.#disposed) throw disposed();
    const { outbox } = this.#ports;
    this.#participantId ??= await this.#participantOfToken();
    const channels = (this.#channels ??= this.#makeChannels(this.#participantId));
    const account = await this.#open(this.#participantId);
    if (channels !== this.#channels) throw new RealtimeError('closed', 'The participant has signed out.');
    return { account, channels, shared: outbox.persisted };
  }

  /** Reads what waits since an earlier visit, if it is known whose; once for each account. Never rejects. */
  async open(): Promise<void> {
    if (this.#participantId) await this.#open(this.#participantId);
  }

  /** How requests in the participant's name get a token; `undefined` with an API key. */
  get credentials(): AccountCredentials | undefined {
    const tokens = this.#tokens;
    const { instruments } = this.#ports;
    return (
      tokens && {
        getToken: async () => instruments.remember(await tokens.get()),
        onRefused: (token) => tokens.invalidate(token),
        renew: () => this.renewCredential(),
      }
    );
  }

  /** Another credential. Whoever was refused has said with which: by now there may be another. `false`: there is no way. */
  async renewCredential(): Promise<boolean> {
    if (!this.#tokens?.isRenewable) return false;
    await this.#tokens.get();
    return true;
  }

  /** There is a reason to try what failed again and again. */
  hasten(): void {
    this.#channels?.unbar();
    this.#tokens?.hasten();
  }

  /** The participant signed out: from here on nothing of theirs comes through the door. Resolves when nothing is open. */
  async forget(): Promise<void> {
    this.#tokens?.clear();
    this.#participantId = fixedParticipant(this.#ports.options);
    const channels = this.#channels;
    this.#channels = this.#opened = undefined;
    await channels?.dispose();
  }

  /** For good. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#channels?.dispose();
    this.#tokens?.dispose();
  }

  #open(participantId: string): Promise<string> {
    const { options, outbox, onOpened } = this.#ports;
    const name = accountName(checkServerUrl(options.serverUrl), options.tenantId, participantId);
    if (this.#opened?.name !== name || outbox.account !== name) {
      const done = outbox.open(name).then(() => {
        if (this.#opened === opened) onOpened(); // else: signed out meanwhile
        return name;
      });
      const opened = (this.#opened = { name, done });
    }
    return this.#opened.done;
  }

  #makeChannels(participantId: string): Channels {
    const { options, instruments, ...ports } = this.#ports;
    const { getToken, onRefused } = this.credentials ?? {};
    return new Channels({
      ...options,
      ...ports,
      participantId,
      metrics: instruments.metrics,
      getToken,
      onRefused,
    });
  }

  async #participantOfToken(): Promise<string> {
    const subject = this.#tokens && subjectOf(await this.#tokens.get());
    if (!subject) {
      throw new RealtimeError(
        'input',
        'The participant is not known: give participantId, or a token that names one.',
      );
    }
    return normaliseParticipant(subject);
  }
}

function fixedParticipant({ participantId }: HybridClientOptions): string | undefined {
  return participantId ? normaliseParticipant(participantId) : undefined;
}

/** What a client that was disposed of answers. */
export function disposed(): RealtimeError {
  return new RealtimeError('closed', 'The client has been disposed of.');
}

/** Where tokens come from, unless the credential is a key. Each time that the source is asked is measured. */
function createTokens({ options, environment, instruments }: AccountPorts): TokenManager | undefined {
  const { apiKey, getToken, tokenUrl, serverUrl, tenantId, participantId } = options;
  const given = [apiKey, getToken, tokenUrl].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new RealtimeError('input', 'Give exactly one of tokenUrl, getToken and apiKey.');
  }
  if (apiKey !== undefined) {
    instruments.remember(apiKey);
    return undefined;
  }
  return new TokenManager({ getToken, tokenUrl, key: { serverUrl, tenantId, participantId } }, environment, {
    measure: (ask) => instruments.metrics.measure('token', 'token', ask),
  });
}
