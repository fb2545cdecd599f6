import { defineWords } from './words.ts';

/** What an agent does before it answers. */
export const progressWords = defineWords('progress', {
  thinking: 'Thinking…',
  usingTool: 'Using {tool}…',
  usingSomeTool: 'Using a tool…',
  workedFor: {
    one: 'Worked for {duration} · {count} step',
    other: 'Worked for {duration} · {count} steps',
  },
  worked: { one: 'Worked on it · {count} step', other: 'Worked on it · {count} steps' },
  unfinished: { one: 'No answer yet · {count} step', other: 'No answer yet · {count} steps' },
  failed: { one: '{count} failed', other: '{count} failed' },
  showAll: { one: 'Show all {count} steps', other: 'Show all {count} steps' },
  thought: 'Thought',
  tool: 'Tool',
  toolNamed: 'Tool {tool}',
  stepFailed: 'Failed',
  details: 'Details',
  data: 'Data of this step',
});
