import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Emitter } from '../../src/protocol/emitter.ts';

interface Events {
  news: string;
}

const broken = new TypeError('No Bearer abc.def-ghi for you.', { cause: 'abc.def-ghi' });

/** An emitter with one listener that throws and one that hears. */
function emit(emitter: Emitter<Events>): string[] {
  const heard: string[] = [];
  emitter.on('news', () => {
    throw broken;
  });
  emitter.on('news', (text) => heard.push(text));
  emitter.emit('news', 'hello');
  return heard;
}

function catchPrinted(t: TestContext): string[] {
  const lines: string[] = [];
  t.mock.method(console, 'error', (line: string) => void lines.push(line));
  return lines;
}

describe('Emitter', () => {
  it('tells of a listener that throws, and of the event it heard, without stopping the others', () => {
    const told: unknown[] = [];
    const heard = emit(new Emitter<Events>((error, event) => told.push(error, event)));
    assert.deepEqual([heard, told], [['hello'], [broken, 'news']]);
  });

  it('lets the page report it where nobody else does', (t) => {
    const lines = catchPrinted(t);
    const reported: Error[] = [];
    globalThis.reportError = (error: Error) => void reported.push(error);
    t.after(() => Reflect.deleteProperty(globalThis, 'reportError'));
    assert.deepEqual(emit(new Emitter<Events>()), ['hello']);
    assert.equal(reported.length, 1);
    assert.match(reported[0]?.stack ?? '', /^TypeError: No Bearer \*\*\* for you\.\n +at .*emitter\.test/);
    assert.deepEqual([reported[0]?.name, reported[0]?.message], ['TypeError', 'No Bearer *** for you.']);
    assert.ok(!inspect(reported[0]).includes('abc.def'), 'neither a cause nor a field tells');
    assert.deepEqual(lines, []);
  });

  it('prints it in Node, redacted, instead of ending the process', (t) => {
    const lines = catchPrinted(t);
    assert.deepEqual(emit(new Emitter<Events>()), ['hello']);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /No Bearer \*\*\* for you\./);
  });

  it('goes on whatever was thrown', (t) => {
    const lines = catchPrinted(t);
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    const thrown = [proxy, Object.create(null), Symbol('x'), undefined, 'Bearer abc.def-ghi'];
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    for (const one of thrown) {
      emitter.on('news', () => {
        throw one;
      });
    }
    emitter.on('news', (text) => heard.push(text));
    emitter.emit('news', 'hello');
    assert.deepEqual([heard, lines.length], [['hello'], thrown.length]);
    assert.ok(!lines.join().includes('abc.def'));
  });
});
