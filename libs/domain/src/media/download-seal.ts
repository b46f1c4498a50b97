/** The place that a download token's seal is tied to. */
export function downloadSeal(messageId: string): string {
  return `media.download:${messageId}`;
}
