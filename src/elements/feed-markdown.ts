import type { Incident, IncidentDetails } from '../protocol/incident.ts';
import { severityName } from './feed-severity.ts';
import { isoTime } from './feed-time.ts';
import { detailsWords } from './feed-details-words.ts';
import { stateName } from './feed-names.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';

/**
 * An incident to be pasted where Markdown is understood. What it says is escaped: a title cannot make a link or a heading
 * there.
 */
export function incidentMarkdown(
  incident: Incident,
  details: IncidentDetails | undefined,
  link: string | undefined,
  language: Language,
): string {
  const words = language.words(detailsWords);
  const { state: stateLabel, source: sourceLabel } = language.words(feedSays);
  const { id, title, description, severity, state, source, affectedResources, assignees, createdAt } =
    incident;
  const facts: (readonly [string, string | undefined])[] = [
    [stateLabel, escape(stateName(state, language))],
    [sourceLabel, escape(source)],
    [words.created, isoTime(createdAt)],
    [words.resources, affectedResources.map(code).join(', ')],
    [words.assignees, assignees?.map(escape).join(', ')],
    [words.id, code(id)],
    [words.link, link && `<${link}>`],
  ];
  const timeline = details?.timeline?.map(
    ({ at, actor, type, description: text }) =>
      `- ${isoTime(at)} ${escape([actor, text || stateName(type, language)].filter(Boolean).join(': '))}`,
  );
  return [
    `### ${escape(`${severityName(severity, language)}: ${title}`)}`,
    facts.flatMap(([name, value]) => (value ? [`- **${name}:** ${value}`] : [])).join('\n'),
    description && fenced(description),
    timeline?.length ? `**${words.timeline}**\n\n${timeline.join('\n')}` : '',
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
