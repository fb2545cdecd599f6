import { control, readControl } from './control.js';
import { FaultList } from './fault-list.js';
import { NORMAL } from './faults.js';
import { LedgerView } from './ledger-view.js';
import { compare } from './ledger.js';

/** Milliseconds between two looks at the server, while the playground is on the screen. */
const LOOK_EVERY_MS = 1_500;
const EVENTS = [
  'xians-message-queued',
  'xians-message-sent',
  'xians-message-received',
  'xians-message-failed',
];

/** Wires the playground: the faults, the chat beside them, and the ledger that compares chat and server. */
export function initPlayground(section, visitor) {
  const chat = section.querySelector('xians-chat');
  const watched = { participantId: visitor.toLowerCase(), workflow: chat.getAttribute('workflow') };
  const problem = document.getElementById('control-problem');
  const ledger = new LedgerView();
  let stored;

  const render = () => {
    if (!stored) return;
    const { messages = [], hasEarlier = false } = chat.conversation ?? {};
    ledger.show(compare(stored, messages, { ...watched, hasEarlier }));
  };
  const look = async () => {
    try {
      const report = await readControl();
      stored = report.stored;
      faults.follow(report.faults);
      render();
      problem.hidden = true;
      faults.disabled = normal.disabled = false;
    } catch (error) {
      stored = undefined;
      problem.textContent = error.message;
      problem.hidden = false;
      faults.disabled = normal.disabled = true;
      ledger.say('No server to compare with');
    }
  };
  const run = async (requests) => {
    try {
      await control(requests);
    } finally {
      await look(); // also after a failure: the switches have to show what is
    }
  };

  const faults = new FaultList(document.getElementById('faults'), watched, run);
  const normal = document.getElementById('normal');
  normal.addEventListener('click', () => run(NORMAL).catch((error) => ledger.say(error.message, 'bad')));
  document.getElementById('send-five').addEventListener('click', () => sendFive(chat, ledger));
  for (const event of EVENTS) chat.addEventListener(event, render);
  whileVisible(section, look);
}

/** Five messages as fast as they can be written. Their words tell their order. */
async function sendFive(chat, ledger) {
  try {
    for (const word of ['one', 'two', 'three', 'four', 'five']) await chat.send(`Message ${word} of five`);
  } catch (error) {
    ledger.say(error.message, 'bad');
  }
}

/** Calls `look` every {@link LOOK_EVERY_MS} while `section` is on the screen and the page is in front. */
function whileVisible(section, look) {
  let onScreen = false;
  let timer;
  const update = () => {
    const isVisible = onScreen && document.visibilityState === 'visible';
    if (isVisible && timer === undefined) {
      timer = window.setInterval(look, LOOK_EVERY_MS);
      void look();
    } else if (!isVisible) {
      timer = void window.clearInterval(timer);
    }
  };
  document.addEventListener('visibilitychange', update);
  new window.IntersectionObserver(([entry]) => {
    onScreen = entry.isIntersecting;
    update();
  }).observe(section);
}
