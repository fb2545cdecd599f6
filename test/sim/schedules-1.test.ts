import { testSchedules } from './many.ts';

testSchedules(0, 1_000);
