import { expect } from '@open-wc/testing';
import { defaultEnvironment, type Environment } from '../../src/client/environment.ts';
import { TabCoordinator, type TabPorts, type TabRole } from '../../src/client/tab-coordinator.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';

/** The browser's own locks and channels: what the simulated ones of the other tests stand for. */
describe('tabs that share a connection', () => {
  const undos: (() => void)[] = [];
  let account = '';

  /** A tab of the test's account; `frame`: with the locks and channels of a frame, which can be torn away. */
  const open = (ports: Partial<TabPorts> = {}, frame: Window & typeof globalThis = window) => {
    const errors: RealtimeError[] = [];
    const roles: TabRole[] = [];
    const notes: unknown[] = [];
    const environment: Environment = defaultEnvironment({
      locks: frame.navigator.locks,
      BroadcastChannel: frame.BroadcastChannel,
      isVisible: () => true,
      // Ten times as fast.
      setTimer: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs / 10);
        return () => clearTimeout(timer);
      },
      monotonicNow: () => performance.now() * 10,
    });
    const tabs = new TabCoordinator({
      account,
      environment,
      onRole: (role) => roles.push(role),
      onNote: (note) => notes.push(note),
      onCall: (method, args) => Promise.resolve({ method, args }),
      onLeader: () => {},
      describe: () => ({ state: 'live' }),
      onHandOver: () => Promise.resolve(),
      onError: (error) => errors.push(error),
      ...ports,
    });
    undos.push(() => tabs.leave());
    return { tabs, errors, roles, notes };
  };
  const addFrame = () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    undos.push(() => frame.remove());
    return frame;
  };
  const windowOf = (frame: HTMLIFrameElement) => frame.contentWindow as Window & typeof globalThis;
  const lockState = async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    const mine = (lock: LockInfo) => lock.name === `xians-widgets:${account}`;
    return { held: held.filter(mine).length, pending: pending.filter(mine).length };
  };

  beforeEach(() => {
    account = JSON.stringify(['https://xians.example', 'acme', crypto.randomUUID()]);
  });
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) undo();
    await waitFor(async () => {
      const { held, pending } = await lockState();
      return held + pending === 0;
    }, 'no lock is left');
  });

  it('have one leader, which the others call and hear', async () => {
    const one = open();
    expect(await one.tabs.join()).to.equal('leader');
    const [other, third] = [open(), open()];
    expect(await other.tabs.join()).to.equal('follower');
    expect(await third.tabs.join()).to.equal('follower');
    expect(await other.tabs.call('add', [1, { two: 2 }])).to.deep.equal({
      method: 'add',
      args: [1, { two: 2 }],
    });
    expect(other.tabs.leader?.state).to.deep.equal({ state: 'live' });
    third.tabs.post({ text: 'hello' });
    await waitFor(() => one.notes.length && other.notes.length, 'the note in both other tabs');
    expect(third.notes).to.deep.equal([]);
    expect(await lockState()).to.deep.equal({ held: 1, pending: 2 });
  });

  it('have another leader as soon as one leaves', async () => {
    const [one, other] = [open(), open()];
    await one.tabs.join();
    await other.tabs.join();
    const call = other.tabs.call('wait').catch((error: RealtimeError) => error.code);
    one.tabs.leave();
    await waitFor(() => other.tabs.role === 'leader', 'the lead passed on');
    // It came in time or not; in no case does it stay open.
    await call;
    expect(await lockState()).to.deep.equal({ held: 1, pending: 0 });
  });

  it('have another leader as soon as the page of one is torn away', async () => {
    const frame = addFrame();
    const one = open({ onCall: () => new Promise(() => {}) }, windowOf(frame));
    expect(await one.tabs.join()).to.equal('leader');
    const other = open();
    expect(await other.tabs.join()).to.equal('follower');
    const third = open();
    await third.tabs.join();
    await waitFor(() => third.tabs.leader, 'the leader is known');
    const call = third.tabs.call('wait', [], 600_000).catch((error: RealtimeError) => error.code);
    frame.remove();
    await waitFor(() => other.tabs.role === 'leader', 'the lead passed on');
    expect(await call).to.equal('network');
  });

  it('take the lead by force from a page that is silent, which then follows', async () => {
    let isLost = false;
    const name = `xians-widgets:${account}`;
    const silent = new Promise<void>((held) => {
      void navigator.locks
        .request(name, () => {
          held();
          return new Promise(() => {});
        })
        .catch((error: Error) => (isLost = error.name === 'AbortError'));
    });
    await silent;
    const one = open();
    expect(await one.tabs.join()).to.equal('follower');
    await waitFor(() => one.tabs.role === 'leader', 'the lead is taken');
    await waitFor(() => isLost, 'the silent one is told');

    // And one of ours loses it the same way.
    void navigator.locks.request(name, { steal: true }, () => Promise.resolve());
    await waitFor(() => one.roles.length === 4, 'it follows, and leads again once the thief lets go');
    expect(one.roles).to.deep.equal(['follower', 'leader', 'follower', 'leader']);
    expect(one.errors).to.deep.equal([]);
  });

  it('pass the lead from a hidden page to one that is seen', async () => {
    let isVisible = true;
    const order: string[] = [];
    const one = open({
      onHandOver: () => {
        order.push('let go');
        return Promise.resolve();
      },
      environment: defaultEnvironment({ isVisible: () => isVisible }),
    });
    await one.tabs.join();
    isVisible = false;
    const other = open({ onRole: (role) => order.push(role) });
    await other.tabs.join();
    await waitFor(() => other.tabs.role === 'leader', 'the lead passed on');
    expect(order).to.deep.equal(['follower', 'let go', 'leader']);
    expect(one.tabs.role).to.equal('follower');
    await waitFor(() => one.tabs.leader, 'the former leader knows the new one');
  });

  it('leave nothing behind, whenever they leave', async () => {
    const one = open();
    void one.tabs.join();
    one.tabs.leave();
    const other = open();
    const joining = other.tabs.join();
    await joining;
    other.tabs.leave();
    other.tabs.leave();
    await waitFor(async () => (await lockState()).held === 0, 'the lock is free');
    expect(await lockState()).to.deep.equal({ held: 0, pending: 0 });
    expect([...one.errors, ...other.errors]).to.deep.equal([]);
  });

  it('are each alone in a sandboxed frame, where the browser refuses locks', async () => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = `<script>
      navigator.locks.request('x', () => {}).catch((error) => parent.postMessage(error.name, '*'));
    </script>`;
    const answer = new Promise((resolve) => {
      addEventListener('message', ({ data }) => resolve(data), { once: true });
    });
    document.body.append(frame);
    undos.push(() => frame.remove());
    expect(await answer).to.equal('SecurityError');

    const refused = { request: () => Promise.reject(new DOMException('Refused.', 'SecurityError')) };
    const environment = defaultEnvironment({ locks: refused as unknown as LockManager });
    const one = open({ environment });
    expect(await one.tabs.join()).to.equal('alone');
    expect(one.errors.map(({ code }) => code)).to.deep.equal(['unsupported']);
  });
});
