import type { Conversation } from '../client/types.ts';

/**
 * Reads the next older page, or waits for the one that somebody else is reading. Resolves with whether it is worth going
 * on: `false` when nothing came, as there is no room for more. Rejects when the page cannot be read.
 */
export async function readEarlier(conversation: Conversation): Promise<boolean> {
  if (conversation.loading) {
    await new Promise<void>((resolve) => {
      const undo = conversation.on('change', () => {
        if (conversation.loading) return;
        undo();
        resolve();
      });
    });
    return conversation.hasEarlier;
  }
  const { length } = conversation.messages;
  await conversation.loadEarlier();
  return conversation.hasEarlier && conversation.messages.length > length;
}
