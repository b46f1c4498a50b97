import { availableParallelism } from 'node:os';
import { median } from './statistics.mjs';
import { webhookFigures } from './webhooks.mjs';

const whole = (figure) => figure.toFixed(0);
const ratio = (figure) => figure.toFixed(2);
const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
const list = (figures) => figures.map(whole).join(' ');
const perSecond = (windows) => windows.map((window) => window.perSecond);

/** The tables that the run prints and the document keeps. */
export function tables(found) {
  const parts = [];
  if (found.sends) parts.push(sendsTable(found.sends), processorTable(found.sends));
  if (found.accepts) parts.push(acceptsTable(found.accepts));
  if (found.authenticated) parts.push(authenticatedTable(found.authenticated), loginTable(found.authenticated.login));
  if (found.hundred) parts.push(manyTable(found.hundred), manyProcessorTable(found.hundred));
  if (found.inbound) parts.push(inboundTable(found.inbound));
  if (found.inboundLoad) parts.push(inboundLoadTable(found.inboundLoad));
  if (found.webhooks) parts.push(webhooksTable(found.webhooks), webhookProcessorTable(found.webhooks));
  if (found.broadcast) parts.push(broadcastTable(found.broadcast));
  if (found.memory) parts.push(memoryTable(found.memory));
  if (found.cold) parts.push(coldTable(found.cold));
  return parts.join('\n\n');
}

function sendsTable({ byCount, files, bulk }) {
  const single = median(perSecond(byCount[0].waypost));
  const rows = byCount.map(({ count, bare, waypost }) => {
    const [ours, theirs] = [median(perSecond(waypost)), median(perSecond(bare))];
    return [
      String(count),
      whole(theirs),
      whole(ours),
      ratio(ours / theirs),
      list(perSecond(bare)),
      list(perSecond(waypost)),
    ];
  });
  const [alone, inBulk] = [median(perSecond(byCount[0].bare)), median(perSecond(bulk))];
  rows.push(['1, Waypost in bulk', whole(alone), whole(inBulk), ratio(inBulk / alone), '', list(perSecond(bulk))]);
  const onDisk = median(perSecond(files));
  rows.push([
    '1, bare keys in files',
    whole(onDisk),
    whole(single),
    ratio(single / onDisk),
    list(perSecond(files)),
    '',
  ]);
  return table(
    'Sends per second through the HTTP API against a bare Baileys loop',
    ['numbers', 'bare', 'Waypost', 'ratio', 'bare, each round', 'Waypost, each round'],
    rows,
  );
}

function manyTable({ count, bare, waypost, bulk }) {
  const alone = median(perSecond(bare));
  const row = (name, windows) => [
    name,
    whole(median(perSecond(windows))),
    ratio(median(perSecond(windows)) / alone),
    list(perSecond(windows)),
  ];
  return table(
    `Sends per second of ${count} numbers in one process`,
    ['side', 'per second', 'to bare', 'each round'],
    [row('bare sockets', bare), row('Waypost', waypost), row('Waypost in bulk', bulk)],
  );
}

const manyProcessorTable = ({ count, bare, waypost, bulk }) =>
  processorRows(`Processor time per message, ${count} numbers, milliseconds`, {
    bare,
    Waypost: waypost,
    'Waypost in bulk': bulk,
  });

const processorTable = ({ byCount: [one], bulk, files }) =>
  processorRows('Processor time per message, one number, milliseconds', {
    bare: one.bare,
    'bare keys in files': files,
    Waypost: one.waypost,
    'Waypost in bulk': bulk,
  });

/** Undefined where the system does not tell. */
function processorRows(title, measured) {
  const sides = Object.entries(measured).map(([side, windows]) => {
    return Object.keys(windows[0].processor).map((name) => [
      side,
      name,
      median(windows.map((window) => window.processor[name])).toFixed(2),
    ]);
  });
  return table(title, ['side', 'process', 'ms'], sides.flat());
}

