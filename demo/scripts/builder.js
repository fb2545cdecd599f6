import { chatTag } from './tag.js';

/** Where the script would be on the visitor's own site. */
const SCRIPT = '/assets/xians-widgets/xians-widgets.js';

/** What is wrong with a field, in words, or `''`. */
const CHECKS = {
  'server-url': (value) =>
    /^https?:$/.test(protocolOf(value)) ? '' : 'An address that begins with https://, without a path.',
  'tenant-id': (value) => (value ? '' : 'The name of your tenant.'),
  workflow: (value) => {
    const parts = value.split(':');
    const isWorkflow = parts.length > 1 && parts.length < 5 && parts.every((part) => part.trim());
    return isWorkflow ? '' : 'An agent and one of its flows, with a colon between them.';
  },
  'token-url': (value) =>
    value && URL.canParse(value, location.href) ? '' : 'A path or an address on your site.',
};

/** Keeps `output` equal to what `form` describes, and tells what is missing beside the fields. */
export function initBuilder(form, output) {
  const update = () => {
    const values = Object.fromEntries([...form.elements].map(({ name, value }) => [name, value.trim()]));
    const { display, ...attributes } = values;
    for (const [name, check] of Object.entries(CHECKS)) showProblem(form.elements[name], check(values[name]));
    output.textContent = chatTag(SCRIPT, display, attributes);
  };
  for (const field of form.elements) describeByProblem(field);
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  update();
}

function describeByProblem(field) {
  const problem = field.parentElement.querySelector('.problem');
  if (!problem) return;
  problem.id = `problem-${field.name}`;
  field.setAttribute('aria-describedby', problem.id);
}

function showProblem(field, words) {
  const problem = field.parentElement.querySelector('.problem');
  field.setAttribute('aria-invalid', String(words !== ''));
  problem.textContent = words;
  problem.hidden = words === '';
}

function protocolOf(value) {
  return URL.canParse(value) ? new URL(value).protocol : '';
}
