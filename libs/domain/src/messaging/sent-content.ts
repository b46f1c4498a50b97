import { interactiveText, type SendableContent } from '#engine';

/** What goes out for a content: for things to choose from with `fallback` their words as a text, for all others themselves. */
export function sentContent(content: SendableContent): SendableContent {
  if (!('fallback' in content) || !content.fallback) return content;
  const { mentions, forwardingScore, viewOnce, disappearsInSeconds } = content;
  return {
    kind: 'text',
    text: interactiveText(content),
    ...(mentions ? { mentions } : {}),
    ...(forwardingScore ? { forwardingScore } : {}),
    ...(viewOnce ? { viewOnce } : {}),
    ...(disappearsInSeconds ? { disappearsInSeconds } : {}),
  };
}
