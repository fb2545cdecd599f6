import { redact } from '../protocol/redact.ts';
import { readText } from './careful-read.ts';

/** A word or a few, as people name folders and pages; what else stands in a path is an id, a name or worse. */
const WORDS = /^(?:[A-Z]?[a-z]{1,15}|[A-Z]{1,6})(?:[-_.]?(?:[A-Z]?[a-z]{1,15}|[A-Z]{1,6})){0,4}\d{0,2}$/;
const LONGEST_WORDS = 32;
const FILE = /^[\w.~-]{1,60}\.(?:[cm]?[jt]sx?|html?)$/;
/** Longest hash that builds put into the name of a file. */
const LONGEST_HASH = 20;
/** What a build has made of a name. */
const LONGEST_MINIFIED = 4;

/** `    at name (place:line:column)`, in Chromium and Node. */
const V8_LINE = /^ {2,8}at /m;
const V8_FRAME = /^ {2,8}at (?:(.+?) \()?((?:[a-z][\w+.-]*:\/\/|\/|[A-Z]:\\)\S*?):(\d+):(\d+)\)?$/i;
/** `name@place:line:column`, in Firefox and Safari. */
const AT_FRAME = /^([^@]*)@([a-z][\w+.-]*:\/\/[^\s]*?):(\d+):(\d+)$/i;

const MAX_FRAMES = 5;
/** Enough for the stack of any engine; not for a text that only looks like one. */
const MAX_STACK = 20_000;
const MAX_LINE = 1_000;

/**
 * Where an address leads, without whom: origin and path, ids in the path as `:id`, no query, fragment or user. `undefined`
 * for what is no http address.
 */
export function harmlessUrl(text: string): string | undefined {
  const url = parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const segments = url.pathname.split('/');
  const path = segments.map((segment, i) =>
    isWords(segment) || (i === segments.length - 1 && isFile(segment)) ? segment : ':id',
  );
  return redact(url.origin + path.join('/'));
}

/**
 * The top of an error's stack, at most 5 places in scripts, as `name https://origin/path/file.js:line:column`; of files on
 * this machine the name only. Nothing of the message, which the stack of Chromium and Node begins with, even where it has lines
 * that look like places.
 */
export function harmlessFrames(error: unknown): string[] {
  const stack = readText(error, 'stack') ?? '';
  const isV8 = V8_LINE.test(stack);
  const text = isV8 ? afterMessage(stack, readText(error, 'message') ?? '') : stack;
  const frames: string[] = [];
  for (const line of text.slice(0, MAX_STACK).split('\n')) {
    const [, name, place = '', row, column] =
      (isV8 ? V8_FRAME : AT_FRAME).exec(line.slice(0, MAX_LINE)) ?? [];
    // Places in the engine itself stand between those in scripts; any other line was not written by the engine.
    if (row === undefined && !isEngine(line, isV8)) break;
    const file = fileOf(place);
    if (!file) continue;
    frames.push(redact(`${isFunction(name) ? `${name} ` : ''}${file}:${row}:${column}`));
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** What the engine has written below the message; nothing where it cannot be told from it, because the message was changed. */
function afterMessage(stack: string, message: string): string {
  const at = stack.indexOf(message);
  const end = at < 0 ? -1 : stack.indexOf('\n', at + message.length);
  return end < 0 ? '' : stack.slice(end + 1, end + 1 + MAX_STACK);
}

function isEngine(line: string, isV8: boolean): boolean {
  return isV8 ? / {2,8}at /.test(line.slice(0, 20)) : /@|^$/.test(line.slice(0, MAX_LINE));
}

function fileOf(place: string): string | undefined {
  const isLocal = /^(?:file:|\/|[A-Z]:\\)/i.test(place);
  if (!isLocal) return harmlessUrl(place);
  const name = place.split(/[?#]/)[0]?.split(/[/\\]/).at(-1) ?? '';
  return isFile(name) ? name : undefined;
}

function isWords(segment: string): boolean {
  return segment.length <= LONGEST_WORDS && (segment === '' || WORDS.test(segment));
}

/** A script or page, with a hash in its name or without. */
function isFile(name: string): boolean {
  const odd = name.split(/[-_.~]/).filter((part) => !isWords(part));
  return FILE.test(name) && odd.join('').length <= LONGEST_HASH;
}

/** For example `onMessage`, `Cart.add`, `new Cart`, `t.n`; not a name that was computed. */
function isFunction(name: string | undefined): name is string {
  const parts = name?.replace(/^(?:async |new )/, '').split('.') ?? [];
  return (
    parts.length > 0 &&
    parts.every((part) => part.length <= LONGEST_MINIFIED || isWords(part.replace(/^[#$_<]|>$/g, ''))) &&
    /^[\w$.#<> ]{1,60}$/.test(name ?? '')
  );
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // Not an address: nothing to tell.
  }
}
