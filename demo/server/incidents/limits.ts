import { GraphQLError, type DocumentNode, type SelectionSetNode } from 'graphql';

export const MAX_DEPTH = 10;
export const MAX_COMPLEXITY = 100;
const ENOUGH = 100_000;

/**
 * What is wrong with the size of a document: fields nested more than 10 deep, or more than 100 of them. Fragments count
 * where they are used, lists once. For documents that are valid, since fragments may then not contain themselves.
 */
export function tooLarge(document: DocumentNode): GraphQLError[] {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') {
      fragments.set(definition.name.value, definition.selectionSet);
    }
  }
  let [deepest, complexity] = [0, 0];
  const walk = ({ selections }: SelectionSetNode, depth: number): void => {
    for (const selection of selections) {
      if (complexity > ENOUGH) return; // Fragments can make a short text enormous.
      if (selection.kind === 'FragmentSpread') {
        const fragment = fragments.get(selection.name.value);
        if (fragment) walk(fragment, depth);
        continue;
      }
      const isField = selection.kind === 'Field';
      if (isField) {
        complexity += 1;
        deepest = Math.max(deepest, depth + 1);
      }
      if (selection.selectionSet) walk(selection.selectionSet, isField ? depth + 1 : depth);
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === 'OperationDefinition') walk(definition.selectionSet, 0);
  }
  if (deepest > MAX_DEPTH) return [new GraphQLError('Query is nested too deep.')];
  return complexity > MAX_COMPLEXITY ? [new GraphQLError('Query is too complex.')] : [];
}
