type Loader = () => Promise<{ readonly default: HighlightGrammar }>;

/** The languages that are coloured; each in a chunk of its own. */
const loaders: ReadonlyMap<string, Loader> = new Map(
  Object.entries({
    bash: () => import('@highlightjs/cdn-assets/es/languages/bash.min.js'),
    c: () => import('@highlightjs/cdn-assets/es/languages/c.min.js'),
    cpp: () => import('@highlightjs/cdn-assets/es/languages/cpp.min.js'),
    csharp: () => import('@highlightjs/cdn-assets/es/languages/csharp.min.js'),
    css: () => import('@highlightjs/cdn-assets/es/languages/css.min.js'),
    diff: () => import('@highlightjs/cdn-assets/es/languages/diff.min.js'),
    dockerfile: () => import('@highlightjs/cdn-assets/es/languages/dockerfile.min.js'),
    go: () => import('@highlightjs/cdn-assets/es/languages/go.min.js'),
    graphql: () => import('@highlightjs/cdn-assets/es/languages/graphql.min.js'),
    ini: () => import('@highlightjs/cdn-assets/es/languages/ini.min.js'),
    java: () => import('@highlightjs/cdn-assets/es/languages/java.min.js'),
    javascript: () => import('@highlightjs/cdn-assets/es/languages/javascript.min.js'),
    json: () => import('@highlightjs/cdn-assets/es/languages/json.min.js'),
    kotlin: () => import('@highlightjs/cdn-assets/es/languages/kotlin.min.js'),
    markdown: () => import('@highlightjs/cdn-assets/es/languages/markdown.min.js'),
    php: () => import('@highlightjs/cdn-assets/es/languages/php.min.js'),
    powershell: () => import('@highlightjs/cdn-assets/es/languages/powershell.min.js'),
    python: () => import('@highlightjs/cdn-assets/es/languages/python.min.js'),
    ruby: () => import('@highlightjs/cdn-assets/es/languages/ruby.min.js'),
    rust: () => import('@highlightjs/cdn-assets/es/languages/rust.min.js'),
    shell: () => import('@highlightjs/cdn-assets/es/languages/shell.min.js'),
    sql: () => import('@highlightjs/cdn-assets/es/languages/sql.min.js'),
    swift: () => import('@highlightjs/cdn-assets/es/languages/swift.min.js'),
    typescript: () => import('@highlightjs/cdn-assets/es/languages/typescript.min.js'),
    xml: () => import('@highlightjs/cdn-assets/es/languages/xml.min.js'),
    yaml: () => import('@highlightjs/cdn-assets/es/languages/yaml.min.js'),
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
