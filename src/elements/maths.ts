const MATHML = 'http://www.w3.org/1998/Math/MathML';
/** Formulas that would make more elements than this stay as they are written. */
const MAX_NODES = 2_000;
/** How often macros may be replaced by what they stand for. */
const MAX_EXPANSIONS = 200;
/** Longest distance, in em: longer ones could push out of sight what is around. */
const MAX_EM = 20;

/** All that may become of a formula. Nothing here links, fetches, runs or styles. */
const ELEMENTS: ReadonlySet<string> = new Set(
  (
    'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts ' +
    'mprescripts mtable mtr mtd mpadded mphantom mstyle menclose'
  ).split(' '),
);
const ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'display displaystyle scriptlevel form fence separator stretchy symmetric largeop movablelimits accent accentunder ' +
    'linethickness mathvariant columnspan rowspan lspace rspace width height depth voffset minsize maxsize'
  ).split(' '),
);
/** Of the classes that the parser gives, those that `styles` knows. */
const CLASSES: ReadonlySet<string> = new Set(
  'tml-left tml-right tml-jot tml-overline tml-underline tml-cancel upstrike downstrike sout tml-tag tml-vec'.split(
    ' ',
  ),
);
const LENGTHS = /^(?:lspace|rspace|width|height|depth|voffset|minsize|maxsize|linethickness)$/;

/** What the parser makes of a formula: names and attributes to judge, not to trust. */
interface Node {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly classes?: readonly unknown[];
  readonly style?: Readonly<Record<string, unknown>>;
  readonly children?: readonly Node[];
}

/**
 * `tex` as MathML, made node by node from an allow-list. `undefined` for what cannot be read, or is not worth it. Rejects
 * when the parser cannot be fetched.
 */
export async function formula(tex: string, display: boolean): Promise<Element | undefined> {
  // Without a doctype, browsers draw no formulas that could be read.
  if (document.compatMode !== 'CSS1Compat') return undefined;
  const { default: temml } = await import('temml');
  let tree: Node;
  try {
    tree = temml.__renderToMathMLTree(tex, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      strict: false,
      maxExpand: MAX_EXPANSIONS,
      maxSize: [MAX_EM, MAX_EM],
    }) as Node;
  } catch {
    // Whatever the parser says about it, the source can still be read.
    return undefined;
  }
  const budget = { nodes: MAX_NODES };
  const [root, ...rest] = toDom(tree, budget);
  if (budget.nodes < 0 || rest.length > 0 || !(root instanceof Element)) return undefined;
  return root.localName === 'math' ? root : undefined;
}

function toDom(node: Node, budget: { nodes: number }): (Element | Text)[] {
  if (--budget.nodes < 0) return [];
  if (typeof node.text === 'string') return [document.createTextNode(node.text)];
  const children = (node.children ?? []).flatMap((child) => toDom(child, budget));
  // What is not on the list goes, what is inside of it stays.
  if (typeof node.type !== 'string' || !ELEMENTS.has(node.type)) return children;
  const element = document.createElementNS(MATHML, node.type);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    if (ATTRIBUTES.has(name) && isHarmless(name, String(value))) element.setAttribute(name, String(value));
  }
  const classes = (node.classes ?? []).filter((name) => CLASSES.has(String(name)));
  if (node.style?.['border']) classes.push('boxed');
  if (classes.length > 0) element.setAttribute('class', classes.join(' '));
  element.append(...children);
  return [element];
}

function isHarmless(name: string, value: string): boolean {
  if (!LENGTHS.test(name)) return /^[\w-]*$/.test(value);
  const [, amount, unit] = /^(-?[\d.]+)(em|ex|pt|px|%|)$/.exec(value) ?? [];
  if (amount === undefined) return false;
  return unit === '%'
    ? Number(amount) <= 100
    : Math.abs(Number(amount)) <= (unit === 'em' || unit === 'ex' ? MAX_EM : 200);
}
