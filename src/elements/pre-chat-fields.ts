import { RealtimeError } from '../protocol/errors.ts';

/** What a visitor can be asked for. */
export type PreChatName = 'name' | 'email' | 'phone' | 'company';

/** A question before the chat. */
export interface PreChatField {
  readonly name: PreChatName;
  readonly required: boolean;
}

const NAMES: readonly string[] = ['name', 'email', 'phone', 'company'] satisfies PreChatName[];

/** Reads `name,email*`: the star is after what must be filled in. Throws `input` for what cannot be asked for. */
export function parsePreChat(text: string): PreChatField[] {
  const fields = new Map<string, PreChatField>();
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const name = word.replace(/\*$/, '');
    if (!NAMES.includes(name)) {
      throw new RealtimeError(
        'input',
        `The attribute pre-chat can ask for ${NAMES.join(', ')}, and not for "${name}".`,
      );
    }
    fields.set(name, { name: name as PreChatName, required: word.endsWith('*') });
  }
  return [...fields.values()];
}