function acceptsTable({ accept, express, insert }) {
  const ours = median(accept);
  const row = (name, figures) => [name, whole(median(figures)), ratio(ours / median(figures)), list(figures)];
  return table(
    'Accepted sends per second (wait 0, profile offline), each durable before its answer',
    ['what', 'per second', 'Waypost to this', 'each round'],
    [
      ['Waypost', whole(ours), '', list(accept)],
      row('bare Express handler, same body', express),
      row('bare durable inserts, one row each', insert),
    ],
  );
}

function authenticatedTable({ read, bareRead, write, bareWrite }) {
  const row = (name, ours, bare) => [
    name,
    whole(median(bare)),
    whole(median(ours)),
    ratio(median(ours) / median(bare)),
    list(bare),
    list(ours),
  ];
  return table(
    'Authenticated requests per second against a bare Express handler',
    ['what', 'bare', 'Waypost', 'ratio', 'bare, each round', 'Waypost, each round'],
    [row('read of one thing, warm', read, bareRead), row('durable write, with event and audit', write, bareWrite)],
  );
}

function loginTable({ alone, beside, loginsPerSecond }) {
  const row = (name, { p50, p99 }) => [name, p50.toFixed(1), p99.toFixed(1)];
  return table(
    `Latency of authenticated reads beside ${loginsPerSecond.toFixed(0)} log-ins a second (argon2id), milliseconds`,
    ['reads', 'p50', 'p99'],
    [row('alone', alone), row('beside log-ins', beside)],
  );
}

function inboundTable(found) {
  const row = (name, { p50, p99 }) => [name, whole(p50), whole(p99)];
  return table(
    `Inbound latency over ${found.messages} messages at a steady pace, milliseconds`,
    ['from → to', 'p50', 'p99'],
    [
      row('wire → stored', found.wireToStored),
      row('wire → webhook', found.wireToWebhook),
      row('intended moment → webhook', found.intendedToWebhook),
    ],
  );
}

function inboundLoadTable(found) {
  const [{ numbers }] = found;
  const rows = found.map(({ asked, perSecond, p50, p99, processor }) => [
    whole(asked),
    whole(perSecond),
    whole(p50),
    whole(p99),
    Object.entries(processor)
      .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
      .join(', '),
  ]);
  return table(
    `Inbound load to ${numbers} numbers, wire → stored`,
    ['a second asked', 'on the wire', 'p50 ms', 'p99 ms', 'processor time per message, ms'],
    rows,
  );
}

function webhooksTable(found) {
  const { raw, waypost, isolation } = found;
  const { alone, beside, ...rates } = webhookFigures(found);
  const delays = (windows) => windows.map(({ p99 }) => p99);
  return [
    table(
      'Webhook deliveries per second against raw signed POSTs',
      ['what', 'per second', 'to raw', 'each round'],
      [
        ['raw signed POSTs from memory', whole(rates.raw), '', list(perSecond(raw))],
        ['Waypost', whole(rates.waypost), ratio(rates.waypost / rates.raw), list(perSecond(waypost))],
      ],
    ),
    table(
      `Delay of good endpoints (${isolation.perSecond} events a second), p99 from event to arrival, milliseconds`,
      ['', 'p99', 'each round'],
      [
        ['alone', whole(alone), list(delays(isolation.alone))],
        [`beside ${isolation.endpoints} bad endpoints with a backlog`, whole(beside), list(delays(isolation.beside))],
      ],
    ),
  ].join('\n\n');
}

const webhookProcessorTable = ({ raw, waypost }) =>
  processorRows('Processor time per webhook delivery, milliseconds', { raw, Waypost: waypost });

function coldTable({ count, serving, first, all }) {
  return table(
    `Start from cold with ${count} linked numbers, seconds`,
    ['the api serves', 'the first number is connected', 'all are'],
    [[serving.toFixed(1), first.toFixed(1), all.toFixed(1)]],
  );
}

