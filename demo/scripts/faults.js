/**
 * What a visitor can break, by group. `requests` are the bodies for `POST /__control`; a switch also has `isOn`, which
 * reads the server's list of active faults, and `off`. A request may depend on whose conversation is watched.
 *
 * @typedef {{ participantId: string, workflow: string }} Watched
 * @typedef {{ fault: string, [parameter: string]: unknown }} ControlRequest
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} see What a visitor should see.
 * @property {(watched: Watched) => ControlRequest[]} requests
 * @property {string} [act] Text of the button; without it, it is a switch.
 * @property {(active: Record<string, unknown>) => boolean} [isOn]
 * @property {ControlRequest[]} [off]
 */

/** What the page's provider names as `alerts-workflow`. */
const ALERT = { fault: 'alert', workflow: 'Status Agent:Alerts' };

/** @type {{ title: string, faults: Fault[] }[]} */
export const FAULT_GROUPS = [
  {
    title: 'The network',
    faults: [
      {
        name: 'Network cut',
        see: 'The status turns red and counts down to the next try. What you write waits here, also after a reload, and can be changed or discarded. Switch this off, and it goes out once: at the next try, or at once with “Try now”.',
        requests: () => [{ fault: 'down' }],
        isOn: (active) => active['down'] === true,
        off: [{ fault: 'up' }],
      },
      {
        name: 'Dropped connections',
        see: 'The status may flicker. The chat connects again, reads what it missed, and goes on.',
        act: 'Drop',
        requests: () => [{ fault: 'drop-sockets' }],
      },
      {
        name: 'Blocked WebSockets',
        see: 'As behind a strict proxy: “Connected over a slower channel”. Replies still arrive, and the instruments below say which way.',
        requests: () => [
          { fault: 'block-websockets', on: true },
          { fault: 'drop-sockets', kind: 'hub' },
        ],
        isOn: (active) => 'block-websockets' in active,
        off: [{ fault: 'block-websockets', on: false }],
      },
      {
        name: 'Frozen connection',
        see: 'Open, but silent. Within half a minute the chat notices, and soon after it has found another way.',
        requests: () => [{ fault: 'stall-hub', on: true }],
        isOn: (active) => active['stall-hub'] === true,
        off: [{ fault: 'stall-hub', on: false }],
      },
      {
        name: 'Slow network',
        see: 'Everything takes two seconds longer, and says so: sending, sent, answered. The chart of round trips climbs.',
        requests: () => [{ fault: 'latency', ms: 2_000 }],
        isOn: (active) => 'latency' in active,
        off: [{ fault: 'latency', ms: 0 }],
      },
      {
        name: 'Hotel Wi-Fi',
        see: 'Every answer is a sign-in page. The chat takes none of it for a message, says that something is in the way, and waits.',
        requests: () => [{ fault: 'captive-portal', on: true }, { fault: 'drop-sockets' }],
        isOn: (active) => active['captive-portal'] === true,
        off: [{ fault: 'captive-portal', on: false }],
      },
    ],
  },
  {
    title: 'The server',
    faults: [
      {
        name: 'Lost live events',
        see: 'Messages are stored, but nobody is told. The chat asks history while it waits for a reply, and finds it there.',
        requests: () => [{ fault: 'suspend-broadcasts', on: true }],
        isOn: (active) => active['suspend-broadcasts'] === true,
        off: [{ fault: 'suspend-broadcasts', on: false }],
      },
      {
        name: 'Stored, then cut',
        see: 'Your next message is stored, but the answer never comes. The chat looks before it sends again: stored once.',
        act: 'Arm',
        requests: () => [{ fault: 'store-then-drop', count: 1 }],
      },
      {
        name: 'Refused message',
        see: 'The next message fails on the server before it is stored. The chat tries again by itself.',
        act: 'Arm',
        requests: () => [{ fault: 'hub-error', count: 1 }],
      },
      {
        name: 'Errors',
        see: 'The connections are cut, and the next three requests answer 500. The chat steps down to a slower channel, delivers there, and climbs back.',
        act: 'Arm',
        requests: () => [
          { fault: 'fail', what: ['rest', 'sse', 'upgrade'], count: 3 },
          { fault: 'drop-sockets' },
        ],
      },
      {
        name: 'Rate limit',
        see: 'The next two requests answer “too many”, and the chat waits the five seconds it is told to. Only requests have a limit, so this blocks WebSockets too.',
        act: 'Arm',
        requests: () => [
          { fault: 'rate-limit', retryAfter: 5, count: 2 },
          { fault: 'block-websockets', on: true },
          { fault: 'drop-sockets', kind: 'hub' },
        ],
      },
      {
        name: 'Agents off',
        see: 'Messages are stored, but nobody answers. After half a minute the chat says that it takes longer than usual.',
        requests: () => [{ fault: 'agents', on: false }],
        isOn: (active) => active['agents'] === false,
        off: [{ fault: 'agents', on: true }],
      },
    ],
  },
  {
    title: 'The sign-in',
    faults: [
      {
        name: 'Expired tokens',
        see: 'Every token is refused from now on. The chat fetches a new one and nobody notices.',
        act: 'Expire',
        requests: () => [{ fault: 'expire-tokens' }, { fault: 'drop-sockets' }],
      },
      {
        name: 'No answer from the sign-in',
        see: 'The address that gives out tokens fails four times. The status says that it is the sign-in, not the server; then all goes on.',
        act: 'Arm',
        requests: () => [
          { fault: 'fail', what: 'token', status: 503, count: 4 },
          { fault: 'expire-tokens' },
          { fault: 'drop-sockets' },
        ],
      },
      {
        name: 'Somebody else’s token',
        see: 'The next token is that of another visitor. The chat never uses it: “Your sign-in was not accepted”, until it gets the right one.',
        act: 'Arm',
        requests: () => [
          { fault: 'token', kind: 'stranger', count: 1 },
          { fault: 'expire-tokens' },
          { fault: 'drop-sockets' },
        ],
      },
    ],
  },
  {
    title: 'News from the service',
    faults: [
      {
        name: 'A notice',
        see: 'It shows above every chat and below the status, in all your tabs. Close it in one, and it is gone in the others.',
        act: 'Send',
        requests: ({ participantId }) => [
          {
            ...ALERT,
            participantId,
            severity: 'warning',
            title: 'Work on the system',
            text: 'Tonight from ten to eleven, answers may take longer than usual.',
          },
        ],
      },
      {
        name: 'An outage',
        see: 'As above, with another colour, shape and word. Screen readers are told at once. While nobody looks at the page, it waits.',
        act: 'Send',
        requests: ({ participantId }) => [
          {
            ...ALERT,
            participantId,
            severity: 'critical',
            title: 'Outage',
            text: 'Orders cannot be looked up at the moment. We are on it.',
          },
        ],
      },
    ],
  },
  {
    title: 'Odd messages',
    faults: [
      {
        name: 'A stranger’s message',
        see: 'Somebody else talks to the same agent. The ledger counts it; your chat does not show it.',
        act: 'Send',
        requests: ({ workflow }) => [{ fault: 'stranger', workflow, text: 'This is for somebody else.' }],
      },
      {
        name: 'A repeated reply',
        see: 'The next reply is delivered three times. It is shown once.',
        act: 'Arm',
        requests: () => [{ fault: 'repeat-broadcast', times: 2, count: 1 }],
      },
      {
        name: 'Garbage',
        see: 'A frame that is no message at all. The chat drops the connection, opens a new one, and stays complete.',
        act: 'Send',
        requests: () => [{ fault: 'malformed', kind: 'hub-garbage' }],
      },
      {
        name: 'A very long reply',
        see: 'Two hundred thousand characters at once. The page stays responsive.',
        act: 'Send',
        requests: ({ workflow, participantId }) => [
          { fault: 'huge-reply', bytes: 200_000, workflow, participantId },
        ],
      },
    ],
  },
];

/** Puts everything right and keeps what was said. */
export const NORMAL = [{ fault: 'reset' }];
