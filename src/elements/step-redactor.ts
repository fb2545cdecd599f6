import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';

/** What a page lets its visitors see of a step: another one in its place, or `undefined` for nothing. */
export type RedactStep = (step: Message) => Message | undefined;

/** What each hook has made of each step: it is asked once. */
const answers = new WeakMap<RedactStep, WeakMap<Message, Message | false>>();

/** The steps as a visitor may see them. A hook that throws hides the step, and `report` is told. */
export function redactSteps(
  steps: readonly Message[],
  redact: RedactStep | undefined,
  report: (error: RealtimeError) => void,
): readonly Message[] {
  if (!redact) return steps;
  let known = answers.get(redact);
  if (!known) answers.set(redact, (known = new WeakMap()));
  return steps.flatMap((step) => {
    let shown = known.get(step);
    if (shown === undefined) {
      try {
        const seen = redact(step) ?? false;
        // Who it is, and when it was, is no matter of the page: rows go by it.
        shown = seen && { ...seen, id: step.id, type: step.type, createdAt: step.createdAt };
      } catch (cause) {
        shown = false;
        report(new RealtimeError('bug', 'The hook redactStep threw, so the step is hidden.', { cause }));
      }
      known.set(step, shown);
    }
    return shown || [];
  });
}
