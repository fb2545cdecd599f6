// @ts-check

/** How Lit makes its Trusted Types policy, while its module is evaluated. */
const CREATE = /\b(\w+)\?\1\.createPolicy\("lit-html"/;

/**
 * Rollup plugin: a copy of the library that finds `<xians-chat>` taken makes no Trusted Types policy. It draws nothing, for
 * the first copy's elements are used, and where a page allows each policy once (`trusted-types lit-html`) the attempt
 * would throw before any code of ours runs, and be reported as a violation. Fails the build if Lit no longer looks as
 * expected.
 *
 * @returns {import('rollup').Plugin}
 */
export function onePolicy() {
  let isMet = false;
  return {
    name: 'one-policy',
    transform(code, id) {
      if (!/lit-html[\\/]lit-html\.js$/.test(id)) return null;
      isMet = true;
      if (!CREATE.test(code)) this.error('Lit does not make its Trusted Types policy as expected.');
      const guard = '$1&&!customElements.get("xians-chat")?$1.createPolicy("lit-html"';
      return { code: code.replace(CREATE, guard), map: null };
    },
    buildEnd(error) {
      if (!error && !isMet) this.error('lit-html was not met, so its policy is made without asking.');
    },
  };
}
