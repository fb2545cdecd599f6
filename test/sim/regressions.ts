import type { Schedule } from './schedule.ts';

/** What a schedule once found, and the smallest schedule that found it. */
export const REGRESSIONS: readonly (readonly [found: string, schedule: Schedule])[] = [
  [
    'a tab that followed connects by itself when the leader has gone',
    {
      seed: 2,
      deduplicates: false,
      locks: true,
      commands: [
        { after: 0, do: 'send', tab: 0, to: 0, priority: 'normal', count: 1 },
        { after: 930, do: 'close', tab: 0 },
      ],
    },
  ],
  [
    'a message that arrived late is found by the second look, also in a short thread',
    {
      seed: 1_501_554_938,
      deduplicates: false,
      locks: false,
      commands: [
        { after: 0, do: 'read-fault', kind: 'error', ms: 50, count: 1 },
        { after: 0, do: 'send-fault', kind: 'arrives-late', ms: 1_000, count: 1 },
        { after: 0, do: 'send', tab: 0, to: 0, priority: 'normal', count: 1 },
        { after: 11_818, do: 'show', tab: 0 },
      ],
    },
  ],
  [
    'a message written while its tab is closed reaches the tab that leads',
    {
      seed: 2_147_483_635,
      deduplicates: false,
      locks: true,
      commands: [
        { after: 0, do: 'freeze', tab: 0, ms: 1_000, told: false },
        { after: 0, do: 'open', account: 0, named: false, storage: 'allowed' },
        { after: 0, do: 'send', tab: 0, to: 0, priority: 'normal', count: 1 },
        { after: 1_001, do: 'close', tab: 0 },
        { after: 0, do: 'storage', kind: 'blocked', ms: 1_000 },
      ],
    },
  ],
  [
    'a message written before its tab takes part with the others is sent by the one that leads',
    {
      seed: 1_174_690_793,
      deduplicates: false,
      locks: true,
      commands: [
        { after: 0, do: 'open', account: 0, named: false, storage: 'allowed' },
        { after: 0, do: 'send', tab: 1, to: 0, priority: 'normal', count: 1 },
        { after: 0, do: 'send-fault', kind: 'cut-before', ms: 1_000, count: 1 },
      ],
    },
  ],
  [
    'a tab without storage does not leave to others what it sends itself',
    {
      seed: 2_147_483_637,
      deduplicates: false,
      locks: true,
      commands: [
        { after: 0, do: 'send', tab: 0, to: 0, priority: 'normal', count: 1 },
        { after: 0, do: 'open', account: 0, named: false, storage: 'denied' },
        { after: 1_110, do: 'send', tab: 1, to: 0, priority: 'normal', count: 1 },
        { after: 0, do: 'slow', ms: 1_000, extra: 200 },
      ],
    },
  ],
  [
    'a credential that only the slower channel sees refused is renewed',
    {
      seed: 1_416_273_533,
      deduplicates: false,
      locks: true,
      commands: [
        { after: 0, do: 'noSockets', ms: 1_000 },
        { after: 443, do: 'expire-tokens' },
        { after: 0, do: 'send', tab: 0, to: 1, priority: 'normal', count: 1 },
      ],
    },
  ],
  [
    'tabs that cannot talk keep the order of their messages',
    {
      seed: 900_220_436,
      deduplicates: false,
      locks: false,
      commands: [
        { after: 0, do: 'open', account: 0, named: false, storage: 'allowed' },
        { after: 0, do: 'send', tab: 1, to: 0, priority: 'normal', count: 1 },
        { after: 816, do: 'send', tab: 0, to: 0, priority: 'normal', count: 2 },
        { after: 234, do: 'send', tab: 1, to: 0, priority: 'normal', count: 1 },
      ],
    },
  ],
  [
    'a message written during a sign-out leaves the tab able to send for the others',
    {
      seed: 2_147_483_625,
      deduplicates: false,
      locks: true,
      commands: [
        { after: 0, do: 'send', tab: 0, to: 0, priority: 'normal', count: 1 },
        { after: 0, do: 'logout', tab: 0 },
        { after: 0, do: 'send', tab: 0, to: 0, priority: 'normal', count: 1 },
        { after: 0, do: 'open', account: 0, named: false, storage: 'allowed' },
        { after: 8, do: 'send', tab: 1, to: 0, priority: 'high', count: 1 },
      ],
    },
  ],
];
