/** A message of the service to everybody who uses it: work on the system, an outage, a limit that is near. */
export interface SystemAlert {
  readonly id: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string | undefined;
  readonly text: string;
  /** Somebody closed it, in whatever tab. */
  readonly dismissed: boolean;
}
