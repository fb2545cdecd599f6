import { agentNameOf } from './agent-name.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { XiansErrorEvent } from './events.ts';
import type { TranscriptLook } from './export-transcript.ts';

/** What an export needs to know of a chat. */
export type TranscriptHost = Pick<ChatViewHost, 'agentName' | 'conversation' | 'language' | 'redactStep'> &
  EventTarget;

/** A transcript as `host` shows the conversation: its language, its names, and of steps no more than it shows. */
export function lookOf(host: TranscriptHost): TranscriptLook {
  return {
    language: host.language,
    nameOf: (workflowType) => agentNameOf(host, workflowType),
    redactStep: host.redactStep,
    report: (error) => host.dispatchEvent(new XiansErrorEvent(error)),
  };
}
