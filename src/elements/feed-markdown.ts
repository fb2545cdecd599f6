import type { Incident, IncidentDetails } from '../protocol/incident.ts';
import { severityName } from './feed-severity.ts';
import { isoTime } from './feed-time.ts';
import { sentence } from './feed-words.ts';

/**
 * An incident to be pasted where Markdown is understood. What it says is escaped: a title cannot make a link or a heading
 * there.
 */
export function incidentMarkdown(
  incident: Incident,
  details: IncidentDetails | undefined,
  link: string | undefined,
): string {
  const { id, title, description, severity, state, source, affectedResources, assignees, createdAt } =
    incident;
  const facts: (readonly [string, string | undefined])[] = [
    ['State', escape(sentence(state))],
    ['Source', escape(source)],
    ['Since', isoTime(createdAt)],
    ['Affected', affectedResources.map(code).join(', ')],
    ['Assigned to', assignees?.map(escape).join(', ')],
    ['Id', code(id)],
    ['Link', link && `<${link}>`],
  ];
  const timeline = details?.timeline?.map(
    ({ at, actor, type, description: text }) =>
      `- ${isoTime(at)} ${escape([actor, text || sentence(type)].filter(Boolean).join(': '))}`,
  );
  return [
    `### ${escape(`${severityName(severity)}: ${title}`)}`,
    facts.flatMap(([name, value]) => (value ? [`- **${name}:** ${value}`] : [])).join('\n'),
    description && fenced(description),
    timeline?.length ? `**Timeline**\n\n${timeline.join('\n')}` : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** `text` in one line, with all that Markdown gives a meaning to. */
function escape(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+.!|<>~&@:-]/g, '\\$&');
}

function code(text: string): string {
  return text.includes('`') ? escape(text) : `\`${text.replace(/\s+/g, ' ')}\``;
}

/** Between more backticks than there are in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
