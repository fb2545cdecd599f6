import type { Locale } from '../elements/locale.ts';

type Load = () => Promise<{ readonly default: Locale }>;

/** The languages beside English, by the tags that their files are named by. */
export const LOCALES: Readonly<Record<string, Load>> = {
  de: () => import('./de.ts'),
};
