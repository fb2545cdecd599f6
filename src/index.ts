/**
 * The elements, their events and the client, for bundlers. Importing it defines the tags where custom elements exist.
 */
import { defineElements } from './elements/define.ts';

defineElements();

export * from './client.ts';
export { clientContext, provideClient } from './context/client-context.ts';
export type { SharedClient } from './context/shared-client.ts';
export {
  XiansActionEvent,
  XiansFeedbackEvent,
  XiansPreChatEvent,
  XiansTopicChangedEvent,
  type ChatAction,
} from './elements/chat-events.ts';
export { availableLocales, type AvailableLocale } from './elements/available-locales.ts';
export type { ChatDisplay, ChatPosition } from './elements/chat-view-host.ts';
export { ConnectionStatusElement, type StatusDisplay } from './elements/connection-status.ts';
export { connectionWords, type ConnectionTone, type ConnectionWords } from './elements/connection-words.ts';
export { defineElements } from './elements/define.ts';
export {
  XiansAlertEvent,
  XiansClosedEvent,
  XiansErrorEvent,
  XiansMetricsEvent,
  XiansOpenedEvent,
  XiansStateChangedEvent,
  XiansUnreadChangedEvent,
} from './elements/events.ts';
export {
  XiansFeedStaleEvent,
  XiansIncidentReceivedEvent,
  XiansIncidentSelectedEvent,
  XiansIncidentUpdatedEvent,
} from './elements/feed-events.ts';
export {
  XiansBeforeSendEvent,
  XiansHandoffEvent,
  XiansMessageFailedEvent,
  XiansMessageQueuedEvent,
  XiansMessageReceivedEvent,
  XiansMessageSentEvent,
} from './elements/message-events.ts';
export { exportTranscript, type TranscriptFormat } from './elements/export-transcript.ts';
export { IncidentFeedElement } from './elements/incident-feed.ts';
export type { Language, OwnWords } from './elements/language.ts';
export { registerWords } from './elements/own-words.ts';
export { registerRenderer, type MessageRenderer, type RendererContext } from './elements/renderers.ts';
export { XiansChat } from './elements/xians-chat.ts';
export { XiansProvider } from './elements/xians-provider.ts';
