import { defineWords } from './words.ts';

/** The words of charts. */
export const chartWords = defineWords('chart', {
  bar: 'Bar chart',
  line: 'Line chart',
  pie: 'Pie chart',
  named: '{kind}: {title}',
  summary: {
    one: '{name}. {count} value, from {least} to {most}.',
    other: '{name}. {count} values, from {least} to {most}.',
  },
  amount: '{value} {unit}',
  share: '{value} ({percent})',
  point: '{label}: {values}',
  ofSeries: '{series} {value}',
  noValue: 'no value',
  other: 'Other',
  seriesNumber: 'Series {number}',
  values: 'Values as a table',
  label: 'Name',
  value: 'Value',
  fewer: 'Drawn from {shown} of {all} values.',
  notDrawn: { one: '{count} value cannot be drawn.', other: '{count} values cannot be drawn.' },
  notShown: { one: '{count} value is not shown here.', other: '{count} values are not shown here.' },
});
