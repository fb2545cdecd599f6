// In a file of its own, so that it runs beside the first.
import { testSchedules } from './many.ts';

testSchedules(1_000, 1_000);
