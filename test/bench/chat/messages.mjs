// The same conversation for all: questions, and answers with Markdown, code and tables.

const START = Date.UTC(2026, 0, 1, 9);
const MINUTE = 60_000;

const ANSWERS = [
  (number) => `Answer **${number}** with *emphasis*, \`code\` and a [link](https://example.com/${number}).`,
  (number) =>
    `Two steps for ${number}:\n\n1. First **this**\n2. Then that\n   - with a detail\n   - and another`,
  (number) =>
    `Try this:\n\n\`\`\`js\nconst order = await find(${number});\nif (order.isLate) notify(order);\n\`\`\`\n\nIt tells the customer.`,
  (number) => `| Item | Count |\n| --- | ---: |\n| Chairs | ${number} |\n| Tables | ${number + 1} |`,
  (number) =>
    `Plain words for ${number}, as most answers are. The parcel left our warehouse this morning and should be with you within two days. If it is not, write to us again.`,
];

/** `count` messages, oldest first; every other one is the visitor's. */
export function conversation(count) {
  return Array.from({ length: count }, (_, index) => messageAt(index));
}

export function messageAt(index) {
  const own = index % 2 === 0;
  const answer = ANSWERS[((index - 1) / 2) % ANSWERS.length];
  return {
    id: `m${index}`,
    own,
    text: own ? `Question number ${index}, where is my order?` : answer(index),
    at: START + index * MINUTE,
  };
}

/** What is looked for to know that a message is there. */
export function markOf(index) {
  return index % 2 === 0 ? `Question number ${index},` : String(index);
}
