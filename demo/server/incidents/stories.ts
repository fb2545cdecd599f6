/** Who looks after incidents here. */
export const RESPONDERS = [
  'amara@acme.example',
  'bruno@acme.example',
  'chiyo@acme.example',
  'dilan@acme.example',
  'elif@acme.example',
  'on-call-platform',
  'on-call-payments',
] as const;

const REGIONS = ['eu-central', 'eu-west', 'us-east', 'us-west', 'ap-south'] as const;
const SERVICES = [
  'checkout',
  'payments',
  'search',
  'recommendations',
  'identity',
  'inventory',
  'notifications',
  'assistant',
  'embeddings',
  'prompt-router',
  'billing',
  'reporting',
] as const;

/** `{service}`, `{region}` and `{n}` are filled in. */
interface Story {
  type: string;
  source: string;
  /** Between which numbers `n` is. */
  n: readonly [least: number, most: number];
  title: string;
  description: string;
  resources: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    type: 'AVAILABILITY',
    source: 'synthetic-checks',
    n: [3, 14],
    title: '{service} answers 503 in {region}',
    description:
      'Checks from {n} places fail since the last deployment. The load balancer has no healthy target left.',
    resources: ['{service}-api', 'lb-{region}'],
  },
  {
    type: 'PERFORMANCE',
    source: 'latency-watch',
    n: [2, 12],
    title: '{service}: 95th percentile over {n} seconds',
    description: 'Requests wait for a connection of the pool. Throughput is as usual, so it is not the load.',
    resources: ['{service}-api', '{service}-db'],
  },
  {
    type: 'DATA',
    source: 'pipeline-monitor',
    n: [4, 55],
    title: 'Events of {service} arrive {n} minutes late',
    description: 'A partition of the stream has no consumer. Nothing is lost, but reports are behind.',
    resources: ['{service}-events', 'stream-{region}'],
  },
  {
    type: 'SECURITY',
    source: 'access-audit',
    n: [6, 80],
    title: 'Unusual sign-ins to {service} from {n} addresses',
    description:
      'Many failed attempts for few accounts, then some that succeeded. The sessions have been ended.',
    resources: ['{service}-auth'],
  },
  {
    type: 'INFRASTRUCTURE',
    source: 'node-exporter',
    n: [84, 99],
    title: 'Disk of {service} in {region} is {n} % full',
    description: 'Logs grow since rotation was switched off for a debugging session.',
    resources: ['{service}-node-{n}', 'volume-{region}-{n}'],
  },
  {
    type: 'APPLICATION',
    source: 'error-tracker',
    n: [2, 35],
    title: '{service} throws on {n} % of requests',
    description: 'A field that was always there is missing in orders from the partner import.',
    resources: ['{service}-api', '{service}-worker'],
  },
  {
    type: 'PERFORMANCE',
    source: 'model-gateway',
    n: [3, 20],
    title: 'Answers of the {service} model take {n} s longer',
    description: 'The queue before the accelerators in {region} grows. Shorter prompts are not affected.',
    resources: ['{service}-model', 'gpu-pool-{region}'],
  },
  {
    type: 'APPLICATION',
    source: 'quality-watch',
    n: [3, 18],
    title: 'More refusals than usual from {service}',
    description:
      'The share of declined answers rose by {n} points after the prompt was changed. Rolling it back is possible.',
    resources: ['{service}-prompt', 'prompt-router'],
  },
  {
    type: 'COMPLIANCE',
    source: 'policy-check',
    n: [26, 70],
    title: 'Backup of {service} is older than allowed',
    description:
      'The last complete backup is {n} hours old. The job ends without an error and without a file.',
    resources: ['{service}-db', 'backup-{region}'],
  },
  {
    type: 'AVAILABILITY',
    source: 'dns-watch',
    n: [2, 9],
    title: 'Names of {service} resolve slowly in {region}',
    description: 'One of three resolvers does not answer. Clients that ask it wait for {n} seconds.',
    resources: ['resolver-{region}'],
  },
  {
    type: 'INFRASTRUCTURE',
    source: 'cert-watch',
    n: [6, 71],
    title: 'Certificate of {service} expires in {n} hours',
    description: 'Renewal fails because the challenge cannot be reached from outside.',
    resources: ['{service}.acme.example'],
  },
  {
    type: 'DATA',
    source: 'consistency-check',
    n: [3, 900],
    title: '{n} rows differ between {service} and its replica',
    description:
      'The replica in {region} skipped a batch. Reads that must be right go to the primary for now.',
    resources: ['{service}-db', '{service}-replica-{region}'],
  },
];

const RESOLUTIONS = [
  ['Rolled back to the version before.', 'A change of yesterday’s deployment'],
  ['Restarted the workers one by one; the queue is empty again.', 'A leak of connections'],
  ['Added two nodes and moved the traffic back.', 'Less capacity than the load needs'],
  ['The provider has repaired it; we only had to wait.', 'A fault at the provider'],
  ['Corrected the configuration and put a check before it.', 'A typing error in the configuration'],
] as const;

/** An incident that could be real. `random` gives numbers from 0 to 1. */
export function tellIncident(random: () => number) {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const story = pick(STORIES);
  const [least, most] = story.n;
  const words = {
    service: pick(SERVICES),
    region: pick(REGIONS),
    n: String(least + Math.floor(random() * (most - least + 1))),
  };
  const fill = (text: string) =>
    text.replaceAll(/\{(service|region|n)\}/g, (_all, name: keyof typeof words) => words[name]);
  return {
    type: story.type,
    source: story.source,
    title: upperFirst(fill(story.title)),
    description: fill(story.description),
    affectedResources: story.resources.map(fill),
    labels: { region: words.region, service: words.service },
  };
}

export function tellResolution(random: () => number) {
  const [notes, rootCause] = RESOLUTIONS[Math.floor(random() * RESOLUTIONS.length)] ?? RESOLUTIONS[0];
  return { notes, rootCause };
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
