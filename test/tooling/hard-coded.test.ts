import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';

const ELEMENTS = resolve(import.meta.dirname, '../../src/elements');

/** Attributes that people see or hear. */
const READ = /\s(?:aria-label|aria-description|aria-roledescription|title|placeholder|alt|label)="([^"]*)"/g;
/** Stands for what is filled into a template. */
const HOLE = '\u0000';

/** Types of messages. */
const MESSAGES: ReadonlySet<string> = new Set(
  'Chat Data File Handoff Heartbeat Reasoning Tool Webhook'.split(' '),
);

/**
 * What is in English wherever it is shown: what stands there until the words are loaded, or if they cannot be; and what is no
 * language at all.
 */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  'chat-feedback.ts': ['Other'],
  'feed-help.ts': ['Home End', 'Enter', 'Esc'],
  'xians-chat.ts': [
    'This chat starts once you have allowed it here.',
    'The chat is loading…',
    'Try again',
    'Chat',
    'Close',
  ],
};

/** Texts of a source that people would see or hear, and that no other language replaces. */
function hardCoded(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node)) {
      const tag = node.tag.getText(file);
      if (tag === 'css') return;
      if (tag === 'html' || tag === 'svg') found.push(...inTemplate(textOf(node.template)));
    } else if (
      (ts.isStringLiteral(node) ||
        ts.isNoSubstitutionTemplateLiteral(node) ||
        ts.isTemplateExpression(node)) &&
      !ts.isTaggedTemplateExpression(node.parent)
    ) {
      const text = textOf(node);
      const isShown = isSentence(text) || (isWord(text) && !isName(node, text));
      if (isShown && !isForDevelopers(node)) found.push(text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function textOf(node: ts.Node): string {
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(HOLE);
  }
  return ts.isStringLiteralLike(node) ? node.text : '';
}

/** Texts between the tags of a template, and in the attributes that are read. */
function inTemplate(template: string): string[] {
  const attributes = [...template.matchAll(READ)].map(([, value]) => value ?? '');
  const texts = template
    .replace(/<!--.*?-->|&\w+;/gs, '')
    .replace(/<(\/?)([a-z][\w-]*)(?:[^<>"]|"[^"]*")*>/g, HOLE)
    .split(HOLE);
  return [...attributes, ...texts].map((text) => text.trim()).filter((text) => /\p{L}{2}/u.test(text));
}

/** Two words or more that begin like a sentence, or one that ends like one. */
function isSentence(text: string): boolean {
  const shown = text.replaceAll(HOLE, 'x');
  return /^\p{Lu}\p{Ll}*[’']?\p{Ll}* \S*\p{L}/u.test(shown) || /^\p{Lu}\p{Ll}+(…|\.)$/u.test(shown);
}

function isWord(text: string): boolean {
  return /^\p{Lu}\p{Ll}{2,}$/u.test(text);
}

/** A word that programs say to each other: a type of message, a key, the name of a property. */
function isName({ parent }: ts.Node, text: string): boolean {
  if (ts.isLiteralTypeNode(parent) || ts.isCaseClause(parent) || ts.isPropertyAssignment(parent)) return true;
  if (ts.isArrayLiteralExpression(parent)) return MESSAGES.has(text);
  if (ts.isCallExpression(parent)) return /\.(includes|has|get)$/.test(parent.expression.getText());
  return ts.isBinaryExpression(parent) && /^([=!]==|in)$/.test(parent.operatorToken.getText());
}

/** What is thrown, or written on the console: whoever shows a failure says it by its code. */
function isForDevelopers(node: ts.Node): boolean {
  for (let one: ts.Node | undefined = node; one; one = one.parent) {
    if (ts.isNewExpression(one) && /Error$/.test(one.expression.getText())) return true;
    if (
      ts.isCallExpression(one) &&
      /^(console\.\w+|RealtimeError\.from|assert\w*)$/.test(one.expression.getText())
    )
      return true;
    if (ts.isThrowStatement(one)) return true;
  }
  return false;
}

describe('the elements', () => {
  it('say nothing that another language could not replace', () => {
    const found: string[] = [];
    for (const name of readdirSync(ELEMENTS)) {
      if (!name.endsWith('.ts') || name.endsWith('-words.ts')) continue;
      const texts = hardCoded(readFileSync(join(ELEMENTS, name), 'utf8'));
      const known = EXCEPTIONS[name] ?? [];
      for (const text of texts)
        if (!known.includes(text)) found.push(`${name}: ${text.replaceAll(HOLE, '${…}')}`);
      for (const text of known) assert.ok(texts.includes(text), `${name} does not say "${text}" any more`);
    }
    assert.deepEqual(found, []);
  });
});

describe('the look for texts', () => {
  it('finds them in templates, in attributes and in strings', () => {
    assert.deepEqual(hardCoded('html`<p class="a b">Hello ${name}</p>`'), ['Hello']);
    assert.deepEqual(hardCoded('html`<input placeholder="Your name" />`'), ['Your name']);
    assert.deepEqual(hardCoded("const label = 'Try again';"), ['Try again']);
    assert.deepEqual(hardCoded("renderButton('Close', () => host.heading ?? 'Chat');"), ['Close', 'Chat']);
    assert.deepEqual(hardCoded("const label = isBusy ? 'Loading…' : '';"), ['Loading…']);
    assert.deepEqual(hardCoded('const label = `${count} new`; say(`Now ${count} files`);'), [
      `Now ${HOLE} files`,
    ]);
  });

  it('leaves alone what is no text for people', () => {
    assert.deepEqual(hardCoded('css`.a { content: "Hello you"; }`'), []);
    assert.deepEqual(hardCoded("throw new RealtimeError('input', 'This is wrong.');"), []);
    assert.deepEqual(hardCoded("if (event.key === 'Enter') run('chat.show', 'a b');"), []);
    assert.deepEqual(
      hardCoded('html`<p aria-label=${words.close} title="${text}">${words.close} · –</p>`'),
      [],
    );
  });
});
