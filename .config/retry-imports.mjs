// @ts-check

/**
 * Rollup plugin: a chunk that could not be loaded can be loaded later. Most browsers remember for the life of a page that
 * an address gave no module, and answer every later `import()` of it from memory; so a failure is tried once more under an
 * address that nobody has asked for yet. Only for output in which chunks are files beside each other.
 *
 * @returns {import('rollup').Plugin}
 */
export function retryImports() {
  return {
    name: 'retry-imports',
    renderDynamicImport({ targetModuleId }) {
      if (targetModuleId === null) return null;
      return {
        left: '(u=>import(u).catch(()=>import(`${u}?${Date.now()}`)))(new URL(',
        right: ',import.meta.url).href)',
      };
    },
  };
}
