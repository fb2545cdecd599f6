/**
 * `npm run words`: every text in English, and what each language lacks, as JSON. `npm run words -- de` tells of one language
 * and gives only the texts that it lacks. Exits with 1 when something is wrong.
 */
import { faultsOf, locales, wordGroups } from './words.ts';

const [only] = process.argv.slice(2);
const groups = await wordGroups();
const all = await locales();
const chosen = [...all].filter(([tag]) => only === undefined || tag === only);
if (only !== undefined && chosen.length === 0) throw new Error(`src/locales/${only}.ts does not exist.`);

const faults = Object.fromEntries(chosen.map(([tag, locale]) => [tag, faultsOf(locale, groups)]));
const lacking = new Set(Object.values(faults).flatMap((list) => list.map(({ key }) => key)));
const english = Object.fromEntries(
  [...groups].map(([name, source]) => [
    name,
    Object.fromEntries(
      Object.entries(source).filter(([key]) => only === undefined || lacking.has(`${name}.${key}`)),
    ),
  ]),
);
console.log(JSON.stringify({ english, faults }, null, 2));
if (lacking.size > 0) process.exitCode = 1;
