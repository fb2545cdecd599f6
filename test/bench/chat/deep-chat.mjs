// deep-chat, given the conversation as its `history`.
import 'deep-chat';
import { conversation, messageAt } from './messages.mjs';

const wire = ({ own, text }) => ({ role: own ? 'user' : 'ai', text });
let history = [];
let chat;
window.bench = {
  prepare: (count) => void (history = conversation(count).map(wire)),
  mount: () => {
    chat = document.createElement('deep-chat');
    chat.connect = { handler: () => undefined };
    chat.style.cssText = 'inline-size: 100%; block-size: 100vh';
    chat.history = history;
    document.body.append(chat);
  },
  append: (index) => chat.addMessage(wire(messageAt(index))),
  root: () => chat?.shadowRoot,
  settled: () => true,
};
