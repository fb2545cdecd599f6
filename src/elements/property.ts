import type { PropertyDeclaration, ReactiveElement } from 'lit';

/**
 * Makes a field a reactive property, as Lit's decorator of the same name does. That one also serves standard decorators,
 * which this project does not use and which weigh half a kilobyte in the script tag.
 */
export function property(options?: PropertyDeclaration) {
  return (prototype: ReactiveElement, name: PropertyKey): void =>
    (prototype.constructor as typeof ReactiveElement).createProperty(name, options);
}
