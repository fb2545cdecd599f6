import type { ShowcaseEntry } from './showcase.ts';

const FENCE = '```';

/** Replies with what Markdown can say. */
export const textShowcase: Readonly<Record<string, ShowcaseEntry>> = {
  markdown: {
    about: 'Headings, lists, tasks, quotes, links',
    replies: [
      {
        text: [
          '## Moving in',
          'Your **new office** opens on *Monday*, not ~~Friday~~. Write to `facilities` with questions.',
          '',
          '- [x] Badge printed',
          '- [ ] Desk chosen',
          '   1. by the window',
          '   2. near the kitchen',
          '',
          '> Quiet hours are from one to two.',
          '> > Phones too.',
          '',
          '---',
          'The map is at [docs.acme.example](https://docs.acme.example/map); help is at https://help.acme.example.',
        ].join('\n'),
      },
    ],
  },
  'text-table': {
    about: 'A table of 300 rows, which can be copied',
    replies: [
      {
        text: [
          '| Sensor | Room | Degrees |',
          '| :--- | :---: | ---: |',
          ...Array.from(
            { length: 300 },
            (_, row) => `| S-${1000 + row} | ${1 + (row % 40)} | ${(18 + (row % 7) / 2).toFixed(1)} |`,
          ),
        ].join('\n'),
      },
    ],
  },
  code: {
    about: 'Code in several languages',
    replies: [
      {
        text: [
          'On the server:',
          `${FENCE}ts`,
          "import { createServer } from 'node:http';",
          '',
          '// Answers every request with the time.',
          'createServer((request, response) => response.end(`It is ${new Date().toISOString()} at ${request.url}`)).listen(8080);',
          FENCE,
          'In Python:',
          `${FENCE}python`,
          'def mean(values: list[float]) -> float:',
          '    """The arithmetic mean, 0 for none."""',
          '    return sum(values) / len(values) if values else 0.0',
          FENCE,
          'And what changed:',
          `${FENCE}diff`,
          '- retries: 3',
          '+ retries: 5',
          FENCE,
        ].join('\n'),
      },
    ],
  },
  maths: {
    about: 'Formulas',
    replies: [
      {
        text: [
          'The roots of $ax^2+bx+c=0$, which costs you neither $5 nor $6, are',
          '$$',
          'x_{1,2} = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}',
          '$$',
          'and the area below the bell curve is \\(\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}\\).',
        ].join('\n'),
      },
    ],
  },
  sources: {
    about: 'A reply that names what it is based on',
    replies: [
      {
        text: 'Returns are free for **30 days** [1]; after that we repair for five years [2]. Both hold for gifts [1, 3].',
        data: {
          citations: [
            {
              title: 'Terms of sale, section 4',
              url: 'https://docs.acme.example/terms#returns',
              snippet: 'The customer may return any item within 30 days of delivery, free of charge.',
            },
            { title: 'Warranty', url: 'https://docs.acme.example/warranty' },
            { title: 'Letter to all shops, March 2026' },
          ],
        },
      },
    ],
  },
  picture: {
    about: 'Pictures, shown where `image-origins` allows them',
    replies: [
      {
        text: 'Press this:\n\n![The Publish button in the top right corner](https://assets.acme.example/publish-button.png)',
      },
    ],
  },
};
