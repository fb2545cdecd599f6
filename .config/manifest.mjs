// @ts-check
// `npm run manifest` writes dist/custom-elements.json; `npm run manifest -- --check` only checks what the sources say.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cli } from '@custom-elements-manifest/analyzer/cli.js';

/**
 * @typedef {{ name?: string, description?: string }} Documented
 * @typedef {Documented & { type?: { text: string } }} EventDoc
 * @typedef {Documented & { privacy?: string, kind?: string, static?: boolean, inheritedFrom?: unknown }} Member
 * @typedef {Documented & { kind: string, tagName?: string, customElement?: boolean, members?: Member[], events?: EventDoc[] } &
 *   { [Part in 'attributes' | 'slots' | 'cssParts' | 'cssProperties']?: Documented[] }} Declaration
 * @typedef {{ path: string, declarations: Declaration[], exports?: object[] }} Module
 * @typedef {{ schemaVersion: string, modules: Module[] }} Manifest
 */

const PUBLIC_TAGS = ['connection-status', 'xians-chat', 'xians-provider'];
const EVENTS = ['src/elements/events.ts', 'src/elements/message-events.ts'];
const ROOT = resolve(import.meta.dirname, '..');

/** Names a page never uses: Lit's lifecycle and what the platform calls. The analyzer leaves out what is `@internal`. */
const LIFECYCLE =
  /^(constructor|styles|connectedCallback|disconnectedCallback|attributeChangedCallback|shouldUpdate|willUpdate|update|firstUpdated|updated|render|createRenderRoot|getUpdateComplete)$/;

/**
 * Writes the manifest of the public elements to `path` and returns its text.
 * @param {string} path
 */
export async function writeManifest(path) {
  const { manifest } = await analyse();
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return text;
}

/** @returns {Promise<{ manifest: Manifest, problems: string[] }>} What lacks documentation is a problem. */
async function analyse() {
  const argv = [
    'analyze',
    '--litelement',
    '--quiet',
    '--globs',
    'src/elements/**/*.ts',
    'src/context/**/*.ts',
  ];
  /** @type {Manifest} */
  const { schemaVersion, modules } = await cli({ argv, cwd: ROOT, noWrite: true });
  const elements = modules.flatMap(({ declarations }) => declarations.filter(isPublicElement));
  for (const element of elements) element.events = element.events?.filter(isEvent);
  const problems = [
    ...PUBLIC_TAGS.filter((tag) => !elements.some(({ tagName }) => tagName === tag)).map(
      (tag) => `<${tag}>: no exported class with "@tag ${tag}" under src/elements.`,
    ),
    ...elements.flatMap(undocumented),
  ];

  const shown = modules
    .filter(({ path, declarations }) => EVENTS.includes(path) || declarations.some(isPublicElement))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { declarations } of shown) {
    for (const declaration of declarations) declaration.members = declaration.members?.filter(isPublicMember);
  }
  return { manifest: { schemaVersion, modules: shown }, problems };
}

/** @param {Declaration} declaration */
function isPublicElement({ tagName }) {
  return tagName !== undefined && PUBLIC_TAGS.includes(tagName);
}

/** @param {Member} member */
function isPublicMember({ name = '', privacy }) {
  return privacy !== 'private' && privacy !== 'protected' && !name.startsWith('#') && !LIFECYCLE.test(name);
}

/**
 * The analyzer takes the first argument of `new SomethingEvent(…)` for the event's name. Such an entry is dropped when
 * the class documents an event of that type, and stays, to be complained about, when it does not.
 *
 * @param {EventDoc} event @param {number} _index @param {EventDoc[]} all
 */
function isEvent({ description, type }, _index, all) {
  return Boolean(description) || !all.some((other) => other.description && other.type?.text === type?.text);
}

/** @param {Declaration} element @returns {string[]} */
function undocumented(element) {
  const missing = element.description ? [] : ['a description of the class'];
  if (!element.events?.length && element.tagName !== 'connection-status') missing.push('its events (@fires)');
  if (!element.cssParts?.length && element.tagName !== 'xians-provider') missing.push('its parts (@csspart)');
  const lists = {
    attribute: element.attributes ?? [],
    event: element.events ?? [],
    slot: element.slots ?? [],
    part: element.cssParts ?? [],
    'custom property': element.cssProperties ?? [],
    member: (element.members ?? []).filter((member) => isPublicMember(member) && !member.static),
  };
  for (const [kind, list] of Object.entries(lists)) {
    for (const { name, description } of list) if (!description) missing.push(`the ${kind} "${name ?? ''}"`);
  }
  return missing.map((what) => `<${element.tagName}>: lacks ${what}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--check')) {
    const { problems } = await analyse();
    if (problems.length > 0) {
      console.error(`The manifest is not complete:\n  ${problems.join('\n  ')}`);
      process.exitCode = 1;
    }
  } else {
    await writeManifest(resolve(ROOT, 'dist/custom-elements.json'));
  }
}
