/**
 * The HTML to paste for a chat. `attributes` are the element's own, by name, in their order; empty ones are left out. A
 * bubble needs the script tag only; the other displays stand where their element stands.
 */
export function chatTag(script, display, attributes) {
  const given = Object.entries(attributes).filter(([, value]) => value !== '');
  if (display === 'bubble') {
    const data = given.map(([name, value]) => `\n  data-${name}="${escaped(value)}"`).join('');
    return `<script\n  type="module"\n  src="${escaped(script)}"${data}\n></script>`;
  }
  const own = [['display', display], ...given].map(([name, value]) => `\n  ${name}="${escaped(value)}"`);
  const chat = `<xians-chat${display === 'panel' ? '\n  id="chat"' : ''}${own.join('')}>\n</xians-chat>`;
  const lines = [`<script type="module" src="${escaped(script)}"></script>`, chat];
  if (display === 'panel') lines.push(PANEL_BUTTON);
  return lines.join('\n\n');
}

const PANEL_BUTTON = `<button id="ask" type="button">Ask us</button>
<script type="module">
  const chat = document.getElementById('chat');
  document.getElementById('ask').addEventListener('click', () => chat.show());
</script>`;

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
