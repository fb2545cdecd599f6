import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clock } from '../../demo/server/incidents/clock.ts';
import { IncidentDesk } from '../../demo/server/incidents/desk.ts';
import { isRefused, Operations } from '../../demo/server/incidents/operations.ts';
import { IncidentStore } from '../../demo/server/incidents/store.ts';
import { Switches } from '../../demo/server/incidents/switches.ts';
import { probeGraphql } from '../../src/transports/incident-dialect.ts';
import { createGraphqlReader } from '../../src/transports/incident-graphql.ts';
import type { GraphqlRequest, IncidentReader } from '../../src/transports/incident-source.ts';
import { graphqlAnswer } from './incidents/answers.ts';
import { Manager } from './incidents/manager.ts';
import { Random } from './random.ts';
import { VirtualTime } from './virtual-time.ts';

const ABSENT = '00000000-0000-4000-8000-000000000000';

/** A model with incidents of every kind, and the local server's own code with the same ones; each behind a reader. */
async function bothReaders(): Promise<{ model: IncidentReader; server: IncidentReader; ids: string[] }> {
  const manager = new Manager(new VirtualTime(), new Random(7));
  for (let i = 250; i > 0; i--) manager.create(false, i * 90_000);
  const incidents = manager.all;
  const store = new IncidentStore();
  for (const incident of incidents) store.put(incident);
  const clock = new Clock(() => 0);
  const desk = new IncidentDesk(store, clock, () => undefined);
  const operations = new Operations(new Switches(), { desk, store, clock, mutated: () => undefined });
  return {
    model: await readerOf(({ query }) =>
      Promise.resolve(JSON.parse(graphqlAnswer(manager, query)) as object),
    ),
    server: await readerOf(async (operation) => {
      const prepared = operations.prepare(operation);
      if (isRefused(prepared)) return { data: null, errors: prepared };
      return JSON.parse(JSON.stringify(await operations.run(prepared))) as object;
    }),
    ids: incidents.map(({ id }) => id),
  };
}

async function readerOf(request: GraphqlRequest): Promise<IncidentReader> {
  return createGraphqlReader({ request, dialect: await probeGraphql(request) });
}

describe('the incident manager of the simulation', () => {
  it('lists and finds what the local server does', async () => {
    const { model, server, ids } = await bothReaders();
    const queries = [
      { page: 0, pageSize: 100 },
      { page: 2, pageSize: 100 },
      { page: 3, pageSize: 100 },
      { page: 1, pageSize: 40, activeOnly: true },
      { page: 0, pageSize: 30, severities: ['P0', 'P1'] },
      { page: 0, pageSize: 60, severities: ['P0', 'P1', 'P2'], activeOnly: true },
    ];
    for (const query of queries) assert.deepEqual(await model.page(query), await server.page(query));
    for (const asked of [ids.slice(0, 3), ids.slice(5, 40), [ids[1]!, ABSENT, ids[9]!], [ABSENT]]) {
      assert.deepEqual(await model.read(asked), await server.read(asked));
    }
    assert.deepEqual((await model.read([ids[1]!, ABSENT])).missing, [ABSENT]);
  });
});
