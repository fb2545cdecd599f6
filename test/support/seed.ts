/**
 * The seed of everything that tests draw, in every suite: the same for every change, so that a failure is the change's.
 * `SEED=n npm test` plays others; hunts (`npm run test:soak`, `test:kills` and the like) have seeds of their own.
 */
export const SEED = Number(process.env.SEED ?? 20_261_122);
