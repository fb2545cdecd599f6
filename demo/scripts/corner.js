/** What the floating button must not lie over on a small screen: chats, switches, fields and copy buttons. */
const CROWDED = [
  '.hero-chat',
  '.card-live xians-chat',
  'incident-feed',
  '.incident-tools',
  '.bench',
  '.builder-columns',
  '.snippet figcaption',
];
/** Height of the strip at the lower edge that the button is in, and a little air: pixels. */
const STRIP = 84;
/** Height of a chat's heading, where there is nothing to press: pixels. */
const HEADING = 64;

/** Marks `bubble` as `aside` while something of the page that one can use is in its strip; sections.css hides it then. */
export function stepAside(bubble) {
  const crowded = [...document.querySelectorAll(CROWDED.join())];
  const update = () => {
    const isCrowded = crowded.some((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      const start = top + (element.matches('.hero-chat, xians-chat') ? HEADING : 0);
      return start < window.innerHeight && bottom > window.innerHeight - STRIP;
    });
    bubble.classList.toggle('aside', isCrowded);
  };
  window.addEventListener('scroll', update, { passive: true });
  window.addEventListener('resize', update);
  update();
}