function memoryTable(figures) {
  const rows = figures.flatMap(({ count, bare, waypost }) => [
    [String(count), 'bare', kib(bare.heap), kib(bare.external), kib(bare.resident), whole(bare.process.rss / 2 ** 20)],
    [
      String(count),
      'Waypost engine',
      kib(waypost.heap),
      kib(waypost.external),
      kib(waypost.resident),
      whole(waypost.process.rss / 2 ** 20),
    ],
    [
      String(count),
      'above bare',
      kib(waypost.heap - bare.heap),
      kib(waypost.external - bare.external),
      kib(waypost.resident - bare.resident),
      '',
    ],
  ]);
  return table(
    'Memory per idle connected number, after full garbage collections',
    ['numbers', 'process', 'heap', 'outside the heap', 'resident', 'whole process, MiB resident'],
    rows,
  );
}

function broadcastTable({ lines, seconds, restingBytes, peakBytes, idle, beside, counts, processor }) {
  const mib = (bytes) => whole(bytes / 2 ** 20);
  const rows = [
    ['lines, of them left out', `${lines}, ${counts.excluded}`],
    ['seconds until all are written down', seconds.toFixed(1)],
    ['lines a second', whole(lines / seconds)],
    [
      'processor, worker and PostgreSQL, ms per 1000 lines',
      `${whole(processor.worker)}, ${whole(processor.PostgreSQL)}`,
    ],
    ['worker at rest, at its peak, MiB resident', `${mib(restingBytes)}, ${mib(peakBytes)}`],
    ['api, reads alone: p50, p99, ms', `${idle.p50.toFixed(1)}, ${idle.p99.toFixed(1)}`],
    ['api, reads beside it: p50, p99, ms', `${beside.p50.toFixed(1)}, ${beside.p99.toFixed(1)}`],
  ];
  return table('A broadcast to the lines of a file', ['', 'figure'], rows);
}

function table(title, head, rows) {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [`### ${title}`, '', line(head), rule, ...rows.map(line)].join('\n');
}

