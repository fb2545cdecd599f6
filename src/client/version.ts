/** The version in package.json, for those who read reports. */
export const VERSION = '0.1.0';
