import { control } from './control.js';

/** What each button asks of the server, and what to look for then. */
const ACTS = {
  critical: {
    requests: [
      {
        fault: 'incidents-create',
        incidents: [
          {
            severity: 'P0',
            title: 'Payments are refused in two regions',
            description: 'The card processor answers with errors since a minute ago.',
            source: 'checkout-probe',
            affectedResources: ['payments-eu', 'payments-us'],
          },
        ],
      },
    ],
    says: 'It arrives by itself, and is read out once.',
  },
  burst: {
    requests: [{ fault: 'incidents-generate', perSecond: 500, seconds: 1, updates: 0.3 }],
    says: 'One render a frame, and your place in the list is kept.',
  },
  mute: {
    requests: [{ fault: 'incidents-mute', on: true }],
    says: 'The sockets stay open and nothing comes any more. The feed notices, and asks by itself meanwhile.',
  },
  hang: {
    requests: [
      { fault: 'incidents-mute', on: true },
      { fault: 'hang', what: 'incidents' },
    ],
    says: 'Nothing answers any more. Within half a minute the feed says that it does not know, and what it shows fades.',
  },
  deaf: {
    requests: [
      { fault: 'incidents-drop-events', on: true },
      { fault: 'incidents-generate', perSecond: 1, seconds: 10 },
    ],
    says: 'Ten incidents are made and no event tells of them. The next look finds them.',
  },
  shipped: {
    requests: [
      { fault: 'incidents-mode', mode: 'as-shipped' },
      { fault: 'incidents-close', code: 1012 },
    ],
    says: 'Only REST is left, as on the server that is shipped today: the feed asks every ten seconds, and says so.',
  },
  normal: {
    requests: [{ fault: 'reset' }, { fault: 'incidents-generate', perSecond: 0.125, updates: 0.5 }],
    says: 'Everything works again.',
  },
};

/** Wires the buttons under the feed. */
export function initIncidents(section, said) {
  for (const button of section.querySelectorAll('[data-incidents]')) {
    const { requests, says } = ACTS[button.dataset.incidents];
    button.addEventListener('click', async () => {
      try {
        await control(requests);
        said.textContent = says;
      } catch (error) {
        said.textContent = error.message;
      }
    });
  }
}