/** docs/benchmarks.md. */
export function document(found, machine) {
  return `# Benchmarks

Written by \`npm run bench -- --write\` on ${machine.date}. Figures of different machines, or of different days on one, say
nothing about each other: read the **ratios**, whose two sides ran in turns within this one run.

| | |
|---|---|
| processor | ${machine.processor} |
| memory | ${machine.memory} |
| system | ${machine.system} |
| Node | ${machine.node} |
| Baileys | ${machine.baileys} |
| PostgreSQL | ${machine.postgres}, embedded, as durable as it comes (fsync and synchronous commit on) |
| commit | ${machine.commit} |
| load average at start and end | ${found.load.map((figure) => figure.toFixed(1)).join(', ')} |

## Against the aims

${[...verdicts(found), ...disturbance(found.load[0], machine)].join('\n')}

## Figures

${tables(found)}

## Method

- The simulated WhatsApp network, the bare client, and the launcher, api, worker, engine and PostgreSQL of Waypost are
  processes of their own. All of them, and the load generator, share the cores named above: on a machine with few cores
  the ratio for sends is mostly the ratio of processor time, which is why that is listed by process.
- Sends: 16 under way for each number on both sides, to 32 recipients in turn with established sessions. The bare loop
  calls \`sendMessage\` with the keys in a \`Map\` and waits for the server's acknowledgement; nothing of it survives its end.
  Through Waypost each message is one \`POST /messages/text\`, which is answered when WhatsApp has acknowledged it; by then
  the message, its state and its events are committed to PostgreSQL. The Signal ratchets of sends are commits for their
  part, shared by those that are encrypted at the same moment, before the message leaves; the delivery receipts that come
  back are stored before they are acknowledged. Both are read by the same counter of the network, over windows of ${found.plan.windowMs / 1000} s after a ramp, ${found.plan.rounds} rounds in
  turns; medians count.
- "In bulk" is \`POST /bulk/send\` with a thousand messages at a time and no pause between them, against the same bare loop.
- "Bare keys in files" is the same bare loop with Baileys' own \`useMultiFileAuthState\`, what most bare programs use; it
  writes without fsync.
- Authenticated: 32 requests under way with API keys of 16 organizations, \`GET\` and \`PUT /workspaces/:id\`. Each request
  looks its credential up in the database, so that what was revoked is refused at once; "warm" means prepared statements
  and pages in memory. A write is committed with its event and its entry in the audit trail, both of which an organization
  writes one after another. Beside log-ins: 2 reads under way while 4 people log in all the time; argon2id runs on threads
  of its own, so reads wait for processor time but not for a hash.
- Accepts: 32 requests under way with \`wait: 0\` for a linked profile whose connection is off.
- Many numbers: sockets of the bare client in one process, against as many numbers in one engine process; 2
  under way for each, to 8 recipients. Each bare socket has an AsyncLocalStorage of its own, which makes every message
  dearer the more there are; Waypost replaces them by one.
- Inbound: ${found.plan.inbound.perSecond} messages a second from 10 contacts that encrypt for real, at moments fixed in advance (open model).
  "Wire" is when the network wrote the stanza, "stored" the time of the event in the log, "webhook" the arrival at a
  receiver on this machine. Under load: contacts that write at a pace of their own inside the network's process, to
  ${found.plan.inboundLoad.numbers} numbers, ${found.plan.inboundLoad.rates.join(', ')} a second in all. What they write is encrypted for real before the pace begins; the network's
  own part of the rest (frames, routing, receipts) is on the same cores.
- Webhooks: events written straight into the log for 4 profiles with 100 conversations each; planning, bodies, signatures,
  calls and records are counted, from the tenth to the ninetieth percent of the arrivals. The raw loop posts bodies of about
  the same size with the same signatures, 50 under way, from memory. The bad endpoints answer 500, redirect, cut the line,
  send a byte a second, hang or refuse, each with events that wait.
- Broadcasts: a CSV file with three columns, uploaded before; from the request that starts the broadcast until every line is
  a recipient, or left out with its reason. The api is asked for one thing 40 times a second (open model), before and
  beside it. The number pauses for an hour between two messages, so nothing else goes on.
- Memory: growth of the process that holds the sockets over its size with one number, by its inspector after forced
  collections. Resident size also holds what the allocators keep after the burst of pairings, on both sides. The bare
  client keeps its keys in memory, prekeys included; Waypost keeps the warm ones and the rest in PostgreSQL.
- From cold: the installation with those numbers is stopped and started as it comes, with the default pace of
  connections, from the start of the launcher to the last number connected.
`;
}

