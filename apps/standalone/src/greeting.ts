import type { StandaloneFacts } from './standalone.js';

/** What a person sees when everything is up; `firstSteps` says how to begin. */
export function greeting(facts: StandaloneFacts, options: { firstSteps: boolean }): string {
  const lines = [
    '',
    'Waypost is ready.',
    '',
    `  API        ${facts.publicUrl}/api/v1`,
    `  Reference  ${facts.publicUrl}/api/docs`,
    `  Data       ${facts.dataDir}`,
  ];
  if (facts.sandboxControlUrl) {
    lines.push(`  Phones     ${facts.sandboxControlUrl} (simulated WhatsApp; no profile reaches the real one)`);
  }
  if (options.firstSteps) lines.push('', ...firstSteps(facts));
  lines.push('', 'Ctrl-C stops it.', '');
  return lines.join('\n');
}

function firstSteps(facts: StandaloneFacts): string[] {
  return [
    'Register the first user; the answer holds an access token:',
    '',
    `  curl -s ${facts.publicUrl}/api/v1/auth/register -H 'content-type: application/json' \\`,
    `    -d '{"email":"me@example.com","password":"choose-a-long-one","name":"Me","organizationName":"Mine"}'`,
    '',
    'README.md goes on from there to the first message.',
    facts.sandboxControlUrl
      ? 'Open the phones in a browser: they link profiles, and write and read as any contact.'
      : 'No phone at hand? `npm start -- --sandbox` brings a simulated WhatsApp, `npm run demo` shows it all.',
    `Keep a backup of ${facts.dataDir}/secrets.json: without it the stored WhatsApp credentials cannot be read.`,
  ];
}
