import { expect } from '@open-wc/testing';
import type { CSSResultGroup } from 'lit';
import { attachmentsStyles } from '../../src/elements/attachments-styles.ts';
import { chatFeedbackStyles } from '../../src/elements/chat-feedback-styles.ts';
import { launcherStyles } from '../../src/elements/chat-launcher-styles.ts';
import { chatStyles } from '../../src/elements/chat-styles.ts';
import { chatTopicsStyles } from '../../src/elements/chat-topics-styles.ts';
import { dataFormStyles } from '../../src/elements/data-form-styles.ts';
import { dataKindsStyles } from '../../src/elements/data-kinds-styles.ts';

const PARTS: readonly CSSResultGroup[] = [
  chatStyles,
  chatTopicsStyles,
  chatFeedbackStyles,
  launcherStyles,
  attachmentsStyles,
  dataFormStyles,
  dataKindsStyles,
];

interface Rule {
  readonly selector: string;
  readonly style: CSSStyleDeclaration;
  /** Conditions of the media queries that it stands in. */
  readonly media: string;
}

function* rulesOf(rules: CSSRuleList, media = ''): Generator<Rule> {
  for (const rule of rules) {
    if (rule instanceof CSSStyleRule) yield { selector: rule.selectorText, style: rule.style, media };
    if (rule instanceof CSSMediaRule) yield* rulesOf(rule.cssRules, `${media} ${rule.conditionText}`);
  }
}

/** The rules of a part as it is loaded. */
function* rulesIn(styles: CSSResultGroup): Generator<Rule> {
  for (const one of Array.isArray(styles) ? styles : [styles]) {
    if ('styleSheet' in one && one.styleSheet) yield* rulesOf(one.styleSheet.cssRules);
  }
}

describe('under a finger', () => {
  it('nothing looks hovered: that would stay after a tap', () => {
    const stuck = PARTS.flatMap((part) => [...rulesIn(part)])
      // What shows more of a thing while it is looked at may stay.
      .filter(({ selector }) => /:hover/.test(selector) && !/:(is|not)\(:hover/.test(selector))
      .filter(({ media }) => !media.includes('(hover: hover)'));
    expect(stuck.map(({ selector }) => selector)).to.deep.equal([]);
  });

  it('the main controls are 44 pixels high', () => {
    const coarse = PARTS.flatMap((part) => [...rulesIn(part)]).filter(({ media }) =>
      media.includes('(pointer: coarse)'),
    );
    for (const control of [
      '.header .tool.large',
      '.pill',
      '.rate',
      '.choice',
      '.topic .rename',
      '.preview .dismiss',
    ]) {
      const heights = coarse
        .filter(({ selector }) => selector.split(', ').includes(control))
        .map(({ style }) => parseFloat(style.blockSize || style.minBlockSize));
      expect(heights, control).to.deep.equal([44]);
    }
  });
});
