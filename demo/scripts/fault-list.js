import { FAULT_GROUPS } from './faults.js';

/** Milliseconds for which a button says that it was done. */
const SAID_MS = 4_000;

/**
 * The switches and buttons of the playground. `run(requests)` carries out what they ask for; its rejection is shown
 * beside the control that asked.
 */
export class FaultList {
  #switches = new Map();
  #controls = [];

  constructor(root, watched, run) {
    root.replaceChildren(...FAULT_GROUPS.map((group, index) => this.#group(group, index, watched, run)));
  }

  /** Sets the switches to what the server says. */
  follow(active) {
    for (const [input, fault] of this.#switches) input.checked = fault.isOn(active);
  }

  set disabled(value) {
    for (const element of this.#controls) element.disabled = value;
  }

  #group({ title, faults }, index, watched, run) {
    const group = element('fieldset', 'fault-group');
    const list = element('ul');
    list.append(...faults.map((fault, place) => this.#fault(fault, `fault-${index}-${place}`, watched, run)));
    group.append(element('legend', '', title), list);
    return group;
  }

  #fault(fault, id, watched, run) {
    const item = element('li', 'fault');
    const name = element(fault.act ? 'span' : 'label', 'fault-name', fault.name);
    const see = element('p', 'fault-see', fault.see);
    const done = element('p', 'fault-done');
    const input = element(fault.act ? 'button' : 'input', '', fault.act ?? '');
    name.id = `${id}-name`;
    see.id = `${id}-see`;
    input.id = id;
    input.setAttribute('aria-describedby', see.id);
    done.setAttribute('role', 'status');
    if (fault.act) {
      input.type = 'button';
      input.setAttribute('aria-labelledby', `${id} ${name.id}`);
      input.addEventListener('click', () => attempt(done, () => run(fault.requests(watched)), 'Done.'));
    } else {
      input.type = 'checkbox';
      input.setAttribute('role', 'switch');
      name.htmlFor = id;
      input.addEventListener('change', () =>
        attempt(done, () => run(input.checked ? fault.requests(watched) : fault.off)),
      );
      this.#switches.set(input, fault);
    }
    this.#controls.push(input);
    item.append(name, see, done, input);
    return item;
  }
}

async function attempt(place, action, success = '') {
  place.classList.remove('failed');
  try {
    await action();
    place.textContent = success;
    window.setTimeout(() => (place.textContent = ''), SAID_MS);
  } catch (error) {
    place.classList.add('failed');
    place.textContent = error.message;
  }
}

function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
