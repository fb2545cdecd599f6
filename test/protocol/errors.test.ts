import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { errorDetails, errorFromDetails } from '../../src/protocol/error-details.ts';

describe('RealtimeError as plain data', () => {
  it('is the same error after storage or another tab', () => {
    const errors = [
      new RealtimeError('expired', 'Too old.'),
      new RealtimeError('rate-limited', 'Slow down.', { status: 429, retryAfterMs: 7_000, stored: 'no' }),
      new RealtimeError('server', 'Failed.', { retryable: false, stored: 'yes', cause: () => 'secret' }),
      new RealtimeError('network', 'Lost.', { stored: 'maybe' }),
    ];
    for (const error of errors) {
      const details = errorDetails(error);
      const again = errorFromDetails(structuredClone(details));
      assert.deepEqual(errorDetails(again), details);
      assert.ok(again instanceof RealtimeError);
      assert.equal(again.cause, undefined);
    }
  });

  it('leaves out what is not there', () => {
    assert.deepEqual(errorDetails(new RealtimeError('input', 'Wrong.')), {
      code: 'input',
      message: 'Wrong.',
      retryable: false,
      stored: 'no',
    });
  });

  it('makes of nonsense an error that says so, and of which nothing is safe to repeat', () => {
    const nonsense = [
      undefined,
      null,
      7,
      'text',
      [],
      {},
      { code: 'server' },
      { code: 'x', message: 'y' },
      { code: 'toString', message: 'y' },
    ];
    for (const details of nonsense) {
      const error = errorFromDetails(details);
      assert.deepEqual([error.code, error.stored], ['protocol', 'maybe']);
    }
  });

  it('ignores fields of the wrong type', () => {
    const error = errorFromDetails({
      code: 'server',
      message: 'Failed.',
      retryable: 'yes',
      retryAfterMs: '5',
      status: null,
      stored: 'perhaps',
    });
    assert.deepEqual(errorDetails(error), {
      code: 'server',
      message: 'Failed.',
      retryable: true,
      stored: 'maybe',
    });
  });
});
