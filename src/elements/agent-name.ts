import { workflowType } from '../protocol/workflow.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { chatWords } from './chat-words.ts';
import { harmlessName } from './harmless-name.ts';
import type { Language } from './language.ts';

type Named = Pick<ChatViewHost, 'agentName' | 'conversation' | 'language'>;

/** `Support Agent` of `Support Agent:Chat Flow`. */
export function agentName(workflowType: string, language: Language): string {
  return harmlessName(workflowType.split(':')[0] ?? '') || language.words(chatWords).agent;
}

/** Whether the conversation began with the workflow `type` (`Agent:Flow`): the page may have a name and picture for it. */
export function isFirstAgent({ conversation }: Pick<Named, 'conversation'>, type: string): boolean {
  return conversation?.workflowId === undefined || workflowType(conversation.workflowId) === type;
}

/** What an agent is called here: `agent-name` for the first of the conversation, for others the name of the workflow. */
export function agentNameOf(host: Named, type: string): string {
  const given = isFirstAgent(host, type) && harmlessName(host.agentName ?? '');
  return given || agentName(type, host.language);
}
