// Our own view, as <xians-chat> loads it, in a host that gives it messages as the client does.
import { ViewHost } from '../../elements/view-host.ts';
import { conversation, messageAt } from './messages.mjs';

const host = new ViewHost();
host.style.cssText = 'display: block; block-size: 100vh';
document.body.append(host);

function wire({ id, own, text, at }) {
  return {
    id,
    requestId: own ? id : undefined,
    threadId: 't',
    workflowId: 'acme:Support Agent:Chat Flow',
    workflowType: 'Support Agent:Chat Flow',
    participantId: 'jane',
    author: own ? 'participant' : 'agent',
    type: 'Chat',
    text,
    data: undefined,
    topic: undefined,
    hint: undefined,
    createdAt: at,
    updatedAt: at,
    delivery: own ? { state: 'answered', attempts: 1, persisted: true } : undefined,
  };
}

/** Drawn no more for this long is at rest. */
const REST_MS = 250;
let last = { drawn: 0, at: 0 };
let rows = [];
window.bench = {
  prepare: (count) => void (rows = conversation(count).map(wire)),
  mount: () => host.shownConversation.set({ messages: rows }),
  append: (index) => host.shownConversation.receive(wire(messageAt(index))),
  root: () => host.shadowRoot,
  /** Nothing is drawn any more: what stands in for messages is far beyond what is drawn ahead. */
  settled: () => {
    const drawn = host.shadowRoot.querySelectorAll('article').length;
    if (drawn !== last.drawn) last = { drawn, at: performance.now() };
    return performance.now() - last.at > REST_MS && !!host.shadowRoot.querySelector('.rich');
  },
};
