/** One gap: `node --import tsx test/sim/incidents/one.ts <seed>`. */
import { loadProduct } from '../product.ts';
import { drawGap } from './gap.ts';
import { playGap } from './play.ts';

const played = await playGap(await loadProduct(), drawGap(Number(process.argv[2])));
console.log(played);
