import { expect } from '@open-wc/testing';
import { Speaker } from '../../src/elements/speaker.ts';
import { waitFor } from '../support/wait.ts';

describe('what is read out', () => {
  /** Says all of these at once, and resolves with what is read out. */
  async function spoken(...texts: readonly { text: string; isMessage?: boolean }[]): Promise<string> {
    const speaker = new Speaker(() => undefined);
    for (const { text, isMessage } of texts) speaker.say(() => text, isMessage);
    return waitFor(() => speaker.words || undefined, 'it is said');
  }
  const messages = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ text: `reply ${index + 1}`, isMessage: true }));

  it('is two messages of a burst, and the number of the others', async () => {
    expect(await spoken(...messages(2))).to.equal('reply 1\nreply 2');
    expect(await spoken(...messages(3))).to.equal('reply 1\nreply 2\n1 more message');
    expect(await spoken(...messages(5))).to.equal('reply 1\nreply 2\n3 more messages');
  });

  it('is everything else besides them', async () => {
    const said = await spoken(...messages(4), { text: 'Message discarded.' });
    expect(said).to.equal('reply 1\nreply 2\nMessage discarded.\n2 more messages');
  });

  it('is a long text up to the end of a sentence', async () => {
    const said = await spoken({ text: 'This is a sentence. '.repeat(200) });
    expect(said).to.match(
      /^This is a sentence\. .*This is a sentence\. … The rest is in the conversation\.$/,
    );
    expect(said.length).to.be.lessThan(1_300);
  });

  it('cuts no character in half', async () => {
    expect(await spoken({ text: `a${'😀'.repeat(2_000)}` })).not.to.match(
      /[\ud800-\udbff](?![\udc00-\udfff])/,
    );
  });
});
