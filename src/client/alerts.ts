/** A message of the service to everybody who uses it: work on the system, an outage, a limit that is near. */
export interface SystemAlert {
  readonly id: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number;
  readonly severity: 'info' | 'warning' | 'critical';
  /** One line of at most 200 characters. */
  readonly title: string | undefined;
  /** At most 2,000 characters; `''` where the title says everything. */
  readonly text: string;
  /** It is shown no longer: somebody closed it, in whatever tab, or it is a day old. */
  readonly dismissed: boolean;
}
