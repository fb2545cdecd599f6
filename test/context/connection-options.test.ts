import { expect } from '@open-wc/testing';
import { connectionKey } from '../../src/context/connection-key.ts';
import {
  connectionOptions,
  hasConnection,
  type ConnectionAttributes,
  type Place,
} from '../../src/context/connection-options.ts';
import { isLocalHost } from '../../src/protocol/local-host.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';

const shop: Place = {
  href: 'https://shop.example/basket/',
  protocol: 'https:',
  hostname: 'shop.example',
};
const complete = { serverUrl: 'https://xians.example', tenantId: 'acme', tokenUrl: '/token' };

function problem(attributes: ConnectionAttributes, place = shop): string {
  try {
    connectionOptions(attributes, place);
  } catch (error) {
    expect(error).to.be.instanceOf(RealtimeError).with.property('code', 'input');
    return (error as Error).message;
  }
  return '';
}

describe('connectionOptions', () => {
  it('resolves addresses against the page and drops slashes at the end', () => {
    expect(connectionOptions({ ...complete, serverUrl: '/xians/' }, shop)).to.deep.equal({
      serverUrl: 'https://shop.example/xians',
      tenantId: 'acme',
      tokenUrl: 'https://shop.example/token',
    });
  });

  it('drops credentials and queries from the address', () => {
    const { serverUrl } = connectionOptions(
      { ...complete, serverUrl: 'https://me:secret@x.example/?apikey=1' },
      shop,
    );
    expect(serverUrl).to.equal('https://x.example');
  });

  it('names what is missing', () => {
    expect(problem({})).to.contain('server-url');
    expect(problem({ ...complete, tenantId: ' ' })).to.contain('tenant-id');
    expect(problem({ ...complete, tokenUrl: undefined })).to.contain('token-url');
    expect(problem({ ...complete, tokenUrl: undefined, apiKey: 'sk-Xnai-1' })).to.contain('participant-id');
  });

  it('refuses two credentials, without repeating them', () => {
    const words = problem({ ...complete, apiKey: 'sk-Xnai-secret', participantId: 'jane' });
    expect(words).to.contain('one credential');
    expect(words).not.to.contain('secret');
  });

  it('refuses what is no web address', () => {
    for (const serverUrl of ['https://', 'javascript:alert(1)', 'ws://x.example', 'http://[']) {
      expect(problem({ ...complete, serverUrl }), serverUrl).to.contain('server-url');
    }
  });

  it('refuses http from an https page, except to this machine', () => {
    expect(problem({ ...complete, serverUrl: 'http://xians.example' })).to.contain('https:');
    expect(problem({ ...complete, serverUrl: 'http://localhost:5000' })).to.equal('');
    const plain = { ...shop, href: 'http://shop.example/', protocol: 'http:' };
    expect(problem({ ...complete, serverUrl: 'http://xians.example' }, plain)).to.equal('');
  });
});

describe('connectionOptions, of what a chat works without', () => {
  const read = (attributes: ConnectionAttributes) => {
    const problems: RealtimeError[] = [];
    const options = connectionOptions({ ...complete, ...attributes }, shop, (problem) =>
      problems.push(problem),
    );
    return { options, problems: problems.map(({ code, message }) => `${code}: ${message}`) };
  };
  const bare = connectionOptions(complete, shop);

  it('takes it over, addresses resolved against the page', () => {
    const { options, problems } = read({
      metricsUrl: 'metrics',
      metricsFormat: ' otlp ',
      errorsUrl: '/errors',
      alertsWorkflow: 'Status Agent:Alerts',
      alertsTopic: 'eu',
      tracing: 'never',
    });
    expect(options).to.deep.equal({
      ...bare,
      metricsUrl: 'https://shop.example/basket/metrics',
      metricsFormat: 'otlp',
      errorsUrl: 'https://shop.example/errors',
      alertsWorkflow: 'Status Agent:Alerts',
      alertsTopic: 'eu',
      tracing: 'never',
    });
    expect(problems).to.deep.equal([]);
  });

  it('counts empty values as absent', () => {
    const { options, problems } = read({ metricsUrl: '', errorsUrl: ' ', tracing: null });
    expect(options).to.deep.equal(bare);
    expect(problems).to.deep.equal([]);
  });

  it('leaves out what cannot work, says so, and keeps the rest', () => {
    const { options, problems } = read({
      metricsUrl: 'http://[',
      metricsFormat: 'xml',
      errorsUrl: 'javascript:alert(1)',
      alertsWorkflow: 'Alerts',
      tracing: 'sometimes',
      alertsTopic: 'eu',
    });
    expect(options).to.deep.equal({ ...bare, alertsTopic: 'eu' });
    expect(problems).to.deep.equal([
      'input: The attribute metrics-url is not a web address.',
      'input: The attribute metrics-format cannot have this value.',
      'input: The attribute errors-url is not a web address.',
      'input: The attribute alerts-workflow cannot have this value.',
      'input: The attribute tracing cannot have this value.',
    ]);
  });
});

describe('hasConnection', () => {
  it('is false for a participant alone, who belongs to the provider', () => {
    expect(hasConnection({ participantId: 'jane' })).to.equal(false);
    expect(hasConnection({ tenantId: 'acme' })).to.equal(true);
  });
});

describe('isLocalHost', () => {
  it('knows this machine from others that look like it', () => {
    const local = ['localhost', 'app.localhost', '127.0.0.1', '127.9.9.9', '[::1]'];
    const foreign = ['localhost.example', 'notlocalhost', '127.0.0.1.example', '128.0.0.1', ''];
    expect(local.filter((name) => !isLocalHost(name))).to.deep.equal([]);
    expect(foreign.filter(isLocalHost)).to.deep.equal([]);
  });
});

describe('connectionKey', () => {
  const base = {
    serverUrl: 'https://x.example',
    tenantId: 'a-b',
    participantId: 'c',
    tokenUrl: 'https://x.example/t',
  };

  it('is equal for the same connection, however it is spelled', () => {
    const same = { ...base, serverUrl: 'https://x.example/', participantId: ' C ' };
    expect(connectionKey(same)).to.equal(connectionKey(base));
  });

  it('K2: differs whenever any part differs', () => {
    const getToken = () => 'a.b.c';
    const keys = [
      base,
      { ...base, tenantId: 'a', participantId: 'b-c' },
      { ...base, participantId: undefined },
      { ...base, tokenUrl: 'https://x.example/u' },
      { ...base, tokenUrl: undefined, getToken },
      { ...base, tokenUrl: undefined, getToken: () => 'a.b.c' },
      { ...base, tokenUrl: undefined, apiKey: 'sk-Xnai-1' },
      { ...base, tokenUrl: undefined, apiKey: 'sk-Xnai-2' },
      { ...base, metricsUrl: 'https://x.example/m' },
      { ...base, errorsUrl: 'https://x.example/m' },
      { ...base, metricsFormat: 'otlp' as const },
      { ...base, alertsWorkflow: 'a:b' },
      { ...base, alertsTopic: 'a:b' },
      { ...base, tracing: 'never' as const },
    ].map(connectionKey);
    expect(new Set(keys).size).to.equal(keys.length);
    expect(connectionKey({ ...base, tokenUrl: undefined, getToken })).to.equal(keys[4]);
  });

  it('carries no credential', () => {
    expect(connectionKey({ ...base, tokenUrl: undefined, apiKey: 'sk-Xnai-1' })).not.to.contain('sk-');
  });
});
