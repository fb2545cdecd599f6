/** `14:03`, with the day if it was another one. `at` is in milliseconds since 1970. */
export function when(at: number, language?: string): string {
  const today = new Date(at).toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(!today && { day: 'numeric', month: 'short' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(at);
}
