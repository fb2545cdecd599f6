import type { PropertyDeclaration, PropertyDeclarations } from 'lit';
import { EXTRA_NAMES } from '../context/connection-options.ts';
import { kebab } from '../context/kebab.ts';
import { consentConverter } from './converters.ts';

/** Properties of texts, each with its attribute in kebab case. */
export function textProperties(names: readonly string[]): PropertyDeclarations {
  return Object.fromEntries(
    names.map((name): [string, PropertyDeclaration] => [name, { attribute: kebab(name) }]),
  );
}

const NAMES = [
  'serverUrl',
  'tenantId',
  'participantId',
  'tokenUrl',
  'apiKey',
  'locale',
  'strings',
  ...EXTRA_NAMES,
];

/**
 * The reactive properties of every element that can have a connection of its own, each with its attribute in kebab case.
 * Tables like this one take the place of decorators, which weigh twice as much in the script tag.
 */
export const connectionProperties: PropertyDeclarations = {
  ...textProperties(NAMES),
  getToken: { attribute: false },
  consent: { converter: consentConverter },
};
