/** What the page says: asked when it is opened, done when the button was pressed. */
export type OptOutPageState = 'asked' | 'out' | 'back' | 'unknown';

const words: Record<OptOutPageState, { title: string; text: string; button: string | null }> = {
  asked: {
    title: 'No more messages like this?',
    text: 'Press the button, and {who} sends you no more campaigns on WhatsApp. Answers to what you write still come.',
    button: 'Send me no more',
  },
  out: {
    title: 'Done',
    text: '{who} sends you no more campaigns on WhatsApp.',
    button: 'I want them again',
  },
  back: { title: 'Welcome back', text: '{who} may send you campaigns on WhatsApp again.', button: null },
  unknown: {
    title: 'This link does not work',
    text: 'It is not complete, or the sender is gone. Answer STOP to the message instead.',
    button: null,
  },
};

/**
 * A page of its own, in plain HTML without scripts: it opens on any phone, in light and dark, and with a screen reader.
 * What people press is a form, so that nothing happens by opening a link.
 * @param path where the form goes, from this page; null: to the page itself
 */
export function optOutPage(state: OptOutPageState, phoneNumber: string | null, path: string | null = null): string {
  const { title, text, button } = words[state];
  const who = phoneNumber === null ? 'this sender' : `+${phoneNumber}`;
  const sentence = text.replace('{who}', who);
  const action = path === null ? '' : ` action="${path}"`;
  const form = button === null ? '' : `<form method="post"${action}><button>${button}</button></form>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.125rem/1.5 system-ui,sans-serif;background:#f6f6f4;color:#1b1b1a}
main{max-width:26rem;margin:1.5rem;padding:2rem;border-radius:1rem;background:#fff}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 1.5rem}
button{width:100%;min-height:3rem;padding:.5rem 1rem;border:0;border-radius:.5rem;font:inherit;font-weight:600;background:#0b6b4f;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid #8ad6bd;outline-offset:2px}
@media (prefers-color-scheme:dark){body{background:#151514;color:#ececea}main{background:#232322}button{background:#2fae87;color:#08130f}}
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${sentence[0]!.toUpperCase()}${sentence.slice(1)}</p>
${form}
</main>
</body>
</html>
`;
}
