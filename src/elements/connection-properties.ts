import type { PropertyDeclaration, PropertyDeclarations } from 'lit';
import { EXTRA_NAMES } from '../context/connection-options.ts';
import { kebab } from '../context/kebab.ts';
import { consentConverter } from './converters.ts';

const NAMES = ['serverUrl', 'tenantId', 'participantId', 'tokenUrl', 'apiKey', 'locale', ...EXTRA_NAMES];

/**
 * The reactive properties of every element that can have a connection of its own, each with its attribute in kebab case.
 * Tables like this one take the place of decorators, which weigh twice as much in the script tag.
 */
export const connectionProperties: PropertyDeclarations = {
  ...Object.fromEntries(
    NAMES.map((name): [string, PropertyDeclaration] => [name, { attribute: kebab(name) }]),
  ),
  getToken: { attribute: false },
  consent: { converter: consentConverter },
};
