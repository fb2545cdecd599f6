import type { LanguageFn } from 'highlight.js';

type Loader = () => Promise<{ readonly default: LanguageFn }>;

/** The languages that are coloured; each in a chunk of its own. */
const loaders: ReadonlyMap<string, Loader> = new Map(
  Object.entries({
    bash: () => import('highlight.js/lib/languages/bash'),
    c: () => import('highlight.js/lib/languages/c'),
    cpp: () => import('highlight.js/lib/languages/cpp'),
    csharp: () => import('highlight.js/lib/languages/csharp'),
    css: () => import('highlight.js/lib/languages/css'),
    diff: () => import('highlight.js/lib/languages/diff'),
    dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
    go: () => import('highlight.js/lib/languages/go'),
    graphql: () => import('highlight.js/lib/languages/graphql'),
    ini: () => import('highlight.js/lib/languages/ini'),
    java: () => import('highlight.js/lib/languages/java'),
    javascript: () => import('highlight.js/lib/languages/javascript'),
    json: () => import('highlight.js/lib/languages/json'),
    kotlin: () => import('highlight.js/lib/languages/kotlin'),
    markdown: () => import('highlight.js/lib/languages/markdown'),
    php: () => import('highlight.js/lib/languages/php'),
    powershell: () => import('highlight.js/lib/languages/powershell'),
    python: () => import('highlight.js/lib/languages/python'),
    ruby: () => import('highlight.js/lib/languages/ruby'),
    rust: () => import('highlight.js/lib/languages/rust'),
    shell: () => import('highlight.js/lib/languages/shell'),
    sql: () => import('highlight.js/lib/languages/sql'),
    swift: () => import('highlight.js/lib/languages/swift'),
    typescript: () => import('highlight.js/lib/languages/typescript'),
    xml: () => import('highlight.js/lib/languages/xml'),
    yaml: () => import('highlight.js/lib/languages/yaml'),
  } satisfies Record<string, Loader>),
);

/** Other names of these, and the grammars that stand inside of others: `name: what it is written in, then inside of it`. */
const others: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'sh shell zsh': 'bash',
    'console shell-session': 'shell bash',
    h: 'c',
    'c++ cc cxx hpp': 'cpp',
    'cs c#': 'csharp',
    patch: 'diff',
    docker: 'dockerfile',
    golang: 'go',
    gql: 'graphql',
    'toml properties conf': 'ini',
    'js mjs cjs': 'javascript',
    jsx: 'javascript xml',
    'jsonc json5': 'json',
    'kt kts': 'kotlin',
    'md mdx': 'markdown',
    'ps1 pwsh': 'powershell',
    'py python3': 'python',
    rb: 'ruby',
    rs: 'rust',
    'postgres postgresql mysql sqlite tsql': 'sql',
    'ts mts cts': 'typescript',
    tsx: 'typescript xml',
    'html xhtml vue svelte': 'xml css javascript',
    svg: 'xml',
    yml: 'yaml',
  }).flatMap(([names, parts]) => names.split(' ').map((name) => [name, parts.split(' ')] as const)),
);

/** A language as the engine knows it, and those that may stand inside of it. */
export interface Grammar {
  readonly parts: readonly string[];
  load(part: string): ReturnType<Loader>;
}

/** The grammar for what an author calls a language, in any case: `TS`, `c++`, `html`. `undefined` if there is none. */
export function grammarOf(name: string): Grammar | undefined {
  const key = name.toLowerCase();
  const parts = others.get(key) ?? [key];
  if (!parts.every((part) => loaders.has(part))) return undefined;
  return {
    parts,
    load: (part) => loaders.get(part)?.() ?? Promise.reject(new RangeError(`no grammar for ${part}`)),
  };
}
