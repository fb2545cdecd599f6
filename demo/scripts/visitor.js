/**
 * The visitor's name. It comes from the address (`?visitor=`), or is made up and put there, so that a reload finds the
 * conversation again and nothing has to be stored.
 */
export function visitorName() {
  const url = new URL(location.href);
  const given = url.searchParams.get('visitor')?.trim();
  if (given) return given;
  const name = `visitor-${randomHex(4)}`;
  url.searchParams.set('visitor', name);
  window.history.replaceState(null, '', url);
  return name;
}

/**
 * Has `provider` ask this server for the visitor's tokens. No key is in the page. With the name, what waits from an
 * earlier visit shows before a token is there.
 */
export function signIn(provider, visitor) {
  provider.setAttribute('participant-id', visitor);
  provider.setAttribute('token-url', `/demo/token?participant=${encodeURIComponent(visitor)}`);
}

function randomHex(bytes) {
  const values = window.crypto.getRandomValues(new window.Uint8Array(bytes));
  return Array.from(values, (value) => value.toString(16).padStart(2, '0')).join('');
}