function verdicts({ sends, hundred, inboundLoad, webhooks, broadcast, memory, cold, load }) {
  const lines = [];
  const verdict = (isReached) => (isReached ? 'reached' : 'missed');
  if (sends) {
    const [{ bare, waypost }] = sends.byCount;
    const [ours, theirs, onDisk, inBulk] = [waypost, bare, sends.files, sends.bulk].map((each) =>
      median(perSecond(each)),
    );
    lines.push(
      `- One number end to end through HTTP, aim ≥ 0.85 of the bare loop with its keys in memory: **${ratio(ours / theirs)}**, ${verdict(ours / theirs >= 0.85)}; in bulk **${ratio(inBulk / theirs)}**. Against the bare loop with Baileys' own durable keys: **${ratio(ours / onDisk)}**, in bulk **${ratio(inBulk / onDisk)}**.${ours / theirs >= 0.85 ? '' : whyMissed(sends, load[0])}`,
    );
  }
  if (hundred) {
    const [ours, theirs, inBulk] = [hundred.waypost, hundred.bare, hundred.bulk].map((each) => median(perSecond(each)));
    lines.push(
      `- ${hundred.count} numbers, aim ≥ 0.8 of as many bare sockets in one process: **${ratio(ours / theirs)}** through HTTP, **${ratio(inBulk / theirs)}** in bulk, ${verdict(Math.max(ours, inBulk) / theirs >= 0.8)}.`,
    );
  }
  for (const { count, bare, waypost } of memory ?? []) {
    const above = (waypost.resident - bare.resident) / 2 ** 20;
    lines.push(
      `- Memory per idle number at ${count} numbers, aim ≤ 1 MB above bare without its pre-keys: **${above.toFixed(2)} MiB** resident, ${verdict(above <= 1)}.`,
    );
  }
  if (cold) {
    lines.push(
      `- ${cold.count} numbers from cold, aim ≤ 60 s: **${cold.all.toFixed(1)} s** from the start of the launcher, database and all, ${verdict(cold.all <= 60)}.`,
    );
  }
  if (webhooks) {
    const { raw, waypost, rawProcessor, processor, alone, beside } = webhookFigures(webhooks);
    lines.push(
      `- Webhooks, aim 4,000 deliveries a second on two cores: **${whole(waypost)}** a second, **${ratio(waypost / raw)}** of raw signed POSTs; a delivery costs ${processor.toFixed(2)} ms of processor time with the receiver's part, a raw one ${rawProcessor.toFixed(2)} ms.`,
      `- Bad endpoints, aim ≤ 10 % on the p99 of good ones: **${whole(alone)} ms** alone, **${whole(beside)} ms** beside them, ${verdict(beside <= 1.1 * alone)}.`,
    );
  }
  if (broadcast) {
    const { lines: count, seconds, peakBytes, idle, beside } = broadcast;
    const [peak, times] = [peakBytes / 2 ** 20, beside.p99 / idle.p99];
    lines.push(
      `- A broadcast to ${count} lines of a file, aim 1,000,000 within 30 s: **${seconds.toFixed(1)} s**, ${verdict((seconds * 1e6) / count <= 30)}; worker, aim ≤ 300 MB resident: **${whole(peak)} MiB**, ${verdict(peak <= 300)}; p99 of the api, aim within twice its idle value: **${ratio(times)}** times, ${verdict(times <= 2)}.`,
    );
  }
  if (inboundLoad) {
    const { asked, perSecond: pace, p99 } = inboundLoad.at(-1);
    const kept = inboundLoad.filter((each) => each.p99 <= 50 && each.perSecond >= 0.95 * each.asked).at(-1);
    lines.push(
      `- Inbound ${whole(pace)} a second, aim ${whole(asked)} a second stored with p99 ≤ 50 ms: p99 **${whole(p99)} ms**, ${verdict(kept?.asked === asked)}; it is kept at ${kept ? `**${whole(kept.asked)}** a second` : 'none of the paces that were tried'}.`,
    );
  }
  return lines;
}

function disturbance(load, { cores }) {
  if (load <= cores) return [];
  return [
    `- Other programs kept the machine busy while this ran (load average ${load.toFixed(1)} before it began, on ${cores} cores). That lowers every rate and lengthens every latency, p99 most; the ratios suffer less, because both sides took turns.`,
  ];
}

/** What the aim would leave for a message, when all cores did nothing else. */
function whyMissed({ byCount: [{ bare, waypost }] }, load) {
  const total = (windows) =>
    median(windows.map(({ processor }) => Object.values(processor).reduce((sum, each) => sum + each, 0)));
  const [ours, theirs] = [total(waypost), total(bare)];
  const cores = availableParallelism();
  const room = (cores * 1000) / (0.85 * median(perSecond(bare)));
  const cost = ` A message costs ${ours.toFixed(1)} ms of processor time over all processes, simulator and load generator included, against ${theirs.toFixed(1)} ms on the bare side.`;
  // Beside other programs the rate says nothing of how much there is to share.
  return load > cores ? cost : `${cost} At 0.85 of the bare rate ${cores} cores leave ${room.toFixed(1)} ms for it.`;
}
