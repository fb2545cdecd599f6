import { expect, fixture, html } from '@open-wc/testing';
import { attachContextRoot, provideClient } from '../../src/context/client-context.ts';
import { acquireSharedClient, blockedClient } from '../../src/context/shared-client.ts';
import { createHybridClient } from '../../src/client/hybrid-client.ts';
import type { HybridClientOptions } from '../../src/client/types.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import '../../src/index.ts';
import type { ConnectionStatusElement } from '../../src/elements/connection-status.ts';
import { waitFor } from '../support/wait.ts';

let tenants = 0;
const options = (): HybridClientOptions => ({
  serverUrl: 'http://127.0.0.1:9',
  tenantId: `context-${++tenants}`,
  participantId: 'jane',
  apiKey: 'sk-Xnai-test',
});

describe('provideClient', () => {
  it('gives a client of the page to the elements inside, until the undo', async () => {
    const host = await fixture<HTMLElement>(html`<div><connection-status></connection-status></div>`);
    const status = host.querySelector<ConnectionStatusElement>('connection-status')!;
    const client = createHybridClient(options());
    const undo = provideClient(client, host);
    await waitFor(() => status.shadowRoot!.querySelector('[part=label]'), 'a status');
    client.connect();
    await waitFor(() => status.state === 'connecting' || status.state === 'waiting', 'it follows');
    undo();
    await waitFor(() => status.state === 'idle', 'it lets go');
    expect(client.state).not.to.equal('closed'); // the page's own
    await client.dispose();
  });
});

describe('acquireSharedClient', () => {
  it('gives the same one for equal options, and makes the client once', async () => {
    const same = options();
    const one = acquireSharedClient(same);
    const two = acquireSharedClient({ ...same, participantId: 'JANE' });
    expect(two).to.equal(one);
    const release = one.retain();
    const [a, b] = await Promise.all([one.load(), two.load()]);
    expect(a).to.equal(b);
    release();
    await waitFor(() => a.state === 'closed', 'disposed of');
  });

  it('keeps the client while one user is left, and when another comes at once', async () => {
    const same = options();
    const shared = acquireSharedClient(same);
    const first = shared.retain();
    const client = await shared.load();
    const second = shared.retain();
    first();
    first(); // an undo counts once
    second();
    const third = acquireSharedClient(same);
    expect(third).to.equal(shared);
    const release = third.retain();
    // Long enough for the first release to have ended it, had nobody come.
    const witness = acquireSharedClient(options());
    const done = witness.retain();
    const gone = await witness.load();
    done();
    await waitFor(() => gone.state === 'closed', 'a release later than ours has run');
    expect(client.state).to.equal('idle');
    release();
    await waitFor(() => client.state === 'closed', 'disposed of');
    expect(acquireSharedClient(same)).not.to.equal(shared);
  });
});

describe('blockedClient', () => {
  it('never loads, and rejects with the reason', async () => {
    const reason = new RealtimeError('input', 'No.');
    expect(
      await blockedClient(reason)
        .load()
        .catch((error: unknown) => error),
    ).to.equal(reason);
    const noConsent = await blockedClient('consent')
      .load()
      .catch((error: unknown) => error);
    expect(noConsent).to.have.property('code', 'input');
  });
});

describe('attachContextRoot', () => {
  it('listens once, however often it is called', () => {
    const root = document.createElement('div');
    let added = 0;
    root.addEventListener = () => void added++;
    attachContextRoot(root);
    const after = added;
    attachContextRoot(root);
    expect(after).to.be.greaterThan(0);
    expect(added).to.equal(after);
  });
});
