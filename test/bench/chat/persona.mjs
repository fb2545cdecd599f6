// Persona, given the conversation as its `initialMessages`.
import { createAgentExperience } from '@runtypelabs/persona';
import { conversation, messageAt } from './messages.mjs';

const wire = ({ id, own, text, at }) => ({
  id,
  role: own ? 'user' : 'assistant',
  content: text,
  createdAt: new Date(at).toISOString(),
});
const place = document.createElement('div');
place.style.cssText = 'block-size: 100vh';
document.body.append(place);

let initialMessages = [];
let widget;
window.bench = {
  prepare: (count) => void (initialMessages = conversation(count).map(wire)),
  mount: () => {
    widget = createAgentExperience(place, {
      apiUrl: '/none',
      launcher: { enabled: false },
      persistState: false,
      initialMessages,
    });
  },
  append: (index) => {
    const { own, text } = messageAt(index);
    widget.injectMessage({ role: own ? 'user' : 'assistant', content: text });
  },
  root: () => place,
  settled: () => true,
};
