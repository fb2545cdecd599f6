import { expect } from '@open-wc/testing';
import { waitFor } from '../support/wait.ts';
import { incidents, ShownFeedHost } from './shown-feed.ts';

describe('the view of a feed', () => {
  let host: ShownFeedHost;

  beforeEach(() => {
    host = new ShownFeedHost();
    document.body.append(host);
  });

  afterEach(() => host.remove());

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const all = (selector: string) => [...host.renderRoot.querySelectorAll<HTMLElement>(selector)];
  const rows = () => all('article');

  async function show(): Promise<void> {
    await waitFor(() => rows().length > 0, 'rows are drawn');
  }

  it('shows what the feed has', async () => {
    host.feed.incidents = incidents(5);
    await show();
    expect(rows().length).to.equal(5);
    expect(find('[part=title]')?.textContent).to.equal('Incident 5');
    await expect(host).to.be.accessible();
  });
});
